"""How far the wall clock can be trusted: it jumps when it is set, the steady clock never does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

#: Goes on while the machine sleeps, where there is such a clock.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_clock() -> float:
    """Gives seconds on a clock that nobody sets."""
    return time.clock_gettime(_STEADY)


@dataclass(slots=True)
class ClockDrift:
    """How far the wall clock has been set, forward or back, since this was made.

    `wall` and `steady` give seconds.
    """

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = steady_clock
    _ahead: float = field(init=False)

    def __post_init__(self) -> None:
        self._ahead = self.wall() - self.steady()

    def drift(self) -> timedelta:
        """Gives how far the clock is from where it would be, never negative."""
        return timedelta(seconds=abs(self.wall() - self.steady() - self._ahead))
