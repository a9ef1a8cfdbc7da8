"""What authorities write is published to the lake too: changed rows since the last time, appended (DESIGN.md).

The lake itself says how far it has come: each row carries the transaction that changed it, and a run takes what
changed in later transactions that are all over. So a crash between the two sides neither loses nor doubles a row.
"""

from collections.abc import Sequence
from typing import Any, cast

import asyncpg
import duckdb
import pyarrow as pa
import structlog
from arq import cron
from arq.typing import WorkerCoroutine

from schemas import statements
from store.lake import in_thread, sole_writer, transaction
from store.lake_worker import OUT_OF_REACH, Context, interrupted

_SQL = statements.load("exchange", "publishing")
_CREATION = ("create_schema", "create_exchanges", "create_events", "create_alerts", "create_controls", "create_newest")
#: Table of the lake, and what of Postgres is appended to it.
TABLES = {
    "exchange_version": "changed_exchanges",
    "exchange_event": "changed_events",
    "alert_version": "changed_alerts",
    "control": "changed_controls",
}
_log = structlog.get_logger("exchange")


async def publish(pool: asyncpg.Pool, connection: duckdb.DuckDBPyConnection) -> int:
    """Appends what changed to the lake; gives the rows, 0 at once if another process is changing the lake.

    Raises `duckdb.Error` and asyncpg's errors if either side is out of reach.
    """
    async with sole_writer(pool) as allowed:
        if not allowed:
            return 0
        reached = await in_thread(_reached, connection)
        changed = {
            table: await pool.fetch(_SQL[TABLES[table]], str(transaction_id))
            for table, transaction_id in reached.items()
        }
        if any(changed.values()):
            await in_thread(_append, connection, changed)
        return sum(map(len, changed.values()))


async def merge(pool: asyncpg.Pool, connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the many small files of the day into few."""
    async with sole_writer(pool) as allowed:
        if allowed:
            await in_thread(_merge, connection)


def crons() -> list[Any]:
    """Gives what the lake worker has to do for the exchange: publish every minute, merge every night."""
    return [
        cron(cast(WorkerCoroutine, publish_exchanges), second=45, run_at_startup=True, max_tries=1),
        cron(cast(WorkerCoroutine, merge_exchanges), hour=3, minute=20, max_tries=1, timeout=300),
    ]


async def publish_exchanges(context: Context) -> int:
    """Publishes what authorities have written (arq cron, every minute)."""
    try:
        rows = await publish(context["pool"], await context["open_lake"].get())
    except OUT_OF_REACH as error:
        return interrupted(context, "publish_exchanges", error)
    if rows:
        _log.info("exchanges_published", rows=rows)
    return rows


async def merge_exchanges(context: Context) -> None:
    """Merges the exchange's files (arq cron, every night)."""
    try:
        await merge(context["pool"], await context["open_lake"].get())
    except OUT_OF_REACH as error:
        interrupted(context, "merge_exchanges", error)


def _reached(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    with transaction(connection):
        for name in _CREATION:
            connection.execute(_SQL[name])
    reached = {}
    for table in TABLES:
        (transaction_id,) = connection.execute(_SQL["reached"].format(table=table)).fetchone() or (0,)
        reached[table] = transaction_id
    return reached


def _append(connection: duckdb.DuckDBPyConnection, changed: dict[str, Sequence[asyncpg.Record]]) -> None:
    with transaction(connection):
        for table, rows in changed.items():
            if rows:
                connection.register("changed", pa.Table.from_pylist([dict(row) for row in rows]))
                connection.execute(_SQL["append"].format(table=table))
                connection.unregister("changed")


def _merge(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        connection.execute(_SQL["merge"].format(table=table))
