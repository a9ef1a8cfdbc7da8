"""DuckDB for many askers: some threads, a cursor for each."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import duckdb

T = TypeVar("T")
Rows = list[tuple[Any, ...]]


class Readers:
    """Runs statements of one DuckDB instance in threads; each is one transaction of its own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, threads: int) -> None:
        self._connection = connection
        self._opening = threading.Lock()
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(threads, "duckdb")

    async def fetch(self, statement: str, parameters: Mapping[str, Any]) -> Rows:
        """Gives all rows of a statement. Raises `duckdb.Error`."""
        return await self.run(lambda cursor: cursor.execute(statement, dict(parameters)).fetchall())

    async def run(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Runs work that needs several statements."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._with_cursor, work)

    def close(self) -> None:
        """Waits for what runs, then closes the instance."""
        self._threads.shutdown()
        self._connection.close()

    def _with_cursor(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._opening:
                cursor = self._local.cursor = self._connection.cursor()
        return work(cursor)
