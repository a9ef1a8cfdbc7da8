"""Posting periods: when they begin, how long they last, and each date written once."""

from datetime import date

import numpy as np
import pyarrow as pa

from loadtests.draws import Draws, Numbers
from loadtests.model import shares

_MONTHS = 6
_REACH = 250  # days past the last start that an end can lie, errors included
_TOO_LONG = 15


class Calendar:
    """The days that a load can name, each a number: the days since the first of them."""

    def __init__(self, today: date, days: int, rounds: int) -> None:
        table = shares()["start"]
        self._late_days: int = table["late_days"]
        self._window = max(days // rounds, 1)
        before = self._late_days + 1
        first = np.datetime64(today, "D") - before
        every = first + np.arange(before + self._window * rounds + _REACH)
        self._today = before
        self._texts = pa.array(every).cast(pa.string())
        month = every.astype("datetime64[M]")
        into_month = (every - month.astype("datetime64[D]")).astype(np.int64)
        target = month + _MONTHS
        last = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64) - 1
        due = target.astype("datetime64[D]") + np.minimum(into_month, last)
        self._six_months = (due - first).astype(np.int64) - 1

    def periods(
        self, draws: Draws, operator: Numbers, nth: Numbers, round_: Numbers, driver: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Draws first and last day: most of an operator's run begins on one day, some of it on others."""
        table, window = shares()["start"], self._window
        # A run starts on one day; the days before the window fold onto its first day.
        spread = window / (1 - table["first_day"])
        together = draws.units("run.start", operator, round_)
        apart = draws.units("line.start", operator, nth, round_)
        moved = draws.happens("line.moved", table["moved"], operator, nth, round_)
        day = np.maximum((np.where(moved, apart, together) * spread).astype(np.int64) - int(spread - window), 0)
        late = draws.happens("driver.late", table["late"], operator, driver, round_) & (round_ == 0)
        lateness = 1 + draws.below("driver.lateness", self._late_days, operator, driver)
        start = self._today + np.where(late, -lateness, np.minimum(day, window - 1) + round_ * window)
        return start, self._ends(draws, start, operator, nth, round_)

    def too_late(self, start: Numbers) -> Numbers:
        """Gives last days that make a posting longer than six months."""
        day: Numbers = self._six_months[start] + _TOO_LONG
        return day

    def text(self, day: Numbers) -> pa.Array:
        """Writes days as YYYY-MM-DD."""
        return self._texts.take(pa.array(day))

    def _ends(self, draws: Draws, start: Numbers, *line: Numbers) -> Numbers:
        rows = shares()["validity"]
        kind = draws.choice("line.validity", np.array([row["share"] for row in rows]), *line)
        shortest, longest = (np.array([row["days"][end] for row in rows])[kind] for end in (0, 1))
        days = shortest + draws.below("line.days", longest - shortest + 1, *line)
        return np.where(days == 0, self._six_months[start], start + days - 1)
