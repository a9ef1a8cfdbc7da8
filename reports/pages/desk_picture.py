"""Time left, drawn: one line from the day of sending to the last date, with a mark for each date on it."""

from dataclasses import dataclass
from datetime import date, datetime

from exchange.conditions import day_in
from exchange.procedures import Deadline
from exchange.view import Due

#: From so many days before the last one on a line warns.
_SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Mark:
    """A date on the line: `kind` is a key of the texts' table `date`, `place` in per cent from the left."""

    kind: str
    day: date
    place: float


@dataclass(frozen=True, slots=True)
class Track:
    """The line: how far time has gone (per cent), the dates on it, and how it stands.

    `level` is good, warn, bad, or over where nobody owes anything any more. `days_left` counts to the date that
    counts, negative once it is over, None where nobody owes anything.
    """

    start: date
    reached: date
    gone: float
    marks: tuple[Mark, ...]
    level: str
    days_left: int | None


def track(dates: Due, country: str, sent_at: datetime | None, ended_at: datetime | None, at: datetime) -> Track | None:
    """Draws the dates of an exchange that `country` answers; None for one that was not sent or has no dates."""
    known = {"legal": dates.legal, "system": dates.system, "agreed": dates.agreed, "proposed": _open_proposal(dates)}
    days = {kind: day for kind, day in known.items() if day is not None}
    if sent_at is None or not days:
        return None
    start, reached = day_in(country, sent_at), day_in(country, ended_at or at)
    whole = max((max(*days.values(), reached) - start).days, 1)

    def place(day: date) -> float:
        return round(min(max((day - start).days, 0) / whole, 1.0) * 100, 1)

    marks = tuple(Mark(kind, day, place(day)) for kind, day in sorted(days.items(), key=lambda pair: pair[1]))
    return Track(start, reached, place(reached), marks, _level(dates), dates.days_left)


def counted(deadline: Deadline | None) -> tuple[int, str] | None:
    """Gives the length of a deadline and its unit, as the act has it; None where there is none."""
    return (deadline.count, deadline.unit) if deadline else None


def _open_proposal(dates: Due) -> date | None:
    """Gives a date that still waits for the other side."""
    return dates.proposed if dates.proposed_by and dates.proposed not in (dates.agreed, dates.system) else None


def _level(dates: Due) -> str:
    if dates.overdue:
        return "bad"
    if dates.days_left is None:
        return "over"
    return "warn" if dates.days_left <= _SOON_DAYS else "good"
