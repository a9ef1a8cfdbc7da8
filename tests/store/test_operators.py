import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from redis.asyncio import Redis

from schemas.keys import REGISTRY_CHANNEL
from schemas.operator import Operator
from store import operators
from store.operator_import import import_operators
from store.operators import CredentialUnknownError, OperatorUnknownError


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


def operator(number: int, **values: str) -> Operator:
    fields = {"name": f"Trans {number}", "country": "PL", "licence_number": f"EU-TM/{number}"} | values
    return Operator(operator_id=str(UUID(int=number)), **fields)


def write(path: Path, *lines: Operator | bytes) -> Path:
    encoded = [line if isinstance(line, bytes) else msgspec.json.encode(line) for line in lines]
    path.write_bytes(b"".join(line + b"\n" for line in encoded))
    return path


async def test_a_key_is_shown_once_and_kept_as_its_hash(connection: asyncpg.Connection):
    operator_id = await operators.create_operator(connection, Operator(name="Nowak", country="EL"))
    made = await operators.create_credential(connection, operator_id, "tachograph office")
    row = await connection.fetchrow("SELECT * FROM credential JOIN operator USING (operator_id)")
    assert made.api_key.startswith("rtpd_live_")
    assert len(made.api_key) == len("rtpd_live_") + 43
    assert row["key_hash"] == hashlib.sha256(made.api_key.encode()).digest()
    assert (row["operator_id"], row["country"]) == (operator_id, "GR")
    listed = await operators.credentials_of(connection, operator_id)
    assert [(each.credential_id, each.name) for each in listed] == [(made.credential_id, "tachograph office")]
    assert made.api_key.encode() not in msgspec.json.encode(listed)


async def test_a_key_of_nobody_cannot_be_made(connection: asyncpg.Connection):
    with pytest.raises(OperatorUnknownError):
        await operators.create_credential(connection, uuid4(), "key")


async def test_a_revoked_key_works_no_longer_and_cannot_be_revoked_twice(connection: asyncpg.Connection):
    operator_id = await operators.create_operator(connection, operator(1))
    made = await operators.create_credential(connection, operator_id, "key")
    assert await operators.live_credentials_of(connection, operator_id) == [made.credential_id]
    await operators.revoke_credential(connection, made.credential_id)
    with pytest.raises(CredentialUnknownError):
        await operators.live_credentials_of(connection, operator_id)
    with pytest.raises(CredentialUnknownError):
        await operators.revoke_credential(connection, made.credential_id)


async def test_a_new_key_of_a_software_house_speaks_for_those_who_delegated_before(connection: asyncpg.Connection):
    house = await operators.create_operator(connection, operator(1))
    others = [await operators.create_operator(connection, operator(number)) for number in (2, 3)]
    first = await operators.create_credential(connection, house, "first")
    await operators.delegate(connection, first.credential_id, others)
    await operators.end_delegation(connection, first.credential_id, others[1])
    second = await operators.create_credential(connection, house, "second")
    spoken_for = await connection.fetch(
        "SELECT operator_id FROM delegation WHERE credential_id = $1", second.credential_id
    )
    assert [row["operator_id"] for row in spoken_for] == others[:1]


async def test_an_import_enters_updates_and_delegates(connection: asyncpg.Connection, tmp_path: Path):
    house = await operators.create_operator(connection, operator(1))
    key = await operators.create_credential(connection, house, "key")
    first = write(tmp_path / "first.ndjson", operator(2), operator(3, country="UK"))
    second = write(tmp_path / "second.ndjson", operator(3, name="Renamed"), operator(4), operator(4, city="Łódź"))
    one = await import_operators(connection, first, [key.credential_id])
    two = await import_operators(connection, second, [key.credential_id])
    assert (one.created, one.updated, two.created, two.updated, two.refused) == (2, 0, 1, 1, 0)
    rows = await connection.fetch("SELECT name, country, city FROM operator ORDER BY operator_id")
    assert [tuple(row) for row in rows] == [
        ("Trans 1", "PL", None),
        ("Trans 2", "PL", None),
        ("Renamed", "PL", None),
        ("Trans 4", "PL", "Łódź"),
    ]
    assert await connection.fetchval("SELECT count(*) FROM delegation") == 3


async def test_a_bad_line_keeps_no_other_out(connection: asyncpg.Connection, tmp_path: Path):
    bad = (
        b"{",
        b'{"operatorName":"x","operatorCountry":"PL"}',
        b'{"operatorId":"00000000-0000-0000-0000-00000000000x","operatorName":"x","operatorCountry":"PL"}',
    )
    path = write(
        tmp_path / "o.ndjson", operator(1), *bad, operator(2, name="nul\0"), operator(3, country="XX"), operator(4)
    )
    imported = await import_operators(connection, path)
    assert (imported.created, imported.refused) == (2, 5)
    assert [problem.line for problem in imported.problems] == [2, 3, 4, 5, 6]
    assert "operatorCountry" in imported.problems[-1].text


@pytest.mark.parametrize("separator", [",", ";"])
async def test_a_spreadsheet_saved_as_csv_is_read(connection: asyncpg.Connection, tmp_path: Path, separator: str):
    rows = [
        ("operatorId", "operatorName", "operatorCountry", "operatorLicenceNumber"),
        (str(UUID(int=7)), '"Müller ""Trans"""', "DE", ""),
        (str(UUID(int=8)), "nobody", "", ""),
    ]
    path = tmp_path / "operators.csv"
    path.write_text("".join(separator.join(row) + "\r\n" for row in rows), "utf-8-sig")
    imported = await import_operators(connection, path)
    assert (imported.created, [problem.line for problem in imported.problems]) == (1, [3])
    assert await connection.fetchval("SELECT name FROM operator") == 'Müller "Trans"'


async def test_progress_tells_how_much_was_read(connection: asyncpg.Connection, tmp_path: Path):
    path = write(tmp_path / "o.ndjson", *(operator(number) for number in range(100)))
    seen: list[tuple[int, float]] = []
    await import_operators(connection, path, progress=lambda imported, share: seen.append((imported.lines, share)))
    assert seen == [(100, 1.0)]


async def test_a_change_is_announced_to_intake(redis_url: str):
    changed = uuid4()
    async with Redis.from_url(redis_url) as redis, redis.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(REGISTRY_CHANNEL)
        await channel.get_message(timeout=1)
        await operators.announce(redis, changed)
        message = await channel.get_message(timeout=5)
    assert message["data"] == changed.bytes


async def test_without_redis_an_announcement_is_skipped():
    async with Redis.from_url("redis://127.0.0.1:1") as redis:
        await operators.announce(redis, uuid4())
