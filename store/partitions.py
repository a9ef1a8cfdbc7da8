"""Partitions of declaration_version: one a month, made ahead, bounded by the ids that its moments make."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from schemas import statements

_SQL = statements.load("store", "partitions")
MONTHS_AHEAD = 3


def month_after(month: datetime, months: int) -> datetime:
    """Gives the first moment of the month that lies `months` after (or before) that of `month`, in UTC."""
    year, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return datetime(year, index + 1, 1, tzinfo=UTC)


def least_id(moment: datetime) -> UUID:
    """Gives the least UUIDv7 of a moment: what is made at or after it sorts at or after this."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


async def add_partitions(connection: asyncpg.Connection, today: datetime) -> list[str]:
    """Adds the partitions of last month, this month and the months ahead; returns those that are new.

    A partition that the default one already holds rows of is left to the default: nothing is moved.
    """
    existing = {row["relname"] for row in await connection.fetch(_SQL["existing"])}
    added = []
    for offset in range(-1, MONTHS_AHEAD + 1):
        month = month_after(today, offset)
        name = f"declaration_version_{month:%Y_%m}"
        if name in existing:
            continue
        bounds = {"first_id": least_id(month), "next_id": least_id(month_after(month, 1))}
        try:
            await connection.execute(_SQL["create"].format(partition=name, **bounds))
            await connection.execute(_SQL["spare"].format(partition=name))
        except (asyncpg.CheckViolationError, asyncpg.DuplicateTableError):
            await asyncio.sleep(0)  # another worker was first, or rows of the month lie in the default
        else:
            added.append(name)
    return added
