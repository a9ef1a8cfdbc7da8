"""Rules over where and when: the posting country, the operator's country, the first and the last day."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from schemas.codes import country
from schemas.limits import LIMITS
from validate.problems import NOTHING, Found, problem


class Period(NamedTuple):
    """What the rules over days read; `received_on` is the day of arrival."""

    start_date: date
    end_date: date
    received_on: date


class Host(NamedTuple):
    """What the rules over places read; `establishment` is the operator's country."""

    posting_country: str
    establishment: str


def last_day(start: date, months: int) -> date:
    """Gives the last day of a period of calendar months that begins on `start` (domain.md 3.5).

    The same day of the month, months later, less one day; a day that the month lacks counts as its end.
    """
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    days = monthrange(years, month + 1)[1]
    if start.day > days:
        return date(years, month + 1, days)
    return date(years, month + 1, start.day) - timedelta(days=1)


def date_in_range(day: date, pointer: str) -> Found:
    """Refuses a day outside the bounds of every date."""
    bounds = LIMITS.dates
    if bounds.earliest <= day <= bounds.latest:
        return NOTHING
    return (problem("date_out_of_range", pointer, value=day, earliest=bounds.earliest, latest=bounds.latest),)


def dates_in_range(period: Period) -> Found:
    """Refuses a start or an end whose year is a slip of the pen."""
    return date_in_range(period.start_date, "/declarationStartDate") + date_in_range(
        period.end_date, "/declarationEndDate"
    )


def end_not_before_start(period: Period) -> Found:
    """Refuses a posting that ends before it starts: Directive (EU) 2020/1057, Article 1(11)(a)(v)."""
    if period.end_date >= period.start_date:
        return NOTHING
    return (problem("end_before_start", "/declarationEndDate", start=period.start_date, end=period.end_date),)


def not_too_long(period: Period) -> Found:
    """Refuses a posting of more than six calendar months: Implementing Regulation (EU) 2021/2179."""
    if period.start_date > LIMITS.dates.latest:
        return NOTHING  # its year is refused already, and may have no year after it
    latest = last_day(period.start_date, LIMITS.period.months)
    if period.end_date <= latest:
        return NOTHING
    return (problem("period_too_long", "/declarationEndDate", months=LIMITS.period.months, latest=latest),)


def submitted_in_time(period: Period) -> Found:
    """Remarks on a posting that began on an earlier day: Article 1(11)(a). The same day is in time."""
    if period.start_date >= period.received_on:
        return NOTHING
    return (problem("late_submission", "/declarationStartDate", start=period.start_date, received=period.received_on),)


def host_is_abroad(host: Host) -> Found:
    """Refuses a posting to the operator's own country: Directive 96/71/EC, Article 1(3)."""
    if country(host.posting_country) != country(host.establishment):
        return NOTHING
    return (problem("host_is_establishment", "/declarationPostingCountry", country=country(host.establishment)),)


PERIOD_RULES: tuple[Callable[[Period], Found], ...] = (
    dates_in_range,
    end_not_before_start,
    not_too_long,
    submitted_in_time,
)
HOST_RULES: tuple[Callable[[Host], Found], ...] = (host_is_abroad,)
