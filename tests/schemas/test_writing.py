"""Dates and instants are written one way everywhere."""

from datetime import UTC, date, datetime

from schemas.writing import country_with_code, day, decimal, moment, number, period, signed


def test_a_date_is_day_month_year():
    assert day(date(2026, 3, 5)) == "05/03/2026"
    assert day(None) == ""


def test_a_period_names_both_its_ends():
    assert period(date(2026, 3, 15), date(2026, 9, 14)) == "15/03/2026 – 14/09/2026"


def test_an_instant_is_in_civil_time_and_says_how_far_that_is_from_utc():
    winter, summer = datetime(2026, 1, 1, 23, 30, tzinfo=UTC), datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert moment(winter, "Europe/Athens") == "02/01/2026 01:30 (UTC+02:00)"
    assert moment(summer, "Europe/Athens") == "02/07/2026 02:30 (UTC+03:00)"
    assert moment(winter) == "01/01/2026 23:30 UTC"


def test_a_country_is_written_with_its_code():
    assert country_with_code("DE", "fr") == "Allemagne (DE)"
    assert country_with_code(None, "fr") == ""


def test_a_number_is_written_as_in_its_language():
    assert [number(1_234_567, code) for code in ("en", "de", "pl")] == ["1,234,567", "1.234.567", "1\xa0234\xa0567"]
    assert [decimal(1234.56, code) for code in ("en", "el")] == ["1,234.6", "1.234,6"]
    assert decimal(2 / 3, "fr", 2) == "0,67"


def test_a_signed_number_has_a_true_minus():
    assert [signed(value) for value in (-2, 0, 3)] == ["−2", "0", "+3"]
