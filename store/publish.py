"""Publication: the files of committed batches become part of the lake, each exactly once (DESIGN.md, step 4).

The files join in one DuckLake transaction, and the catalog's own list of files is the watermark: a batch is marked
as published when the catalog has its files. So a crash between the two commits is made good by the next run, and a
unique index on that list keeps two publishers from adding one file twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import duckdb
import structlog

from schemas import statements
from schemas.failpoints import failpoint
from store.lake import in_thread, reason, sole_writer, transaction

_CATALOG = statements.load("store", "lake_catalog")
_CHANGE = statements.load("store", "lake_change")
_log = structlog.get_logger("publish")

MOST_BATCHES = 500
#: A publication costs as much for one file as for many: so many rows may wait, so long, for more to come.
_MANY_ROWS = 5_000
_MANY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A Parquet file of a committed batch: its table, and its path below the lake's folder."""

    batch_id: int
    lake_table: str
    path: str


async def is_due(pool: asyncpg.Pool) -> bool:
    """Says whether something waits and need not wait for more: little is published at once, much comes together."""
    waiting = await pool.fetchrow(_CATALOG["waiting"])
    much = waiting["rows"] >= _MANY_ROWS
    return bool(waiting["batches"]) and (not much or not 0 <= waiting["seconds"] < _MANY_SECONDS)


async def publish(pool: asyncpg.Pool, connection: duckdb.DuckDBPyConnection, lake: Path) -> int:
    """Adds what waits to the lake; returns the rows that became published.

    Gives 0 at once if another process is changing the lake. A batch whose file cannot be added is logged and
    does not hold up the others. Raises `duckdb.Error` and asyncpg's errors if the catalog is out of reach.
    """
    async with sole_writer(pool) as allowed:
        if not allowed:
            return 0
        rows = await mark_published(pool)
        waiting = [WaitingFile(*row) for row in await pool.fetch(_CATALOG["unpublished"], MOST_BATCHES)]
        if waiting:
            await in_thread(_publish, connection, lake, waiting)
            failpoint("publish.before_mark")
            rows += await mark_published(pool)
        return rows


async def mark_published(pool: asyncpg.Pool) -> int:
    """Marks the batches whose files the catalog has; returns their rows."""
    return sum(row["rows"] for row in await pool.fetch(_CATALOG["mark_published"]))


def _publish(connection: duckdb.DuckDBPyConnection, lake: Path, waiting: Sequence[WaitingFile]) -> None:
    try:
        _add(connection, lake, waiting)
    except duckdb.Error:
        for batch_id in dict.fromkeys(file.batch_id for file in waiting):
            try:
                _add(connection, lake, [file for file in waiting if file.batch_id == batch_id])
            except duckdb.Error as error:
                _log.error("batch_not_published", batch_id=batch_id, reason=reason(error))


def _add(connection: duckdb.DuckDBPyConnection, lake: Path, waiting: Iterable[WaitingFile]) -> None:
    by_table: dict[str, list[str]] = {}
    for file in waiting:
        by_table.setdefault(file.lake_table, []).append(str(lake / file.path))
    with transaction(connection):
        for table, paths in by_table.items():
            connection.execute(_CHANGE["add_files"].format(table=f"{table}_recent"), {"files": paths})
        failpoint("publish.before_commit")
