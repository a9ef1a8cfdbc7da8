"""Sweeping: snapshots and files that no reader needs any more, and files that no snapshot ever named."""

from datetime import UTC, datetime, timedelta

import asyncpg
import duckdb
from msgspec import Struct

from schemas import statements
from store.lake import in_thread, sole_writer
from store.publish import mark_published

_CATALOG = statements.load("store", "lake_catalog")
_CHANGE = statements.load("store", "lake_change")

#: A reader's list of files is at most half a second old, and its slowest query some seconds.
GRACE = timedelta(minutes=10)
#: A drain writes its file before it commits; an hour later it has committed or it never will.
ORPHAN_AGE = timedelta(hours=1)


class Swept(Struct, frozen=True):
    """How many snapshots expired, files were deleted, and orphans were found."""

    snapshots: int
    files: int
    orphans: int


async def sweep(
    pool: asyncpg.Pool,
    connection: duckdb.DuckDBPyConnection,
    *,
    grace: timedelta = GRACE,
    orphan_age: timedelta = ORPHAN_AGE,
    clock_drift: timedelta = timedelta(0),
) -> Swept | None:
    """Expires snapshots older than `grace`, deletes the files that they left `grace` ago, and files nothing names.

    `clock_drift` is how far the clock has been set of late: everything may be younger by that than it seems.
    Gives None at once if another process is changing the lake. Raises `duckdb.Error` and asyncpg's errors if the
    catalog is out of reach.
    """
    async with sole_writer(pool) as allowed:
        if not allowed:
            return None
        await mark_published(pool)
        now = datetime.now(UTC) - clock_drift
        # A committed file waits for its publication outside the catalog: nothing as young as the oldest is touched.
        oldest = await pool.fetchval(_CATALOG["oldest_unpublished"]) or now
        swept = await in_thread(_sweep, connection, now - grace, min(now, oldest) - orphan_age)
        await pool.execute(_CATALOG["forget_files"], (grace + clock_drift).total_seconds())
        return swept


def _sweep(connection: duckdb.DuckDBPyConnection, before: datetime, orphans_before: datetime) -> Swept:
    return Swept(
        _count(connection, "expire", before),
        _count(connection, "clean_up", before),
        _count(connection, "drop_orphans", orphans_before),
    )


def _count(connection: duckdb.DuckDBPyConnection, statement: str, before: datetime) -> int:
    return len(connection.execute(_CHANGE[statement], {"before": before}).fetchall())
