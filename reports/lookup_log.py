"""The log of look-ups: who asked when, for what, and why. An answer goes out only after its entry is on disk.

Entries that come while others are being written wait and go together, so the log costs a commit for many look-ups.
"""

import asyncio
from dataclasses import dataclass, fields
from operator import attrgetter
from uuid import UUID

import asyncpg

from schemas import statements

_SQL = statements.load("reports", "register")
_MOST_TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One look-up as it is logged; `sought` is what was typed, `kind` what it is, as in plate."""

    officer_id: UUID
    host: str
    kind: str
    sought: str
    purpose: str | None
    verdict: str


_columns = attrgetter(*(field.name for field in fields(Entry)))


class LookupLog:
    """Writes entries, many in one commit."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    def add(self, entry: Entry) -> asyncio.Future[None]:
        """Gives what is done when the entry is on disk; it raises asyncpg's errors if it cannot be written."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return written

    async def _write(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            columns = zip(*(_columns(entry) for entry, _ in together), strict=True)
            try:
                async with self._pool.acquire() as connection:
                    await connection.execute(_SQL["log_lookups"], *(list(column) for column in columns))
                    for _, written in together:  # before the connection is given back, which nobody need wait for
                        if not written.done():
                            written.set_result(None)
            except Exception as error:
                for _, written in together:
                    if not written.done():
                        written.set_exception(error)
