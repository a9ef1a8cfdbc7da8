"""Deadlines by Regulation 1182/71: the worked examples of domain.md 5.9, and the laws behind them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validate.deadlines import (
    UnknownCalendarError,
    calendar_days_after,
    is_working_day,
    weeks_after,
    working_days_after,
)

days = st.dates(date(2022, 2, 2), date(2030, 12, 31))
countries = st.sampled_from(["PL", "LT", "FR", "DE", "EL", "UK", "NO", "LI"])


def test_eight_weeks_end_on_the_same_weekday():
    assert weeks_after(date(2026, 6, 3), 8, "PL") == date(2026, 7, 29)


def test_eight_weeks_that_end_on_a_holiday_go_on_to_the_next_working_day():
    assert weeks_after(date(2026, 10, 30), 8, "PL") == date(2026, 12, 28)  # 25 December, a Friday


def test_25_calendar_days_are_the_sample_of_imi():
    assert calendar_days_after(date(2022, 5, 13), 25, "DE") == date(2022, 6, 7)


def test_25_working_days_without_holidays():
    assert working_days_after(date(2022, 5, 13), 25) == date(2022, 6, 17)


def test_25_working_days_are_later_by_ascension_and_whit_monday():
    assert working_days_after(date(2022, 5, 13), 25, "DE") == date(2022, 6, 21)


def test_the_strict_reading_takes_the_holidays_of_both_countries():
    day = date(2026, 4, 30)  # 1 May in both, 8 May in France, 3 May a Sunday in Poland
    assert working_days_after(day, 5, "PL") == date(2026, 5, 8)
    assert working_days_after(day, 5, "PL", "FR") == date(2026, 5, 11)


def test_two_days_over_a_weekend_have_two_working_days():
    assert calendar_days_after(date(2026, 6, 5), 2, "PL") == date(2026, 6, 9)  # from a Friday


def test_one_day_that_is_a_saturday_goes_on_to_monday():
    assert calendar_days_after(date(2026, 6, 5), 1, "PL") == date(2026, 6, 8)


def test_a_country_without_a_calendar_is_an_error():
    with pytest.raises(UnknownCalendarError):
        is_working_day(date(2026, 6, 3), "QQ")


@given(days, st.integers(1, 60), countries)
def test_a_period_of_working_days_has_so_many_of_them_and_ends_on_one(day, count, country):
    last = working_days_after(day, count, country)
    within = [day + timedelta(days=step) for step in range(1, (last - day).days + 1)]
    assert sum(is_working_day(one, country) for one in within) == count
    assert is_working_day(last, country)


@given(days, st.integers(1, 100), countries)
def test_a_period_of_calendar_days_ends_on_a_working_day_and_never_early(day, count, country):
    last = calendar_days_after(day, count, country)
    assert is_working_day(last, country)
    assert last >= day + timedelta(days=count)


@given(days, st.integers(1, 20), countries, countries)
def test_the_strict_reading_is_never_shorter(day, weeks, one, other):
    assert weeks_after(day, weeks, one, other) >= weeks_after(day, weeks, one)
    assert working_days_after(day, weeks, one, other) >= working_days_after(day, weeks, one)
