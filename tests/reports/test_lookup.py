"""The look-up: the verdicts of the roadside decision tree (domain.md 6.1), as they stood at an instant."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from schemas.identity import number_of
from tests.reports.conftest import CONTROL, Roadside
from tests.store.lake_builder import Fleet, Version


def _fleet(*plates: str) -> Fleet:
    return Fleet(uuid4(), plates or ("PO 1AB23",))


async def test_a_vehicle_on_a_declaration_in_force_is_green(roadside: Roadside) -> None:
    version = Version(_fleet())
    await roadside.declare(version)
    answer = await roadside.look_up("PO 1AB23")
    assert (answer["verdict"], answer["total"], answer["counts"]["covering"]) == ("GREEN", 1, 1)
    (found,) = answer["declarations"]
    assert found["declarationId"] == str(version.declaration_id)
    assert found["declarationNumber"] == number_of(version.declaration_id)
    assert found["driverLatinLastName"] == "Nowak"
    assert found["vehicle"] == {"plate": "PO 1AB23", "weight": "HEAVY"}
    assert found["standing"] == "IN_FORCE"


@pytest.mark.parametrize("spelling", ["po1ab23", "PO-1AB 23", "РО 1АВ23", " po.1ab.23 "])
async def test_a_plate_in_any_spelling_finds_its_declaration(roadside: Roadside, spelling: str) -> None:
    await roadside.declare(Version(_fleet()))
    assert (await roadside.look_up(spelling))["verdict"] == "GREEN"


async def test_an_unknown_plate_may_be_lawful(roadside: Roadside) -> None:
    answer = await roadside.look_up("XX 99999")
    assert (answer["verdict"], answer["total"]) == ("NONE", 0)
    assert "bilateral" in answer["notice"]["text"]
    assert "transit" in answer["notice"]["text"]
    assert [reason["code"] for reason in answer["reasons"]] == ["plate_unknown"]


async def test_the_exemptions_are_said_with_every_verdict(roadside: Roadside) -> None:
    await roadside.declare(Version(_fleet()))
    answer = await roadside.look_up("PO 1AB23")
    assert answer["notice"]["legalReference"].startswith("Directive (EU) 2020/1057")


async def test_the_first_and_the_last_day_are_covered(roadside: Roadside) -> None:
    await roadside.declare(Version(_fleet(), start=date(2026, 3, 1), end=date(2026, 3, 31)))
    days = {}
    for at in ("2026-02-28T22:59:00Z", "2026-02-28T23:01:00Z", "2026-03-31T21:59:00Z", "2026-03-31T22:01:00Z"):
        days[at] = (await roadside.look_up("PO 1AB23", at=at))["verdict"]
    # Paris is an hour ahead of UTC in winter, two in summer.
    assert list(days.values()) == ["RED_PERIOD", "GREEN", "GREEN", "RED_PERIOD"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"start": date(2025, 9, 1), "end": date(2026, 2, 28)}, "expired"),
        ({"start": date(2026, 5, 1), "end": date(2026, 9, 30)}, "future"),
        ({"withdrawn": True}, "withdrawn"),
    ],
)
async def test_a_declaration_that_is_not_in_force_is_red(
    roadside: Roadside, changes: dict[str, object], reason: str
) -> None:
    await roadside.declare(Version(_fleet(), **changes))  # type: ignore[arg-type]
    answer = await roadside.look_up("PO 1AB23")
    assert answer["verdict"] == "RED_PERIOD"
    assert [found["code"] for found in answer["reasons"]] == [reason]
    assert answer["reasons"][0]["legalReference"]


async def test_another_driver_than_declared_is_amber(roadside: Roadside) -> None:
    await roadside.declare(Version(_fleet()))
    assert (await roadside.look_up("PO 1AB23", driver="Kowalska Ewa"))["verdict"] == "AMBER_DRIVER"


@pytest.mark.parametrize("driver", ["Jan Nowak", "NOWAK JAN", "nowak, ján", "00123041234", "00123/04/1234"])
async def test_the_driver_is_known_by_name_in_any_order_or_by_licence(roadside: Roadside, driver: str) -> None:
    await roadside.declare(Version(_fleet()))
    assert (await roadside.look_up("PO 1AB23", driver=driver))["verdict"] == "GREEN"


async def test_a_driver_declared_with_other_vehicles_is_amber(roadside: Roadside) -> None:
    old, new = _fleet("PO 1AB23"), None
    new = Fleet(old.operator_id, ("WA 12345",))
    await roadside.declare(
        Version(old, host="DE"), Version(new), Version(new, first_name="Ewa", last_name="Kowalska", licence_number="X9")
    )
    answer = await roadside.look_up("PO 1AB23", driver="Jan Nowak")
    assert (answer["verdict"], answer["total"]) == ("AMBER_PLATE", 0)
    assert answer["counts"]["driverElsewhere"] == 1
    assert (await roadside.look_up("PO 1AB23"))["verdict"] == "NONE"
    assert (await roadside.look_up("PO 1AB23"))["reasons"][-1]["code"] == "other_vehicles"


async def test_a_plate_that_was_taken_off_the_list_is_amber(roadside: Roadside) -> None:
    old = _fleet("PO 1AB23", "WA 12345")
    first = Version(old)
    without = Fleet(old.operator_id, ("WA 12345",))
    await roadside.declare(first)
    await roadside.declare(first.later(CONTROL - timedelta(days=1), fleet=without))
    answer = await roadside.look_up("PO 1AB23")
    assert (answer["verdict"], answer["total"]) == ("AMBER_PLATE", 0)
    assert answer["reasons"][0]["code"] == "plate_removed"
    assert (await roadside.look_up("PO 1AB23", at=(CONTROL - timedelta(days=2)).isoformat()))["verdict"] == "GREEN"


async def test_what_came_after_the_control_is_late(roadside: Roadside) -> None:
    await roadside.declare(Version(_fleet(), accepted_at=CONTROL + timedelta(minutes=10)))
    answer = await roadside.look_up("PO 1AB23")
    assert (answer["verdict"], answer["total"]) == ("RED_LATE", 0)
    assert "01/04/2026 16:15 (UTC+02:00)" in answer["reasons"][0]["text"]
    assert (await roadside.look_up("PO 1AB23", at=(CONTROL + timedelta(hours=1)).isoformat()))["verdict"] == "GREEN"


async def test_a_withdrawal_counts_from_its_instant(roadside: Roadside) -> None:
    first = Version(_fleet())
    await roadside.declare(first, first.later(CONTROL + timedelta(hours=1), withdrawn=True))
    then = await roadside.look_up("PO 1AB23")
    assert (then["verdict"], then["declarations"][0]["version"]) == ("GREEN", 1)
    assert then["declarations"][0]["newestVersion"] == 2
    later = await roadside.look_up("PO 1AB23", at=(CONTROL + timedelta(hours=2)).isoformat())
    assert (later["verdict"], later["counts"]["withdrawn"]) == ("RED_PERIOD", 1)


async def test_an_extension_after_the_control_does_not_mend_the_past(roadside: Roadside) -> None:
    first = Version(_fleet(), end=date(2026, 3, 31))
    await roadside.declare(first, first.later(CONTROL + timedelta(days=1), end=date(2026, 8, 31)))
    answer = await roadside.look_up("PO 1AB23")
    assert answer["verdict"] == "RED_LATE"
    assert {reason["code"] for reason in answer["reasons"]} == {"declared_after", "expired"}


async def test_a_declaration_submitted_after_the_start_is_remarked(roadside: Roadside) -> None:
    await roadside.declare(Version(_fleet(), accepted_at=datetime(2026, 3, 3, 8, tzinfo=UTC)))
    answer = await roadside.look_up("PO 1AB23")
    assert answer["verdict"] == "GREEN"
    assert [(reason["code"], reason["rule"]) for reason in answer["reasons"]][1] == ("begun_before", "P01")


async def test_a_declaration_for_another_state_does_not_count(roadside: Roadside) -> None:
    await roadside.declare(Version(_fleet(), host="DE"))
    answer = await roadside.look_up("PO 1AB23")
    assert (answer["verdict"], answer["total"], answer["declarations"]) == ("NONE", 0, [])
    assert answer["reasons"][0]["code"] == "other_host"


async def test_two_operators_with_one_plate_are_both_shown(roadside: Roadside) -> None:
    await roadside.declare(Version(_fleet("B-AB 123")), Version(_fleet("BA-B 123")))
    answer = await roadside.look_up("BAB123")
    assert answer["total"] == 2
    assert {found["vehicle"]["plate"] for found in answer["declarations"]} == {"B-AB 123", "BA-B 123"}


async def test_operators_are_named_from_the_register(roadside: Roadside) -> None:
    fleet = _fleet()
    await roadside.pool.execute(
        "INSERT INTO operator (operator_id, name, country, licence_number) VALUES ($1, 'Przewozy', 'PL', 'PL-1')",
        fleet.operator_id,
    )
    await roadside.declare(Version(fleet))
    (found,) = (await roadside.look_up("PO 1AB23"))["declarations"]
    assert (found["operator"]["name"], found["operator"]["licenceNumber"]) == ("Przewozy", "PL-1")


async def test_pages_follow_one_another_without_gap_or_repeat(roadside: Roadside) -> None:
    fleet = _fleet()
    ends = (date(2026, 8, 31), date(2026, 2, 28), date(2026, 5, 31))
    starts = (date(2026, 3, 1), date(2026, 1, 1), date(2026, 5, 1))
    await roadside.declare(*(Version(fleet, start=starts[n % 3], end=ends[n % 3]) for n in range(17)))
    seen: list[tuple[str, str]] = []
    key: str | None = None
    for _ in range(5):
        answer = await roadside.look_up("PO 1AB23", limit=4, startKey=key)
        assert answer["total"] == 17
        seen += [(found["standing"], found["declarationId"]) for found in answer["declarations"]]
        key = answer.get("nextKey")
    assert key is None
    assert len(set(seen)) == len(seen) == 17
    assert [standing for standing, _ in seen] == ["IN_FORCE"] * 6 + ["FUTURE"] * 5 + ["EXPIRED"] * 6


async def test_a_plate_of_another_country_than_it_looks_like_is_remarked(roadside: Roadside) -> None:
    answer = await roadside.look_up("PO 1AB23", country="F")
    assert answer["country"] == "FR"
    assert "plate_unusual" in [reason["code"] for reason in answer["reasons"]]
