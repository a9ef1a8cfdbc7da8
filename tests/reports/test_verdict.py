"""The verdict and its words: every reason has a text, every verdict a reason."""

from datetime import UTC, datetime

import pytest

from reports.verdict import Counts, judge
from reports.wording import notice, reasons, title, words
from schemas.languages import LANGUAGES

LATER = datetime(2026, 4, 1, 14, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        (Counts(covering=1, expired=3, declared_after=LATER), "GREEN"),
        (Counts(other_driver=1, expired=3), "AMBER_DRIVER"),
        (Counts(expired=1, declared_after=LATER), "RED_LATE"),
        (Counts(expired=1, driver_elsewhere=1), "RED_PERIOD"),
        (Counts(future=1), "RED_PERIOD"),
        (Counts(withdrawn=1), "RED_PERIOD"),
        (Counts(plate_removed=1, other_vehicles=4), "AMBER_PLATE"),
        (Counts(driver_elsewhere=1, other_vehicles=4), "AMBER_PLATE"),
        (Counts(other_vehicles=4), "NONE"),
        (Counts(), "NONE"),
    ],
)
def test_the_first_reason_decides(counts: Counts, verdict: str) -> None:
    judged = judge(counts, plate_known=True)
    assert judged.code == verdict
    assert judged.reasons
    assert title(judged.code)


def test_none_never_accuses() -> None:
    judged = judge(Counts(), plate_known=False)
    assert "lawful" in title(judged.code)
    for exemption in ("bilateral", "transit", "combined"):
        assert exemption in notice().text


def test_a_red_verdict_names_the_law() -> None:
    for counts in (Counts(expired=1), Counts(declared_after=LATER)):
        (reason,) = reasons(judge(counts, plate_known=True), counts, "FR")
        assert reason.legal_reference is not None
        assert reason.legal_reference.startswith("Directive (EU) 2020/1057, Article 1(11)(a)")


def test_counts_of_operators_add_up() -> None:
    first, second = Counts(covering=1, declared_after=LATER), Counts(covering=2, expired=1)
    assert first + second == Counts(covering=3, expired=1, declared_after=LATER)
    assert (first + second).listed == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_said_in_every_language(language: str) -> None:
    said = words(language)
    assert {table: set(codes) for table, codes in said.items()} == {
        table: set(codes) for table, codes in words("en").items()
    }
    assert all(text for codes in said.values() for text in codes.values())


def test_an_instant_is_told_by_the_hosts_clocks() -> None:
    counts = Counts(declared_after=LATER)
    (reason,) = reasons(judge(counts, plate_known=True), counts, "FI")
    assert "01/04/2026 17:15 (UTC+03:00)" in reason.text


def test_an_unusual_plate_names_its_country_in_the_officers_language() -> None:
    counts = Counts(covering=1)
    judged = judge(counts, plate_known=True, plate_unusual=True)
    assert "Полша" in reasons(judged, counts, "FR", "bg", "PL")[-1].text
