"""DuckDB for many askers: some threads for look-ups, others for what takes long, a cursor for each."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from schemas import statements
from store.lake import lock_down, open_lake

_SQL = statements.load("reports", "readers")

#: So many of what takes long run at one time, with so much less right to a core; a look-up never waits for them to end.
_LONG = 2
_NICE = 5

T = TypeVar("T")
Rows = list[tuple[Any, ...]]


def open_readers(database_url: str, lake: str, *, memory_mb: int, threads: int) -> "Readers":
    """Opens the lake for look-ups: read only, nothing else in reach. Raises `duckdb.Error`."""
    connection = open_lake(database_url, lake, memory_mb=memory_mb, read_only=True)
    connection.execute(_SQL["settings"])
    lock_down(connection, lake)
    return Readers(connection, threads)


def _give_way() -> None:
    """Lowers the calling thread's claim to the cores (Linux counts it for each thread)."""
    if sys.platform == "linux":
        os.nice(_NICE)


class Readers:
    """Runs statements of one DuckDB instance in threads; each is one transaction of its own.

    `threads` is how many look-ups run at one time. More than there are cores would only get in one another's way.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, threads: int) -> None:
        self._connection = connection
        self._opening = threading.Lock()
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(threads, "duckdb")
        self._long = ThreadPoolExecutor(_LONG, "duckdb-long", _give_way)

    async def fetch(self, *statements: str, **parameters: Any) -> Rows:
        """Gives all rows of a look-up's statements, one after the other. Raises `duckdb.Error`."""
        if not statements:
            return []
        return await self._run(
            self._threads,
            lambda cursor: [row for one in statements for row in cursor.execute(one, parameters or None).fetchall()],
        )

    async def fetch_tables(self, *statements: str) -> list[pa.Table]:
        """Gives the rows of each of a look-up's statements as Arrow columns. Raises `duckdb.Error`."""
        if not statements:
            return []
        return await self._run(
            self._threads, lambda cursor: [cursor.execute(one).to_arrow_table() for one in statements]
        )

    async def scan(self, statement: str, parameters: Mapping[str, Any]) -> Rows:
        """Gives all rows of a statement that reads much. Raises `duckdb.Error`."""
        return await self.run(lambda cursor: cursor.execute(statement, dict(parameters)).fetchall())

    async def run(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Runs work that needs several statements, or takes long."""
        return await self._run(self._long, work)

    def close(self) -> None:
        """Waits for what runs, then closes the instance."""
        self._threads.shutdown()
        self._long.shutdown()
        self._connection.close()

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, self._with_cursor, work)

    def _with_cursor(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._opening:
                cursor = self._local.cursor = self._connection.cursor()
        return work(cursor)
