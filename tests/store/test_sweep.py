"""Sweeping: what nobody needs goes, what anybody may need stays."""

import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import duckdb

from store.compact import Limits, compact
from store.publish import publish
from store.sweep import sweep
from tests.store.lake_builder import Fleet, Version, commit

NOW = timedelta(0)
HOUR = timedelta(hours=1)
MOVE_ALL = Limits(recent_rows_when_calm=1)


def _parquet(lake: Path) -> set[str]:
    return {str(path.relative_to(lake)) for path in lake.rglob("*.parquet")}


def _age(path: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


async def _compacted(pool: asyncpg.Pool, writer: duckdb.DuckDBPyConnection, lake: Path) -> set[str]:
    """Commits, publishes and compacts a batch; gives the files that it came in."""
    files = await commit(pool, lake, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    await publish(pool, writer, lake)
    while await compact(pool, writer, lake, MOVE_ALL) is not None:
        pass
    return {file.path for file in files}


async def test_files_that_were_compacted_away_are_deleted_after_their_grace(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    old = await _compacted(pool, lake_writer, lake_path)
    await sweep(pool, lake_writer)
    assert old <= _parquet(lake_path)
    await sweep(pool, lake_writer, grace=NOW)  # the snapshots that name them expire
    await sweep(pool, lake_writer, grace=NOW)
    assert not old & _parquet(lake_path)
    assert lake_writer.execute("SELECT count(*) FROM lake.declaration_version").fetchone() == (1,)
    assert await pool.fetchval("SELECT count(*) FROM lake_file") == 0


async def test_a_file_that_nothing_names_is_deleted_when_it_is_old(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    young, old = (lake_path / f"main/declaration_version_recent/{name}.parquet" for name in ("young", "old"))
    young.parent.mkdir(parents=True, exist_ok=True)
    for path in (young, old):
        path.write_bytes(b"PAR1")
    _age(old, 2)
    swept = await sweep(pool, lake_writer)
    assert swept is not None
    assert swept.orphans == 1
    assert (young.exists(), old.exists()) == (True, False)


async def test_a_committed_file_is_never_an_orphan_however_late_it_is_published(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    files = await commit(pool, lake_path, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    for file in files:
        _age(lake_path / file.path, 30)
    await pool.execute("UPDATE batch SET committed_at = now() - interval '30 hours'")
    await sweep(pool, lake_writer)
    assert {file.path for file in files} <= _parquet(lake_path)
    assert await publish(pool, lake_writer, lake_path) == 1


async def test_snapshots_expire_and_the_last_stays(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    for _ in range(5):
        await _compacted(pool, lake_writer, lake_path)
    swept = await sweep(pool, lake_writer, grace=NOW)
    assert swept is not None
    assert swept.snapshots > 5
    assert await pool.fetchval("SELECT count(*) FROM ducklake.ducklake_snapshot") == 1
    assert lake_writer.execute("SELECT count(*) FROM lake.declaration_version").fetchone() == (5,)


async def test_files_of_the_last_snapshot_stay_whatever_their_age(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    files = await commit(pool, lake_path, [Version(Fleet(uuid4(), ("PO 1AB23",)))])
    await publish(pool, lake_writer, lake_path)
    for file in files:
        _age(lake_path / file.path, 30)
    await sweep(pool, lake_writer, grace=NOW, orphan_age=HOUR)
    assert {file.path for file in files} <= _parquet(lake_path)
