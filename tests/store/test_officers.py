import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from reports.officers import Officers
from reports.refusal import RefusedError
from store import officers, postgres
from store.officers import HostUnknownError, OfficerUnknownError


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_an_officer_has_one_host_state_and_a_token_kept_as_its_hash(connection: asyncpg.Connection):
    made = await officers.create_officer(connection, "Dupont", "fr")
    row = await connection.fetchrow("SELECT * FROM officer")
    assert made.token.startswith("rtpd_officer_")
    assert row["token_hash"] == hashlib.sha256(made.token.encode()).digest()
    assert (row["officer_id"], row["host"], row["name"]) == (made.officer_id, "FR", "Dupont")


async def test_the_unions_own_abbreviation_of_a_host_is_understood(connection: asyncpg.Connection):
    await officers.create_officer(connection, "Nikolaidis", "EL")
    assert [officer.host for officer in await officers.officers(connection, "EL")] == ["GR"]
    assert await officers.officers(connection, "FR") == []


async def test_a_state_to_which_nobody_is_posted_has_no_officers(connection: asyncpg.Connection):
    with pytest.raises(HostUnknownError, match="IS"):
        await officers.create_officer(connection, "Jónsdóttir", "IS")


async def test_a_revoked_token_cannot_be_revoked_twice(connection: asyncpg.Connection):
    made = await officers.create_officer(connection, "Dupont", "FR")
    await officers.revoke_officer(connection, made.officer_id)
    with pytest.raises(OfficerUnknownError):
        await officers.revoke_officer(connection, made.officer_id)


async def taken(database_url: str, token: str) -> bool:
    """Tells whether the officers' application takes a token, asked anew."""
    pool = await postgres.connect(database_url, largest=1)
    try:
        await Officers(pool).identify(f"Bearer {token}")
    except RefusedError:
        return False
    finally:
        await pool.close()
    return True


async def test_a_new_token_works_beside_the_one_before_for_as_long_as_is_said(
    connection: asyncpg.Connection, database_url: str
):
    first = await officers.create_officer(connection, "Dupont", "FR")
    second = await officers.rotate_officer(connection, first.officer_id, overlap=timedelta(hours=1))
    assert [await taken(database_url, made.token) for made in (first, second)] == [True, True]
    third = await officers.rotate_officer(connection, first.officer_id, overlap=timedelta(0))
    assert [await taken(database_url, made.token) for made in (first, second, third)] == [False, False, True]
    with pytest.raises(OfficerUnknownError):
        await officers.rotate_officer(connection, uuid4(), overlap=timedelta(0))


async def test_the_last_use_of_a_token_is_shown(connection: asyncpg.Connection, database_url: str):
    made = await officers.create_officer(connection, "Dupont", "FR")
    (before,) = await officers.officers(connection)
    assert await taken(database_url, made.token)
    (after,) = await officers.officers(connection)
    assert before.last_used_at is None
    assert after.last_used_at is not None
