"""The lake itself: made once, opened without a network."""

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import asyncpg
import duckdb
import pytest

from store.compact import Limits, compact
from store.lake import TABLES, create_lake, lock_down, open_lake, reason
from store.publish import publish
from tests.store.lake_builder import Fleet, Version, commit


async def test_both_levels_have_the_columns_of_the_contract(lake_writer: duckdb.DuckDBPyConnection) -> None:
    for name, table in TABLES.items():
        columns = [row[0] for row in lake_writer.execute(f"DESCRIBE lake.{name}_recent").fetchall()]
        assert columns == table.shape.names
        assert [row[0] for row in lake_writer.execute(f"DESCRIBE lake.{name}").fetchall()] == ["bucket", *columns]


async def test_a_lake_is_made_once_whoever_comes(database_url: str, lake: str, pool: asyncpg.Pool) -> None:
    await pool.execute("DROP SCHEMA ducklake CASCADE")  # the tests' databases come with a lake
    await asyncio.gather(create_lake(database_url, lake), create_lake(database_url, lake))
    first = await pool.fetchval("SELECT max(schema_version) FROM ducklake.ducklake_snapshot")
    await create_lake(database_url, lake)
    assert await pool.fetchval("SELECT max(schema_version) FROM ducklake.ducklake_snapshot") == first


async def test_a_lake_of_an_older_release_gets_the_columns_it_lacks(
    pool: asyncpg.Pool, database_url: str, lake_path: Path
) -> None:
    await create_lake(database_url, lake_path)
    version = Version(Fleet(uuid4(), ("PO 1AB23",)))
    with open_lake(database_url, lake_path) as connection:
        for level in ("declaration_version", "declaration_version_recent"):
            connection.execute(f"ALTER TABLE lake.{level} DROP COLUMN external_reference")
    await create_lake(database_url, lake_path)
    with open_lake(database_url, lake_path) as connection:
        await commit(pool, lake_path, [version])
        await publish(pool, connection, lake_path)
        await compact(pool, connection, lake_path, Limits(recent_rows_when_calm=1))
        found = connection.execute("SELECT declaration_id, external_reference FROM lake.declaration_version")
        assert found.fetchall() == [(version.declaration_id, None)]


async def test_a_locked_lake_reads_its_folder_and_nothing_else(
    database_url: str, lake_path: Path, lake_writer: duckdb.DuckDBPyConnection
) -> None:
    with open_lake(database_url, lake_path, read_only=True) as locked:
        lock_down(locked, lake_path)
        assert locked.execute("SELECT count(*) FROM lake.declaration_version").fetchone() == (0,)
        for statement in (
            "SELECT * FROM read_text('/etc/hostname')",
            "SET threads = 2",
            "INSTALL spatial",
            f"COPY (SELECT 1) TO '{lake_path.parent}/out.csv'",
            "DELETE FROM lake.declaration_version",
        ):
            with pytest.raises(duckdb.Error):
                locked.execute(statement)


async def test_the_lake_opens_for_a_user_whose_home_cannot_be_written(
    database_url: str, lake_path: Path, lake_writer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/proc/no-home")
    with open_lake(database_url, lake_path) as connection:
        assert connection.execute("SELECT count(*) FROM lake.fleet_plate").fetchone() == (0,)


async def test_a_lake_may_be_moved_to_another_folder(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path, database_url: str
) -> None:
    version = Version(Fleet(uuid4(), ("PO 1AB23",)))
    await commit(pool, lake_path, [version])
    await publish(pool, lake_writer, lake_path)
    moved = lake_path.with_name("moved")
    os.rename(lake_path, moved)
    with open_lake(database_url, moved) as connection:
        found = connection.execute("SELECT declaration_id FROM lake.declaration_version_recent").fetchall()
    assert found == [(version.declaration_id,)]


def test_the_reason_of_an_error_is_its_first_line() -> None:
    assert reason(duckdb.Error("Failed to commit\nINSERT ... 'Nowak'")) == "Failed to commit"
