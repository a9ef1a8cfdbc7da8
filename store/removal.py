"""Removal: declarations leave Postgres and the lake, bytes and all, and a certificate says how many and when.

By their clock 24 months after the end of the posting (Directive (EU) 2020/1057, Article 1(12) and domain.md 1.5,
2.4), or on order for one driver (GDPR, Article 17). The lake's files that held them are written anew without them,
older files are deleted, and the partitions of Postgres are rewritten, because deleted rows stay on disk till then.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import duckdb
import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from schemas import statements
from schemas.limits import LIMITS
from store.lake import in_thread, sole_writer, transaction
from store.publish import publish

_SQL = statements.load("store", "removal")
_CHANGE = statements.load("store", "lake_change")
PORTION = 50_000
#: Readers that hold the list of the old files get the new one within this time.
_READERS_SECONDS = 2.0


class Certificate(msgspec.Struct, rename="camel"):
    """Proof of a removal: `digest` is SHA-256 over the removed declarations' ids (16 bytes each) in order."""

    removal_id: int
    removed_at: datetime
    reason: str
    declarations: int
    versions: int
    digest: str


class StillUnpublishedError(Exception):
    """A batch waits for publication, so its file could still hold what is to be removed; try again."""


@dataclass(frozen=True, slots=True)
class DriverNamed:
    """A driver by licence number and birth date, or by the id under which an operator recorded it."""

    licence_number: str | None
    birth_date: date | None
    driver_id: UUID | None = None


async def remove_ended(
    pool: asyncpg.Pool, connection: duckdb.DuckDBPyConnection, lake: Path, today: date
) -> list[Certificate]:
    """Removes what ended longer ago than the retention allows, portion by portion; one certificate a portion."""
    before = _months_before(today, LIMITS.retention.months)
    certificates = []
    while ids := [row[0] for row in await pool.fetch(_SQL["ended_before"], before, PORTION)]:
        certificates.append(await _remove(pool, connection, lake, ids, f"posting ended before {before}"))
    return certificates


async def erase_driver(
    pool: asyncpg.Pool, connection: duckdb.DuckDBPyConnection, lake: Path, driver: DriverNamed
) -> list[Certificate]:
    """Removes every declaration of one driver, and what else is kept of the driver: the record, drafts, renewals,
    approvals that wait, hints.

    Raises `StillUnpublishedError` while the stores are not settled.
    """
    certificates = []
    named = (driver.licence_number, driver.birth_date, driver.driver_id)
    while ids := [row[0] for row in await pool.fetch(_SQL["of_driver"], *named, PORTION)]:
        certificates.append(await _remove(pool, connection, lake, ids, "erasure on order"))
    if await pool.fetchval(_SQL["delete_records"], *named):
        async with pool.acquire() as register:
            await _rewrite(register, ["driver", "draft", "approval", "hint"])
    return certificates


async def forget_journal(redis: Redis) -> None:
    """Has Redis write its append-only file anew: what it has handed over long ago is in the old one still.

    A Redis that does not allow it, as some that are hosted, does so by itself when the file has grown.
    """
    with suppress(ResponseError):
        await redis.bgrewriteaof()  # type: ignore[no-untyped-call]


async def _remove(
    pool: asyncpg.Pool, connection: duckdb.DuckDBPyConnection, lake: Path, ids: Sequence[UUID], reason: str
) -> Certificate:
    # The lake first: after a crash in between the next run finds the ids in Postgres still, and ends the work.
    await publish(pool, connection, lake)
    if await pool.fetchval(_SQL["is_unpublished"]):
        raise StillUnpublishedError
    async with sole_writer(pool) as allowed:
        if not allowed:
            raise StillUnpublishedError
        await in_thread(_remove_from_lake, connection, ids)
        await asyncio.sleep(_READERS_SECONDS)
        await in_thread(_forget_old_files, connection)
    partitions = [row["partition"] for row in await pool.fetch(_SQL["partitions"], ids)]
    async with pool.acquire() as register:
        async with register.transaction():
            versions = int((await register.execute(_SQL["delete_versions"], ids)).split()[-1])
            await register.execute(_SQL["delete_spans"], ids[0], ids[-1])
            await register.execute(_SQL["delete_copies"], ids)
            digest = hashlib.sha256(b"".join(one.bytes for one in ids)).digest()
            row = await register.fetchrow(_SQL["certify"], reason, len(ids), versions, digest)
        await _rewrite(register, partitions)
    assert row is not None
    return Certificate(row["removal_id"], row["removed_at"], reason, len(ids), versions, digest.hex())


async def _rewrite(register: asyncpg.Connection, partitions: list[str]) -> None:
    """Writes tables anew, and what keeps samples of them, so that no deleted row stays on disk."""
    await register.execute(_SQL["take_time"])
    await register.execute(_SQL["forget_bounds"])
    partitions = [*partitions, *(row["partition"] for row in await register.fetch(_SQL["with_samples"]))]
    for partition in partitions:
        await register.execute(_SQL["rewrite_partition"].format(partition=partition))
    await register.execute(_SQL["end_log_file"])
    await register.execute(_SQL["checkpoint"])


def _remove_from_lake(connection: duckdb.DuckDBPyConnection, ids: Sequence[UUID]) -> None:
    """Writes the files that hold some of `ids` anew without them, one level after the other."""
    named = {"ids": [str(one) for one in ids]}
    for table in ("declaration_version", "declaration_version_recent"):
        rows = connection.execute(_SQL["lake_files"].format(table=table), named).fetchall()
        held = {"files": [row[0] for row in rows]}
        if held["files"]:
            with transaction(connection):
                connection.execute(_SQL["keep_others"].format(table=table), named | held)
                connection.execute(_CHANGE["drop_files"].format(table=table), held)


def _forget_old_files(connection: duckdb.DuckDBPyConnection) -> None:
    now = {"before": datetime.now(UTC) + timedelta(seconds=1)}
    connection.execute(_CHANGE["expire"], now)
    connection.execute(_CHANGE["clean_up"], now)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))
