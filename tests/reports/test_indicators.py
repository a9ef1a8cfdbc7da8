"""The five performance indicators, with an example worked by hand (domain.md 4.4)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.indicators import definitions, indicators, performance, requests_behind

SENT = datetime(2023, 5, 8, 10, tzinfo=UTC)  # a Monday
YEAR = (date(2023, 1, 1), date(2023, 12, 31))
LATER = date(2024, 6, 1)


@dataclass(slots=True)
class Exchanges:
    connection: asyncpg.Connection

    async def request(self, accepted: int | None = 0, answered: int | None = None, **values: Any) -> None:
        """Adds a request to Poland: accepted and answered so many days after it was sent."""
        row = {
            "exchange_id": uuid4(),
            "procedure": "mutual_assistance",
            "module": "posting",
            "state": "SENT",
            "ball": "replying",
            "round": 1,
            "requesting_country": "DE",
            "requesting_authority": "DE-1",
            "replying_country": "PL",
            "urgent": False,
            "subject": "{}",
            "asking": "{}",
            "answering": "{}",
            "opened_at": SENT,
            "sent_at": SENT,
            "accepted_at": None if accepted is None else SENT + timedelta(accepted),
            "answered_at": None if answered is None else SENT + timedelta(answered),
            "revision": 1,
        } | values
        await self.connection.copy_records_to_table("exchange", records=[tuple(row.values())], columns=list(row))


@pytest.fixture
async def exchanges(database_url: str) -> AsyncIterator[Exchanges]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """INSERT INTO authority (code, country, level, names, place, competences, languages)
           VALUES ('DE-1', 'DE', 'national', '{}', 'Köln', '{posting}', '{de}')"""
    )
    yield Exchanges(connection)
    await connection.close()


async def test_a_worked_example(exchanges: Exchanges):
    agreed = SENT.date() + timedelta(20)
    good, bad = "satisfied", "very_dissatisfied"
    await exchanges.request(0, 10, agreed_due=agreed, timeliness=good, effort=good)  # 10 days, in date
    await exchanges.request(7, 27, agreed_due=agreed, timeliness=bad, effort=good)  # the 7th day counts; 20 days; late
    await exchanges.request(8, 20, agreed_due=agreed, timeliness=good, effort=good)  # not within 7 days; 12; in date
    await exchanges.request(1, 31)  # 30 days, no date agreed, not rated
    await exchanges.request(2, None, agreed_due=agreed)  # never answered: late
    table = await indicators(exchanges.connection, "road", *YEAR, LATER)
    (poland,) = table.states
    assert [(value.numerator, value.denominator) for value in poland.values] == [
        (4, 5),  # 80 %: green
        (72, 4),  # 18 days: yellow
        (2, 4),  # 50 %: red
        (1, 3),  # 33.3 %: red
        (0, 3),  # 0 %: green
    ]
    assert [value.light for value in poland.values] == ["green", "yellow", "red", "red", "green"]
    assert (poland.score, poland.overall) == (0, "yellow")
    assert poland.values[3].exact == pytest.approx(100 / 3)
    behind = await requests_behind(exchanges.connection, "road", *YEAR, LATER, "PL")
    assert [row.accepted_in_time for row in behind] == [True, True, False, True, True]
    assert [row.days_to_answer for row in behind] == [10, 20, 12, 30, None]
    assert [row.answered_by_date for row in behind] == [True, False, True, None, False]
    assert [row.timeliness_negative for row in behind] == [False, True, False, None, None]


async def test_road_transport_is_not_in_the_scoreboard_s_set(exchanges: Exchanges):
    await exchanges.request(0, 5)
    await exchanges.request(0, 5, module="posting_of_workers")
    await exchanges.request(0, 5, module="posting_of_workers", procedure="document_assistance", timeliness="satisfied")
    table = await indicators(exchanges.connection, "scoreboard", *YEAR, LATER)
    assert [(value.numerator, value.denominator) for value in table.states[0].values][:4] == [
        (1, 1),
        (5, 1),
        (0, 0),
        (0, 1),
    ], "requests to send documents count for the ratings only"


async def test_requests_to_operators_withdrawn_and_refused_ones_do_not_count(exchanges: Exchanges):
    await exchanges.request(0, 5, procedure="document_request")
    await exchanges.request(0, 5, state="WITHDRAWN")
    await exchanges.request(None, state="REFUSED")
    assert (await indicators(exchanges.connection, "road", *YEAR, LATER)).states == []


async def test_what_may_still_be_in_time_does_not_count_yet(exchanges: Exchanges):
    await exchanges.request(None)
    await exchanges.request(0, None, agreed_due=SENT.date() + timedelta(20))
    for days, accepted, in_date in ((7, (1, 1), (0, 0)), (8, (1, 2), (0, 0)), (21, (1, 2), (0, 1))):
        table = await indicators(exchanges.connection, "road", *YEAR, SENT.date() + timedelta(days))
        values = table.average.values
        assert (values[0].numerator, values[0].denominator) == accepted
        assert (values[2].numerator, values[2].denominator) == in_date


async def test_days_are_those_of_the_replying_state(exchanges: Exchanges):
    midnight = datetime(2023, 5, 8, 22, 30, tzinfo=UTC)  # half past midnight of 9 May in Warsaw, still 8 May in Lisbon
    for country in ("PL", "PT"):
        accepted = midnight + timedelta(hours=2)
        answered = midnight + timedelta(days=1)
        times = {"sent_at": midnight, "accepted_at": accepted, "answered_at": answered}
        await exchanges.request(replying_country=country, **times)
    table = await indicators(exchanges.connection, "road", *YEAR, LATER)
    assert [(state.country, state.values[1].numerator) for state in table.states] == [("PL", 1), ("PT", 0)]
    none = await indicators(exchanges.connection, "road", date(2023, 5, 9), date(2023, 5, 9), LATER)
    assert [state.country for state in none.states] == ["PL"]


async def test_only_requests_sent_in_the_period_count(exchanges: Exchanges):
    await exchanges.request(0, 5)
    assert (await indicators(exchanges.connection, "road", date(2022, 1, 1), date(2022, 12, 31), LATER)).states == []


@pytest.mark.parametrize(
    ("number", "value", "light"),
    [
        (1, "80", "green"),
        (1, "79.5", "green"),  # rounded half up to 80
        (1, "79.49", "yellow"),
        (1, "59.5", "yellow"),
        (1, "59.4", "red"),
        (2, "15.99", "green"),
        (2, "16", "yellow"),
        (2, "25", "yellow"),
        (2, "25.01", "red"),
        (3, "80", "green"),
        (4, "4.49", "green"),
        (4, "4.5", "yellow"),
        (4, "14.49", "yellow"),
        (5, "14.5", "red"),
    ],
)
def test_bands_leave_no_gap_and_no_overlap(number: int, value: str, light: str):
    assert definitions().indicators[number - 1].light(Fraction(value)) == light


@pytest.mark.parametrize(
    ("lights", "score", "overall"),
    [
        ("ggggg", 5, "green"),
        ("gggry", 2, "green"),
        ("ggyyr", 1, "yellow"),
        ("ryyyy", -1, "yellow"),
        ("rryyy", -2, "red"),
    ],
)
def test_the_overall_score_adds_the_lights_up(lights: str, score: int, overall: str):
    higher = {"g": (100, 100), "y": (70, 100), "r": (0, 100)}
    lower = {"g": (0, 100), "y": (10, 100), "r": (50, 100)}
    days = {"g": (1, 1), "y": (20, 1), "r": (40, 1)}
    pairs = [kind[light] for kind, light in zip((higher, days, higher, lower, lower), lights, strict=True)]
    found = performance("PL", pairs)
    assert (found.score, found.overall) == (score, overall)


def test_a_state_without_requests_is_not_judged():
    found = performance("MT", [(0, 0)] * 5)
    assert (found.score, found.overall) == (None, None)
    assert {value.light for value in found.values} == {None}


@given(
    st.lists(st.integers(0, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=5, max_size=5)
)
def test_every_count_gets_a_light_and_the_score_stays_in_its_bounds(pairs: list[tuple[int, int]]):
    found = performance("PL", pairs)
    assert [value.light is None for value in found.values] == [denominator == 0 for _, denominator in pairs]
    assert found.score is None or -5 <= found.score <= 5
