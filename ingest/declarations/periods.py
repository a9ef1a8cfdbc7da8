"""Periods of posting: the one that follows another, and what of a time some of them cover."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from schemas.limits import LIMITS
from validate.period import last_day

_DAY = timedelta(days=1)
Period = tuple[date, date]


def following(start: date, end: date, begin: date) -> date:
    """Gives the last day of a period as long as that from `start` to `end`, but from `begin` on.

    A period of whole calendar months is followed by one of as many, any other by one of as many days.
    """
    for months in range(1, LIMITS.period.months + 1):
        if last_day(start, months) == end:
            return last_day(begin, months)
    return min(begin + (end - start), last_day(begin, LIMITS.period.months))


def joined(periods: Iterable[Period]) -> list[Period]:
    """Joins periods that overlap or follow without a day between."""
    found: list[Period] = []
    for start, end in sorted(periods):
        if found and start <= found[-1][1] + _DAY:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def within(periods: Iterable[Period], start: date, end: date) -> Iterator[Period]:
    """Cuts periods to the days from `start` to `end`."""
    for begin, last in periods:
        if begin <= end and last >= start:
            yield max(begin, start), min(last, end)


def gaps(periods: Iterable[Period], start: date, end: date) -> Iterator[Period]:
    """Gives the days from `start` to `end` that no period covers."""
    for begin, last in joined(within(periods, start, end)):
        if begin > start:
            yield start, begin - _DAY
        start = last + _DAY
    if start <= end:
        yield start, end
