"""All operators of a software house at once say what each of them says alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from ingest.delegated import _ROW, Delegated
from ingest.registry import Credential, Registry
from schemas import keys

_COUNTRIES = ("PL", "LT", "RO")
#: What an operator lent, by its number; the others lent what is usual.
_LENT: dict[int, dict[str, Any]] = {
    1: {"scopes": ["read"]},
    2: {"scopes": ["read", "submit", "administer"]},
    3: {"scopes": []},
    4: {"revoked": True},
    5: {"ends_in": "1 hour"},
    6: {"ends_in": "-1 hour"},
}


@pytest.fixture
async def operators(pool: asyncpg.Pool) -> list[UUID]:
    """Two hundred operators in the register."""
    ids = [uuid4() for _ in range(200)]
    rows = [(one, f"Operator {number}", _COUNTRIES[number % 3]) for number, one in enumerate(ids)]
    await pool.executemany("INSERT INTO operator (operator_id, name, country) VALUES ($1, $2, $3)", rows)
    return ids


@pytest.fixture
async def house(pool: asyncpg.Pool, operators: list[UUID]) -> Credential:
    """A key to which most of them delegated."""
    key = Credential(uuid4(), None, frozenset({"read", "submit"}), None)
    await pool.execute(
        "INSERT INTO credential (credential_id, key_hash, name) VALUES ($1, $2, 'house')",
        key.credential_id,
        key.credential_id.bytes,
    )
    for number, operator_id in enumerate(operators[:150]):
        lent = _LENT.get(number, {})
        await pool.execute(
            "INSERT INTO delegation (credential_id, operator_id, scopes, revoked_at, expires_at)"
            " VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END, now() + $5::text::interval)",
            key.credential_id,
            operator_id,
            lent.get("scopes", ["read", "submit"]),
            lent.get("revoked", False),
            lent.get("ends_in"),
        )
    return key


@pytest.fixture
async def registry(pool: asyncpg.Pool, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Registry]:
    """A registry that listens to what is announced, and takes a hundred operators for many."""
    monkeypatch.setattr("ingest.registry._MANY", 100)
    async with Redis.from_url(redis_url) as redis:
        registry = Registry(pool, redis)
        fresh = asyncio.create_task(registry.keep_fresh())
        yield registry
        fresh.cancel()
        await asyncio.wait([fresh])


async def test_many_asked_at_once_are_answered_as_each_alone(
    registry: Registry, house: Credential, operators: list[UUID]
) -> None:
    names = [*map(str, operators), str(uuid4()), "not an operator", str(operators[7]).upper()]
    alone: dict[str, object] = {}
    for name in names[:90]:
        alone |= await registry.cards(house, [name])
    assert not len(registry._houses[house.credential_id].operators)
    together = await registry.cards(house, names)
    assert len(registry._houses[house.credential_id].operators) == 150 - 5
    registry._houses.clear()
    for name in names:
        alone |= await registry.cards(house, [name])
    assert together == alone
    assert {number for number in range(8) if str(operators[number]) in together} == {0, 2, 5, 7}
    assert len(together) == 150 - 4 + 1


async def test_what_was_revoked_ends_when_it_is_announced(
    registry: Registry, house: Credential, operators: list[UUID], pool: asyncpg.Pool, redis_url: str
) -> None:
    names = list(map(str, operators))
    assert names[100] in await registry.cards(house, names)
    await pool.execute("UPDATE delegation SET revoked_at = now() WHERE operator_id = $1", operators[100])
    deadline = time.monotonic() + 10
    async with Redis.from_url(redis_url) as redis:
        while names[100] in await registry.cards(house, names):
            await redis.publish(keys.REGISTRY_CHANNEL, b"")
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)


async def test_while_postgres_is_away_what_is_known_stays_good(
    registry: Registry, house: Credential, operators: list[UUID], pool: asyncpg.Pool
) -> None:
    names = list(map(str, operators[10:150]))
    known = await registry.cards(house, names)
    registry._changed_at = time.monotonic()
    await pool.close()
    assert await registry.cards(house, names) == known


@given(
    st.lists(st.tuples(st.uuids(), st.sampled_from(_COUNTRIES)), max_size=40, unique_by=lambda row: row[0]), st.data()
)
def test_an_id_is_found_if_it_is_one_of_them_in_its_usual_spelling(
    rows: list[tuple[UUID, str]], data: st.DataObject
) -> None:
    packed = b"".join(bytes(6) + one.bytes + bytes(4) + country.encode() for one, country in rows)
    among = Delegated(np.frombuffer(packed, _ROW))
    spelled = st.sampled_from([one for one, _ in rows] or [uuid4()]).flatmap(
        lambda one: st.sampled_from([str(one), str(one).upper(), one.hex, f"{{{one}}}", f" {str(one)[1:]}", f"{one}0"])
    )
    names = data.draw(st.lists(spelled | st.uuids().map(str) | st.text(max_size=40), max_size=10))
    told = {str(one): country for one, country in rows}
    found = among.cards(names)
    assert {name: card.country for name, card in found.items()} == {
        name: told[name.lower()] for name in names if name.lower() in told
    }
    assert all(card.operator_id == UUID(name).bytes for name, card in found.items())
