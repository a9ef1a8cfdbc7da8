"""The lake as a look-up needs it: which files to read, and what is held in memory.

The catalog and the drains' ledger are asked twice a second whether something changed, and only then for the files.
Large files of level 1 are picked by bucket and read directly; small ones are in memory (reports/recent.py).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import structlog

from reports.keys import FileKeys, key_number
from reports.literals import literals
from reports.readers import Readers
from reports.recent import DataFile, Recent, RecentState
from schemas import statements
from store.buckets import buckets_of
from store.lake import TABLES, reason

_SQL = statements.load("reports", "files")
_SOURCES = statements.load("reports", "lookup_sources")
_log = structlog.get_logger("reports")

REFRESH_SECONDS = 0.4


class LakeUnreadError(Exception):
    """The lake has not been read yet."""


@dataclass(frozen=True, slots=True)
class TableFiles:
    """Where one table's rows are at one snapshot: large files by bucket, and what is in memory."""

    table: str
    snapshot: int
    buckets: Mapping[int, tuple[str, ...]]
    has_deletes: bool
    recent: RecentState
    keys: FileKeys

    def rows(self, key: str, held: Iterable[int] = ()) -> str | None:
        """Gives, as a FROM, the rows of a key's bucket that are not in memory and those of the `held` files.

        The key is a plate's or an operator's id (store/buckets.py). Gives None if there is no file to read.
        A table with deleted rows is read through the catalog, which knows which they are.
        """
        files = [*self.recent.unheld, *(self.recent.held[number] for number in held)]
        if not self.has_deletes:
            files += self.large([key])
            return _SOURCES["files"].format(files=literals(files)) if files else None
        source = _SOURCES["catalog_and_files" if files else "catalog"]
        return source.format(table=self.table, snapshot=self.snapshot, buckets=buckets_of(key), files=literals(files))

    def large(self, keys: Iterable[str]) -> list[str]:
        """Gives the large files that may have rows of some keys."""
        found: dict[str, None] = {}
        for key in keys:
            number = key_number(key)
            paths = chain.from_iterable(self.buckets.get(bucket, ()) for bucket in buckets_of(key))
            found |= {path: None for path in paths if self.keys.may_have(self.table, path, number)}
        return list(found)

    def held_rows(self, held: Iterable[int]) -> str:
        """Gives, as a FROM, the whole rows of files whose finding columns are in memory."""
        return _SOURCES["files"].format(files=literals(self.recent.held[number] for number in held))

    @property
    def no_rows(self) -> str:
        """No rows, as a FROM, with the columns of the table in memory."""
        return _SOURCES["nothing"].format(recent=self.recent.table)


@dataclass(frozen=True, slots=True)
class LakeState:
    """One state of the lake and its tail; a look-up uses one from its beginning to its end."""

    snapshot: int
    declarations: TableFiles
    plates: TableFiles


class LakeFiles:
    """Keeps the state of the lake and its tail up to date for the look-ups of one process.

    `held_rows` bounds the rows of one table in memory, about 130 bytes each.
    """

    def __init__(self, pool: asyncpg.Pool, readers: Readers, lake: Path, held_rows: int) -> None:
        self._pool = pool
        self._readers = readers
        self._lake = lake.absolute()
        self._recent = {name: Recent(name, held_rows) for name in TABLES}
        self._keys = FileKeys()
        self._seen: tuple[Any, ...] | None = None
        self._state: LakeState | None = None
        self._refreshing = asyncio.Lock()

    @property
    def state(self) -> LakeState:
        """The newest state. Raises `LakeUnreadError` before the first refresh."""
        if self._state is None:
            raise LakeUnreadError
        return self._state

    @property
    def rows_in_memory(self) -> int:
        """Rows held in memory, of all tables."""
        return sum(recent.rows for recent in self._recent.values())

    async def keep_fresh(self) -> None:
        """Refreshes for ever; while Postgres is out of reach the last state stands."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again_and_again(self.refresh))
            tasks.create_task(self._again_and_again(partial(self._keys.read_wanted, self._readers)))

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await work()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, duckdb.Error) as error:
                _log.warning("refresh_failed", kind=type(error).__name__, reason=reason(error))

    async def refresh(self) -> None:
        """Takes over what has changed. Raises asyncpg's errors, or `duckdb.Error` if a file cannot be read."""
        async with self._refreshing:
            wanting = any(recent.wants_keys for recent in self._recent.values())
            if tuple(await self._pool.fetchrow(_SQL["state"])) == self._seen and not wanting:
                return
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                seen = tuple(await connection.fetchrow(_SQL["state"]))
                rows_found = await connection.fetch(_SQL["files"])
            found: dict[str, dict[str, DataFile]] = {}
            for table, path, rows, bucket, deletes in rows_found:
                full = str(self._lake / path)
                found.setdefault(table, {}).setdefault(full, DataFile(full, rows, bucket, deletes))
            files = {table: list(by_path.values()) for table, by_path in found.items()}
            snapshot = seen[0] or 0
            self._state = await self._readers.run(lambda cursor: self._take_over(cursor, files, snapshot))
            self._seen = seen
            self._keys.keep({file.path for table in self._recent for file in files.get(table, ())})

    def _take_over(
        self, cursor: duckdb.DuckDBPyConnection, found: Mapping[str, Sequence[DataFile]], snapshot: int
    ) -> LakeState:
        tables = {}
        for name, recent in self._recent.items():
            held = recent.take_over(cursor, found.get(f"{name}_recent", ()), snapshot)
            buckets: dict[int, tuple[str, ...]] = {}
            for file in found.get(name, ()):
                assert file.bucket is not None
                buckets[file.bucket] = (*buckets.get(file.bucket, ()), file.path)
            has_deletes = any(file.deletes is not None for file in found.get(name, ()))
            tables[name] = TableFiles(name, snapshot, buckets, has_deletes, held, self._keys)
        return LakeState(snapshot, tables["declaration_version"], tables["fleet_plate"])
