"""Publication: each committed batch is in the lake once, whatever is killed."""

import asyncio
from pathlib import Path
from uuid import uuid4

import asyncpg
import duckdb
import pytest

from store.lake import open_lake, sole_writer
from store.publish import mark_published, publish
from tests.store.lake_builder import Fleet, Version, commit


def _count(connection: duckdb.DuckDBPyConnection, table: str = "declaration_version_recent") -> tuple[int, int]:
    ids = "declaration_id" if table.startswith("declaration") else "fleet_id"
    found = connection.execute(f"SELECT count(*), count(DISTINCT {ids}) FROM lake.{table}").fetchone()
    assert found is not None
    return found


async def _unpublished(pool: asyncpg.Pool) -> int:
    return await pool.fetchval("SELECT count(*) FROM batch WHERE published_at IS NULL")


async def test_a_committed_batch_becomes_part_of_the_lake(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23", "WA 12345"))
    await commit(pool, lake_path, [Version(fleet), Version(fleet)])
    assert await publish(pool, lake_writer, lake_path) == 2
    assert _count(lake_writer) == (2, 2)
    assert _count(lake_writer, "fleet_plate_recent") == (2, 1)
    assert await _unpublished(pool) == 0


async def test_what_is_published_keeps_every_value(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    version = Version(Fleet(uuid4(), ("PO 1AB23",)))
    await commit(pool, lake_path, [version])
    await publish(pool, lake_writer, lake_path)
    names = ["declaration_id", "operator_id", "fleet_id", "start_date", "accepted_at", "driver_last_name"]
    found = lake_writer.execute(f"SELECT {', '.join(names)} FROM lake.declaration_version_recent").fetchone()
    fleet = version.fleet
    expected = (version.declaration_id, fleet.operator_id, fleet.fleet_id, version.start, version.accepted_at, "Nowak")
    assert found == expected


async def test_publishing_again_changes_nothing(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    await commit(pool, lake_path, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    assert await publish(pool, lake_writer, lake_path) == 1
    assert await publish(pool, lake_writer, lake_path) == 0
    assert _count(lake_writer) == (1, 1)


async def test_a_crash_after_the_lake_has_the_files_doubles_nothing(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    await commit(pool, lake_path, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    await publish(pool, lake_writer, lake_path)
    await pool.execute("UPDATE batch SET published_at = NULL")
    assert await publish(pool, lake_writer, lake_path) == 1
    assert _count(lake_writer) == (1, 1)
    assert await _unpublished(pool) == 0


async def test_two_publishers_given_the_same_batch_cannot_both_add_it(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path, database_url: str
) -> None:
    files = await commit(pool, lake_path, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    paths = [str(lake_path / file.path) for file in files if file.lake_table == "declaration_version"]
    add = "CALL ducklake_add_data_files('lake', 'declaration_version_recent', $1)"
    with open_lake(database_url, lake_path) as other:
        other.execute("SET ducklake_max_retry_count = 2")
        other.begin()
        other.execute(add, [paths])
        await publish(pool, lake_writer, lake_path)
        with pytest.raises(duckdb.Error, match="lake_file_once"):
            other.commit()
    assert _count(lake_writer) == (1, 1)


async def test_a_batch_whose_file_is_lost_does_not_hold_up_the_others(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    lost = await commit(pool, lake_path, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    (lake_path / lost[0].path).unlink()
    await commit(pool, lake_path, [Version(Fleet(uuid4(), ("WA 12345",)))])
    assert await publish(pool, lake_writer, lake_path) == 1
    assert await _unpublished(pool) == 1


async def test_while_another_changes_the_lake_nothing_is_published(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    await commit(pool, lake_path, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    async with sole_writer(pool) as first, sole_writer(pool) as second:
        assert (first, second) == (True, False)
        assert await publish(pool, lake_writer, lake_path) == 0
    assert await publish(pool, lake_writer, lake_path) == 1


async def test_many_batches_go_in_one_snapshot(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23",))
    for _ in range(20):
        await commit(pool, lake_path, [Version(fleet)], [])
    before = await pool.fetchval("SELECT max(snapshot_id) FROM ducklake.ducklake_snapshot")
    assert await publish(pool, lake_writer, lake_path) == 20
    assert await pool.fetchval("SELECT max(snapshot_id) FROM ducklake.ducklake_snapshot") == before + 1


async def test_a_batch_without_files_counts_as_published(pool: asyncpg.Pool, lake_writer: object) -> None:
    await pool.execute("INSERT INTO batch (shard, rows) VALUES (0, 0)")
    await mark_published(pool)
    assert await _unpublished(pool) == 0


async def test_publishing_while_it_is_cancelled_leaves_all_or_nothing(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23",))
    for _ in range(30):
        await commit(pool, lake_path, [Version(fleet)], [])
    for delay in (0, 0.005, 0.01, 0.02, 0.04):
        running = asyncio.ensure_future(publish(pool, lake_writer, lake_path))
        await asyncio.wait([running], timeout=delay)
        running.cancel()
        await asyncio.wait([running])
        assert _count(lake_writer)[0] in (0, 30)
    await publish(pool, lake_writer, lake_path)
    assert _count(lake_writer) == (30, 30)
