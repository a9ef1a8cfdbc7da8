"""Rules over where and when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validate.samples import found, judged
from validate.period import last_day

END = "/declarationEndDate"
START = "/declarationStartDate"


def test_a_clean_declaration_has_no_problem():
    assert found() == []
    assert not judged().refused


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2026, 9, 1), date(2027, 2, 28)),
        (date(2026, 2, 2), date(2026, 8, 1)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 29), date(2028, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2026, 1, 1), date(2026, 6, 30)),
    ],
)
def test_six_calendar_months_end_on_the_day_before(start, last):
    assert last_day(start, 6) == last


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_six_months_are_181_to_184_days_and_never_shrink(start):
    last = last_day(start, 6)
    assert 181 <= (last - start).days + 1 <= 184
    assert last_day(start + timedelta(days=1), 6) >= last


def test_the_last_day_of_six_months_is_accepted_and_the_next_refused():
    assert found(declarationEndDate="2027-02-28") == []
    assert found(declarationEndDate="2027-03-01") == [("period_too_long", END)]
    assert "2027-02-28" in judged(declarationEndDate="2027-03-01").problems[0].suggestion


def test_a_posting_of_one_day_is_accepted_and_one_that_ends_before_it_starts_refused():
    assert found(declarationEndDate="2026-09-01") == []
    assert found(declarationEndDate="2026-08-31") == [("end_before_start", END)]
    assert judged(declarationEndDate="2026-08-31").refused


def test_a_posting_that_began_yesterday_is_late_and_one_that_begins_today_is_not():
    assert found(declarationStartDate="2026-08-30", declarationEndDate="2026-09-30") == []
    late = judged(declarationStartDate="2026-08-29", declarationEndDate="2026-09-30")
    assert [one.code for one in late.problems] == ["late_submission"]
    assert not late.refused


@pytest.mark.parametrize(("field", "pointer"), [("declarationStartDate", START), ("declarationEndDate", END)])
@pytest.mark.parametrize("day", ["0001-01-01", "0206-09-01", "2205-09-01", "9999-12-31"])
def test_a_year_that_is_a_slip_of_the_pen_is_refused(field, pointer, day):
    assert ("date_out_of_range", pointer) in found(**{field: day})


def test_nobody_is_posted_to_the_operators_own_country():
    assert found("FR") == [
        ("host_is_establishment", "/declarationPostingCountry"),
        ("applicable_law", "/driverApplicableLaw"),
    ]
    assert judged("FR").refused


@pytest.mark.parametrize(("host", "home"), [("GR", "EL"), ("EL", "GR"), ("UK", "GB"), ("GB", "UK")])
def test_the_unions_own_abbreviations_name_the_same_country(host, home):
    assert ("host_is_establishment", "/declarationPostingCountry") in found(home, declarationPostingCountry=host)
