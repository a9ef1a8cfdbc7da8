"""Republication: the lake's declarations made anew from Postgres, when files were damaged or the catalog went back.

Postgres is the system of record; whatever happened to the lake, this heals it. Look-ups see the old lake until the
new one is committed. Drains wait meanwhile, intake goes on. A crash in the middle leaves the old lake.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import asyncpg

from schemas import statements
from store.buckets import BUCKETS
from store.lake import TABLES, make_table, open_lake, sole_writer, transaction
from store.publish import publish
from store.reconcile import windows

_SQL = statements.load("store", "republish")


class LakeBusyError(Exception):
    """Another process is changing the lake; stop the lake worker or try again."""


async def republish(
    database_url: str, lake: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> None:
    """Makes the lake's declarations and plates anew from Postgres.

    `progress` is told the portions done and in all. Raises `LakeBusyError` if another process is changing the
    lake, `duckdb.Error` and asyncpg's errors if a store is out of reach; then the lake is as it was.
    """
    async with asyncpg.create_pool(database_url, min_size=0, max_size=4) as pool:
        with open_lake(database_url, lake) as connection:
            await publish(pool, connection, lake)  # what can be published is, so that little is left to mark
        async with sole_writer(pool) as allowed:
            if not allowed:
                raise LakeBusyError
            async with pool.acquire() as register, register.transaction():
                await register.execute(_SQL["hold_batches"])
                unpublished = [row["batch_id"] for row in await register.fetch(_SQL["unpublished"])]
                cut = await windows(database_url)
                await asyncio.to_thread(_make_anew, database_url, lake, cut, progress)
                await register.execute(_SQL["mark"], unpublished)


def _make_anew(
    database_url: str, lake: Path, cut: list[tuple[UUID, UUID]], progress: Callable[[int, int], None]
) -> None:
    with open_lake(database_url, lake, memory_mb=400) as connection:
        connection.execute(_SQL["attach"].format(database_url=database_url.replace("'", "''")))
        with transaction(connection):
            for table in TABLES.values():
                for name in (table.name, f"{table.name}_recent"):
                    connection.execute(_SQL["drop_table"].format(table=name))
                make_table(connection, table)
            for done, (first, end) in enumerate(cut):
                progress(done, len(cut) + 1)
                connection.execute(_SQL["declarations"].format(buckets=BUCKETS, first=first, next=end))
            connection.execute(_SQL["fleets"].format(buckets=BUCKETS))
        progress(len(cut) + 1, len(cut) + 1)
