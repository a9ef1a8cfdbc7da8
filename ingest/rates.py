"""Rate limits per operator, counted in Redis for all processes together, taken from there in portions.

A process takes a twentieth of the window's allowance at a time, so that most requests cost no round trip. What it gives
before it asks for the first time is counted then: those who send little never cause one.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ingest.together import Together
from schemas import keys
from schemas.limits import LIMITS
from schemas.limits import Rates as Allowed

Kind = Literal["read", "submit", "bulk", "change"]
_PORTIONS = 20
#: So small a part of an allowance a process gives unasked in each window; so much more might an operator get of each.
_UNASKED = 200
_MOST_WINDOWS = 100_000


class TooManyRequestsError(Exception):
    """The operator has used up its allowance for this window."""

    def __init__(self, rate: "Rate") -> None:
        super().__init__(rate.seconds)
        self.rate = rate
        self.seconds = rate.seconds


class Rate(NamedTuple):
    """What is left of an allowance: requests, and seconds until the window ends."""

    limit: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The `RateLimit-*` headers."""
        return (
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.seconds),
        )


class RateShown(msgspec.Struct, rename="camel"):
    """One allowance as `GET /limits` publishes it."""

    kind: str
    requests: int
    window_seconds: int


@dataclass(slots=True)
class _Window:
    """What a process may still give in a window, what of the allowance is known to be taken, and what is not told."""

    number: int
    left: int
    known: int
    untold: int


class Rates:
    """Counts requests; `factor` multiplies every allowance."""

    def __init__(self, redis: Redis, factor: int = 1, allowed: Allowed = LIMITS.rates) -> None:
        self._redis = redis
        self._seconds = allowed.window_seconds
        self._limits: dict[Kind, int] = {
            "read": allowed.read * factor,
            "submit": allowed.submit * factor,
            "bulk": allowed.bulk * factor,
            "change": allowed.change * factor,
        }
        self._windows: dict[tuple[str, Kind], _Window] = {}
        self._counts = Together(self._count)

    def shown(self) -> list[RateShown]:
        """Gives all allowances."""
        return [RateShown(kind, limit, self._seconds) for kind, limit in self._limits.items()]

    async def take(self, operator_id: str, kind: Kind) -> Rate:
        """Counts one request of an operator. Raises `TooManyRequestsError` if its allowance is used up."""
        now = time.time()
        number, limit = int(now // self._seconds), self._limits[kind]
        seconds = max(1, round((number + 1) * self._seconds - now))
        window = self._windows.get((operator_id, kind))
        if window is None or window.number != number:
            if len(self._windows) > _MOST_WINDOWS:
                self._windows.clear()
            unasked = limit // _UNASKED
            window = self._windows[operator_id, kind] = _Window(number, unasked, unasked, unasked)
        if not window.left:
            await self._portion(window, operator_id, kind, limit)
        if not window.left:
            raise TooManyRequestsError(Rate(limit, 0, seconds))
        window.left -= 1
        return Rate(limit, window.left + max(0, limit - window.known), seconds)

    async def _portion(self, window: _Window, operator_id: str, kind: Kind, limit: int) -> None:
        portion = max(1, limit // _PORTIONS)
        told, window.untold = window.untold, 0
        try:
            taken = await self._counts.ask((keys.rate(operator_id, kind, window.number), portion + told))
        except (RedisError, OSError):
            window.left = portion  # without Redis nothing is accepted anyway, and that is the better answer
            window.untold = told
            return
        window.known = taken
        window.left += max(0, min(portion, limit - (taken - portion)))

    async def _count(self, portions: Sequence[tuple[str, int]]) -> list[int]:
        """Adds portions to the counts of their names; gives what is taken of each now."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for name, portion in portions:
                pipe.incrby(name, portion)
                pipe.expire(name, 2 * self._seconds)
            answers: list[int] = await pipe.execute()
        return answers[::2]
