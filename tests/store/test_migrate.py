"""A database is brought to this release's schema once, whoever comes first, and never behind one's back."""

import asyncio
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from store.migrate import ChangedMigrationError, NewerDatabaseError, migrate, migrations

FIRST = {"0001_a.sql": "CREATE TABLE service_key (name text PRIMARY KEY, value bytea); CREATE TABLE a (n int);"}
SECOND = FIRST | {"0002_b.sql": "CREATE TABLE b (n int); INSERT INTO b VALUES (1);"}


@pytest.fixture
def empty_url(database_url: str) -> str:
    """The address of a database that does not exist yet."""
    address = urlsplit(database_url)
    return urlunsplit(address._replace(path=f"{address.path}_empty"))


async def rows(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def test_a_missing_database_is_created_and_migrated(empty_url: str) -> None:
    assert await migrate(empty_url) == list(migrations())
    assert await rows(empty_url, "SELECT count(*) FROM declaration_version")


async def test_a_second_run_applies_nothing_and_keeps_the_secrets(empty_url: str) -> None:
    await migrate(empty_url)
    secrets = await rows(empty_url, "SELECT name, value FROM service_key ORDER BY name")
    assert await migrate(empty_url) == []
    assert await rows(empty_url, "SELECT name, value FROM service_key ORDER BY name") == secrets
    assert [(row["name"], len(row["value"])) for row in secrets] == [("issuer", 32), ("number", 32), ("receipt", 32)]


async def test_several_at_once_apply_each_migration_once(empty_url: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_url, SECOND) for _ in range(5)))
    assert sorted(name for names in applied for name in names) == list(SECOND)
    assert await rows(empty_url, "SELECT n FROM b") == [(1,)]


async def test_a_new_migration_is_added_to_those_applied(empty_url: str) -> None:
    assert await migrate(empty_url, FIRST) == ["0001_a.sql"]
    assert await migrate(empty_url, SECOND) == ["0002_b.sql"]


async def test_a_migration_that_fails_leaves_nothing_of_itself(empty_url: str) -> None:
    broken = FIRST | {"0002_b.sql": "CREATE TABLE b (n int); SELECT no_such_function();"}
    with pytest.raises(asyncpg.UndefinedFunctionError):
        await migrate(empty_url, broken)
    assert await rows(empty_url, "SELECT name FROM migration") == [("0001_a.sql",)]
    assert await rows(empty_url, "SELECT to_regclass('b')") == [(None,)]


async def test_a_changed_migration_is_refused(empty_url: str) -> None:
    await migrate(empty_url, FIRST)
    changed = {name: text + " -- changed" for name, text in FIRST.items()}
    with pytest.raises(ChangedMigrationError, match="0001_a"):
        await migrate(empty_url, changed)


async def test_a_database_of_a_newer_release_is_refused(empty_url: str) -> None:
    await migrate(empty_url, SECOND)
    with pytest.raises(NewerDatabaseError, match="0002_b"):
        await migrate(empty_url, FIRST)


def test_no_two_migrations_have_one_number() -> None:
    numbers = [int(name.partition("_")[0]) for name in migrations()]
    assert len(set(numbers)) == len(numbers)
