"""Asking for many at once: what is asked while a round trip is under way goes together into the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Gathers questions of many requests; `ask` answers some of them in one round trip, in their order."""

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """Gives the answer to one question. Raises what the round trip raises in which it goes."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await future

    async def _ask_all(self) -> None:
        while self._waiting:
            going, self._waiting = self._waiting, []
            try:
                answers = await self._ask([question for question, _ in going])
            except Exception as error:  # whatever it is, each of those who wait must hear of it
                for _, future in going:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), answer in zip(going, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
