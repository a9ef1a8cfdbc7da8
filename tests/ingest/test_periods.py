"""Periods that follow one another, and the days that some of them leave uncovered."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.declarations.periods import following, gaps, joined, within
from validate.period import last_day

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))
PERIODS = st.lists(st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair))), max_size=6)


@pytest.mark.parametrize(
    ("start", "end", "begin", "last"),
    [
        (date(2026, 2, 2), date(2026, 8, 1), date(2026, 8, 2), date(2027, 2, 1)),
        (date(2026, 8, 31), date(2027, 2, 27), date(2027, 2, 28), date(2027, 8, 27)),
        (date(2026, 2, 2), date(2026, 2, 8), date(2026, 2, 9), date(2026, 2, 15)),
        (date(2026, 5, 5), date(2026, 5, 5), date(2026, 5, 6), date(2026, 5, 6)),
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_a_period_is_followed_by_one_of_the_same_length(start: date, end: date, begin: date, last: date) -> None:
    assert following(start, end, begin) == last


@given(DAYS, st.integers(1, 6))
def test_a_period_that_follows_is_never_too_long(start: date, months: int) -> None:
    end = last_day(start, months)
    begin = end + timedelta(days=1)
    assert begin <= following(start, end, begin) <= last_day(begin, 6)


@given(PERIODS, DAYS, DAYS)
def test_gaps_and_what_is_covered_make_every_day_once(
    periods: list[tuple[date, date]], first: date, second: date
) -> None:
    start, end = min(first, second), max(first, second)
    every = {start + timedelta(days=number) for number in range((end - start).days + 1)}

    def days(found: list[tuple[date, date]]) -> list[date]:
        return [begin + timedelta(days=number) for begin, last in found for number in range((last - begin).days + 1)]

    covered, open_days = days(joined(within(periods, start, end))), days(list(gaps(periods, start, end)))
    assert sorted(covered + open_days) == sorted(every)
    assert set(open_days) == {day for day in every if not any(begin <= day <= last for begin, last in periods)}
