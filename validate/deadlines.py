"""Deadlines by Regulation (EEC, Euratom) No 1182/71 (domain.md 5.9).

Each function takes the countries whose public holidays count. One is the rule: the authority that must act.
Two make the strict reading, in which a day is a working day only where it is one in both.
"""

from datetime import date, timedelta
from functools import cache

import holidays

from schemas.codes import country

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class UnknownCalendarError(ValueError):
    """The public holidays of this country are not known."""


def is_working_day(day: date, *countries: str) -> bool:
    """Tells whether a day is neither Saturday, Sunday nor a public holiday in `countries`: Article 2(2).

    Raises `UnknownCalendarError`.
    """
    return day.weekday() < _SATURDAY and not any(day in _calendar(country(code)) for code in countries)


def weeks_after(day: date, weeks: int, *countries: str) -> date:
    """Gives the last day of a period of weeks from an event on `day`: Article 3(2)(c), (4) and (5).

    It is the same weekday, or the next working day where that is none. Raises `UnknownCalendarError`.
    """
    return calendar_days_after(day, 7 * weeks, *countries)


def calendar_days_after(day: date, days: int, *countries: str) -> date:
    """Gives the last day of a period of `days` from an event on `day`, which does not count: Article 3(1), (4), (5).

    A period of two days or more has at least two working days. Raises `UnknownCalendarError`.
    """
    last = day + timedelta(days=days)
    if days >= 2:
        last = max(last, working_days_after(day, 2, *countries))
    while not is_working_day(last, *countries):
        last += _ONE_DAY
    return last


def working_days_after(day: date, days: int, *countries: str) -> date:
    """Gives the last day of a period of `days` working days from an event on `day`, which does not count.

    Source: Article 2(2), 3(1) and (3). Raises `UnknownCalendarError`.
    """
    last = day
    while days > 0:
        last += _ONE_DAY
        days -= is_working_day(last, *countries)
    return last


@cache
def _calendar(code: str) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(code)
    except NotImplementedError as error:
        raise UnknownCalendarError(code) from error
