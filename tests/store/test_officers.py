import hashlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from store import officers
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
