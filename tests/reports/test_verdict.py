"""The verdict and its words: every reason has a text, every verdict a reason."""

from datetime import UTC, datetime

import pytest

from reports.verdict import NOTICE, Counts, judge

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
    assert judged.title


def test_none_never_accuses() -> None:
    judged = judge(Counts(), plate_known=False)
    assert "lawful" in judged.title
    for exemption in ("bilateral", "transit", "combined"):
        assert exemption in NOTICE.text


def test_a_red_verdict_names_the_law() -> None:
    for counts in (Counts(expired=1), Counts(declared_after=LATER)):
        (reason,) = judge(counts, plate_known=True).reasons
        assert reason.legal_reference is not None
        assert reason.legal_reference.startswith("Directive (EU) 2020/1057, Article 1(11)(a)")


def test_counts_of_operators_add_up() -> None:
    first, second = Counts(covering=1, declared_after=LATER), Counts(covering=2, expired=1)
    assert first + second == Counts(covering=3, expired=1, declared_after=LATER)
    assert (first + second).listed == 4
