"""Whose turn it is in an ingest process: whatever is short goes first, uploads go block by block and one by one.

Judging a block holds the process for a part of a millisecond. Several uploads that each judged block after block
would let a short request wait for all of them at each of its steps.
"""

import asyncio
import time
from contextlib import suppress

#: So long an upload lets short requests go first, block by block; it goes on under any load of them.
_PATIENCE_S = 0.002
#: So long after a short request another one is expected.
_ABOUT_S = 1.0


class Turns:
    """Gives uploads their turns, in the order in which they ask."""

    def __init__(self) -> None:
        self._queue = asyncio.Lock()
        self._short = 0
        self._last_short = float("-inf")
        self._none_short = asyncio.Event()

    @property
    def crowded(self) -> bool:
        """Says whether short requests are about: then what is judged at one go should be little."""
        return bool(self._short) or time.monotonic() - self._last_short < _ABOUT_S

    def short(self) -> "Turns":
        """Lets uploads wait while a `with` block runs."""
        return self

    def __enter__(self) -> None:
        self._short += 1
        self._none_short.clear()

    def __exit__(self, *_: object) -> None:
        self._short -= 1
        self._last_short = time.monotonic()
        if not self._short:
            self._none_short.set()

    async def take(self) -> None:
        """Waits for a turn: until those who asked before had theirs, and all that is ready has run."""
        async with self._queue:
            await asyncio.sleep(0)
            if self._short:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PATIENCE_S):
                        await self._none_short.wait()
