"""Cutting off whoever is waited for too long, with one timer for all: a timer for each wait costs ten times as much."""

import asyncio
from collections.abc import Awaitable, Coroutine
from functools import lru_cache
from typing import Any, TypeVar

_Value = TypeVar("_Value")


class _Wait:
    """One wait: the task that waits, the moment at which it is cut off, and whether it was."""

    __slots__ = ("is_over", "task", "until")

    def __init__(self, task: asyncio.Task[Any], until: float) -> None:
        self.task = task
        self.until = until
        self.is_over = False


class _Waits:
    """The waits of one event loop."""

    def __init__(self) -> None:
        self._waits: set[_Wait] = set()
        self._looks_at = float("inf")

    async def wait(self, loop: asyncio.AbstractEventLoop, awaitable: Awaitable[_Value], seconds: float) -> _Value:
        task = asyncio.current_task(loop)
        assert task is not None
        others = task.cancelling()
        wait = _Wait(task, loop.time() + seconds)
        self._waits.add(wait)
        if wait.until < self._looks_at:
            self._look_at(loop, wait.until)
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            # Cut off by us and by nobody else: then it is no cancellation any more.
            if wait.is_over and task.uncancel() <= others:
                raise TimeoutError from error
            raise
        finally:
            self._waits.discard(wait)

    def _look_at(self, loop: asyncio.AbstractEventLoop, moment: float) -> None:
        self._looks_at = moment
        loop.call_at(moment, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cuts off those whose time is up; comes again when the next one's is."""
        now, self._looks_at = loop.time(), float("inf")
        for wait in [wait for wait in self._waits if wait.until <= now]:
            self._waits.discard(wait)
            wait.is_over = True
            wait.task.cancel()
        if self._waits:
            self._look_at(loop, min(wait.until for wait in self._waits))


def patiently(awaitable: Awaitable[_Value], seconds: float) -> Coroutine[Any, Any, _Value]:
    """Waits for something for so many seconds. Raises `TimeoutError`; what was waited for is cancelled then."""
    loop = asyncio.get_running_loop()
    return _waits_of(loop).wait(loop, awaitable, seconds)


@lru_cache(maxsize=2)
def _waits_of(_loop: asyncio.AbstractEventLoop) -> _Waits:
    """Gives the waits of a loop; those of a loop that was forgotten here go on, each timer holds its own."""
    return _Waits()
