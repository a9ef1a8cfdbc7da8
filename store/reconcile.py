"""Reconciling: what was receipted, what Postgres has and what the lake has are the same, declaration by declaration.

Both stores are read in windows of ids and compared with all their columns, so memory stays bounded at any size.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import duckdb
import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from schemas import keys, statements
from schemas.identity import declaration_id, submission_of
from schemas.rows import DECLARATION_VERSION
from store.lake import open_lake
from store.postgres import POSTGRES_AWAY

_SQL = statements.load("store", "reconcile")
_READING = statements.load("store", "reading")
_COLUMNS = ", ".join(DECLARATION_VERSION.names)
_FIRST, _LAST = UUID(int=0), UUID(int=(1 << 128) - 1)
WINDOW_ROWS = 250_000
_RECEIPTS_AT_ONCE = 10_000


class UnsettledError(Exception):
    """Declarations still wait for storage or publication, so nothing can be compared yet."""

    def __init__(self, waiting: int, unpublished: int) -> None:
        super().__init__(f"{waiting} declarations wait for storage and {unpublished} batches for publication")
        self.waiting = waiting
        self.unpublished = unpublished


class _RefusedLine(msgspec.Struct):
    line: int


class _Receipt(msgspec.Struct, rename="camel"):
    """What reconciling reads of a receipt, be it of an upload or of a single submission."""

    submission_id: UUID | None = None
    accepted: int = 1
    problems: list[_RefusedLine] = []


class Difference(msgspec.Struct, rename="camel", omit_defaults=True):
    """One thing that is not the same on all sides."""

    kind: str
    id: str
    version: int | None = None
    detail: str | None = None


class Outcome(msgspec.Struct, rename="camel"):
    """What was compared, and the first differences of all `differing`."""

    receipts: int
    receipted: int
    stored: int
    published: int
    differing: int
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Sides:
    """Where the sides are."""

    database_url: str
    redis_url: str
    lake: str
    shards: int


async def settle(sides: Sides, seconds: float) -> None:
    """Waits until the journal is empty and all batches are published, also for servers that are away meanwhile.

    Raises `UnsettledError` after `seconds`, or what says that a server is still away then.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            waiting, unpublished = await _left(sides)
            if not waiting and not unpublished:
                return
            if time.monotonic() > until:
                raise UnsettledError(waiting, unpublished)
        except (RedisError, *POSTGRES_AWAY):
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.2)


async def _left(sides: Sides) -> tuple[int, int]:
    """Counts the declarations that wait for storage and the batches that wait for publication."""
    async with Redis.from_url(sides.redis_url) as redis:
        queued = [int(await redis.get(keys.queued(shard)) or 0) for shard in range(sides.shards)]
        frames = sum([await redis.xlen(keys.frames(shard)) for shard in range(sides.shards)])
    connection = await asyncpg.connect(sides.database_url)
    try:
        return max(frames, sum(queued)) if frames else 0, await connection.fetchval(_READING["unsettled_batches"])
    finally:
        await connection.close()


async def windows(database_url: str) -> list[tuple[UUID, UUID]]:
    """Cuts the ids that Postgres has into windows of some 250 000 versions; together they cover all ids."""
    connection = await asyncpg.connect(database_url)
    try:
        found, first = [], _FIRST
        while (end := await connection.fetchval(_READING["window_end"], first, WINDOW_ROWS)) is not None:
            found.append((first, end))
            first = end
        return [*found, (first, _LAST)]
    finally:
        await connection.close()


def compare(
    sides: Sides,
    cut: list[tuple[UUID, UUID]],
    receipts: Path | None,
    *,
    complete: bool,
    most: int,
    progress: Callable[[], None],
) -> Outcome:
    """Compares all sides, window by window; `progress` is called after each.

    With `complete` the file has every receipt there is: what is stored without one is a difference too. At most
    `most` differences are listed.
    """
    with open_lake(sides.database_url, sides.lake, memory_mb=400, threads=2, read_only=True) as connection:
        connection.execute(_SQL["attach"].format(database_url=sides.database_url.replace("'", "''")))
        connection.execute(_SQL["tables"])
        if receipts is not None:
            _load(connection, receipts)
        stored = published = 0
        for first, end in cut:
            bounds = {"columns": _COLUMNS, "first": first, "next": end}
            stored += _count(connection, _SQL["take_window"].format(**bounds))
            published += _count(connection, _SQL["take_lake_window"].format(**bounds))
            connection.execute(_SQL["compare_window"])
            connection.execute(_SQL["sum_window"])
            connection.execute(_SQL["refused_but_stored"])
            progress()
        connection.execute(_SQL["receipted_but_missing"])
        if complete:
            connection.execute(_SQL["stored_without_receipt"])
        totals = connection.execute(_SQL["totals"]).fetchone()
        assert totals is not None
        rows = connection.execute(_SQL["differences"], [most]).fetchall()
    return Outcome(
        totals[0],
        totals[1],
        stored,
        published,
        totals[2],
        [Difference(kind, str(name), version, detail) for kind, name, version, detail in rows],
    )


def _count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _load(connection: duckdb.DuckDBPyConnection, receipts: Path) -> None:
    for rows in _chunks(receipts):
        connection.executemany("INSERT INTO receipt VALUES (?, ?, ?)", rows)


def _chunks(receipts: Path) -> Iterator[list[tuple[UUID, int, list[UUID]]]]:
    decoder = msgspec.json.Decoder(_Receipt)
    rows: list[tuple[UUID, int, list[UUID]]] = []
    with receipts.open("rb") as file:
        for line in file:
            receipt = decoder.decode(line)
            if receipt.submission_id is None:
                continue
            submission = submission_of(receipt.submission_id)
            refused = [declaration_id(submission, found.line) for found in receipt.problems]
            rows.append((submission, receipt.accepted, refused))
            if len(rows) >= _RECEIPTS_AT_ONCE:
                yield rows
                rows = []
    if rows:
        yield rows
