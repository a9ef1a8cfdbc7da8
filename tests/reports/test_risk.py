"""The risk band by Implementing Regulation (EU) 2022/695, with examples worked by hand."""

from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.risk import Check, rate, risk_card
from store.operators import OperatorUnknownError

TODAY = date(2026, 3, 2)


def check(number: int = 1, vehicles: int = 1, days_ago: int = 30, **found: int) -> Check:
    return Check(f"C{number}", TODAY - timedelta(days_ago), "DE", vehicles, **found)


def test_a_worked_example_of_three_checks():
    # (2*1 + 1*10) / 2 = 6; (1*30 + 1*90) / 1 = 120; a clean check 0; together 126 / 3 = 42.
    checks = [check(1, 2, minor=2, serious=1), check(2, very_serious=1, most_serious=1), check(3, 4)]
    rating = rate(checks, TODAY, all_smart_tachographs=False)
    assert (rating.score, rating.checks, rating.band) == (42.0, 3, "green")


def test_smart_tachographs_in_all_vehicles_take_off_a_tenth():
    checks = [check(most_serious=2, very_serious=1)]  # 210
    assert rate(checks, TODAY, all_smart_tachographs=False).band == "red"
    rating = rate(checks, TODAY, all_smart_tachographs=True)
    assert (rating.score, rating.factor, rating.band) == (189.0, 0.9, "amber")


@pytest.mark.parametrize(
    ("found", "vehicles", "band"),
    [
        ({}, 1, "green"),
        ({"serious": 10}, 1, "green"),  # 100
        ({"minor": 201}, 2, "amber"),  # 100.5 is 101
        ({"minor": 301}, 3, "green"),  # 100.33 is 100
        ({"serious": 20}, 1, "amber"),  # 200
        ({"minor": 401}, 2, "red"),  # 200.5 is 201
    ],
)
def test_bands_are_read_from_the_score_rounded_half_up(found: dict[str, int], vehicles: int, band: str):
    assert rate([check(1, vehicles, **found)], TODAY, all_smart_tachographs=False).band == band


def test_without_a_check_in_two_years_the_band_is_grey():
    old = Check("C1", date(2024, 3, 2), "DE", 1, most_serious=9)
    rating = rate([old], TODAY, all_smart_tachographs=False)
    assert (rating.band, rating.score, rating.since) == ("grey", None, date(2024, 3, 2))
    young = Check("C1", date(2024, 3, 3), "DE", 1, most_serious=9)
    assert rate([young], TODAY, all_smart_tachographs=False).band == "red"


def test_a_leap_day_looks_back_to_the_end_of_february():
    assert rate([], date(2028, 2, 29), all_smart_tachographs=False).since == date(2026, 2, 28)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=8))
def test_a_clean_check_never_raises_the_score(found: list[tuple[int, int, int]]):
    checks = [
        check(number, vehicles, minor=minor, serious=serious) for number, (vehicles, minor, serious) in enumerate(found)
    ]
    before = rate(checks, TODAY, all_smart_tachographs=False).score
    after = rate([*checks, check(99)], TODAY, all_smart_tachographs=False).score
    assert before is not None
    assert after is not None
    assert after <= before


async def test_the_card_takes_nothing_unknown_for_good(database_url: str):
    connection = await asyncpg.connect(database_url)
    operator_id = UUID(int=1)
    try:
        await connection.execute(
            "INSERT INTO operator (operator_id, name, country, licence_number) VALUES ($1, 'Nowak', 'PL', 'PL/TM 1')",
            operator_id,
        )
        card = await risk_card(connection, operator_id, "DE", TODAY)
        assert (card.licence_status, card.rating, card.managers) == ("UNKNOWN", None, None)
        await connection.execute(
            """INSERT INTO register_load (country, record, file, digest, rows)
               SELECT 'PL', unnest('{licence,check}'::text[]), 'f', '', 1"""
        )
        card = await risk_card(connection, operator_id, "DE", TODAY)
        assert card.licence_status == "NOT_IN_REGISTER"
        assert card.rating is not None
        assert card.rating.band == "grey"
        await connection.execute(
            """INSERT INTO register_licence (country, licence_key, licence_number, status, valid_until)
               VALUES ('PL', 'PLTM1', 'PL/TM 1', 'VALID', '2026-03-01')"""
        )
        await connection.execute(
            "INSERT INTO register_check VALUES ('PL', 'PLTM1', 'C1', '2026-01-01', 'DE', 1, 0, 0, 0, 3)"
        )
        card = await risk_card(connection, operator_id, "DE", TODAY)
        assert (card.licence_status, card.rating and card.rating.band) == ("EXPIRED", "red")
        with pytest.raises(OperatorUnknownError):
            await risk_card(connection, UUID(int=2), "DE", TODAY)
    finally:
        await connection.close()
