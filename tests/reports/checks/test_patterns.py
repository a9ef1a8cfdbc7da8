"""Each pattern of domain.md 6.2 with a case that it finds and one, as like it as can be, that it leaves alone."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from reports.checks import runner
from reports.checks.catalogue import PatternUnknownError, pattern_of, patterns
from reports.checks.scope import Scope
from tests.reports.small_lake import LT, PL, TODAY, SmallLake, at

DAY = timedelta(1)


def test_every_pattern_of_the_catalogue_is_there():
    assert list(patterns()) == [f"P{number:02}" for number in range(1, 25)]


def test_an_unknown_pattern_is_named_with_those_that_exist():
    with pytest.raises(PatternUnknownError, match="no pattern P99; they are P01"):
        pattern_of("P99")


@pytest.mark.parametrize("code", ["P01", "P06", "P08"])
async def test_a_pattern_done_in_parts_finds_what_it_finds_whole(
    small_lake: SmallLake, code: str, monkeypatch: pytest.MonkeyPatch
):
    for number in range(40):
        for operator in (PL, LT, UUID(int=100 + number)):
            fleet = small_lake.fleet(f"WX{number // 2}", operator=operator)
            late = {"start_date": TODAY, "submitted_at": at(TODAY + DAY), "driver_licence_number": str(number)}
            small_lake.declare(operator_id=operator, fleet_id=fleet, **late)
    whole = small_lake.hints(code)
    monkeypatch.setattr(runner, "_PARTS", (8,))
    parts = small_lake.hints(code)
    assert sorted(whole, key=str) == sorted(parts, key=str)
    assert len(whole) > 40


async def test_p01_finds_a_declaration_that_came_a_day_late(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY + DAY))
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY + 3 * DAY))
    (hint,) = small_lake.hints("P01")
    assert (hint["operator_id"], hint["host"], hint["occurrences"]) == (PL, "DE", 2)
    assert hint["details"] == {"most_days_late": 3}
    assert [row["id"] for row in hint["evidence"]] == [str(row["declaration_id"]) for row in small_lake.versions[::-1]]
    assert hint["weight"] == 20


async def test_p01_leaves_the_day_itself_alone_in_the_civil_time_of_the_host(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY, 22))
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY, 23), posting_country="PT")
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY, 23), posting_country="FI")
    assert [hint["host"] for hint in small_lake.hints("P01")] == ["FI"]


async def test_p02_finds_a_declaration_made_while_the_officer_waits(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY, 10), fleet_id=small_lake.fleet("WX1234A"))
    await small_lake.control(plate="WX 1234A", plate_key="WX1234A")
    (hint,) = small_lake.hints("P02")
    assert hint["details"]["minutes_after"] == 60


async def test_p02_leaves_a_driver_alone_who_was_declared_before(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY - DAY))
    small_lake.declare(start_date=TODAY, submitted_at=at(TODAY, 10))
    await small_lake.control(driver_licence_number="00123 04 1234")
    assert small_lake.hints("P02") == []


async def test_p02_leaves_a_later_posting_alone(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY + DAY, submitted_at=at(TODAY, 10))
    await small_lake.control(driver_licence_number="00123/04/1234")
    assert small_lake.hints("P02") == []


@pytest.mark.parametrize(
    ("start", "end"), [("2026-01-01", "2026-07-01"), ("2025-08-31", "2026-03-01"), ("2025-08-15", "2026-02-15")]
)
async def test_p03_finds_more_than_six_months(small_lake: SmallLake, start: str, end: str):
    small_lake.declare(start_date=date.fromisoformat(start), end_date=date.fromisoformat(end))
    assert len(small_lake.hints("P03")) == 1


@pytest.mark.parametrize(
    ("start", "end"), [("2026-01-01", "2026-06-30"), ("2025-08-31", "2026-02-28"), ("2025-08-15", "2026-02-14")]
)
async def test_p03_leaves_six_months_alone(small_lake: SmallLake, start: str, end: str):
    small_lake.declare(start_date=date.fromisoformat(start), end_date=date.fromisoformat(end))
    assert small_lake.hints("P03") == []


def _chain(lake: SmallLake, months: int, contract: date) -> None:
    for month in range(months):
        start = TODAY + month * 30 * DAY
        lake.declare(start_date=start, end_date=start + 29 * DAY, driver_contract_start=contract)


async def test_p04_finds_a_chain_that_began_before_the_contract(small_lake: SmallLake):
    _chain(small_lake, 5, TODAY + 60 * DAY)
    (hint,) = small_lake.hints("P04")
    assert (hint["occurrences"], hint["first_on"]) == (4, TODAY)


async def test_p04_leaves_long_chains_and_broken_ones_alone(small_lake: SmallLake):
    _chain(small_lake, 6, TODAY - DAY)
    assert small_lake.hints("P04") == []
    small_lake.versions.clear()
    _chain(small_lake, 5, TODAY + 60 * DAY)
    small_lake.versions[1]["end_date"] -= 10 * DAY
    assert small_lake.hints("P04") == []


async def test_p05_finds_a_contract_that_begins_after_the_posting(small_lake: SmallLake):
    small_lake.declare(driver_contract_start=TODAY + 5 * DAY)
    (hint,) = small_lake.hints("P05")
    assert hint["details"] == {"most_days": 4}


async def test_p05_leaves_a_contract_of_the_same_day_and_a_withdrawn_declaration_alone(small_lake: SmallLake):
    small_lake.declare(driver_contract_start=TODAY + DAY)
    row = small_lake.declare(driver_contract_start=TODAY + 5 * DAY)
    small_lake.amend(row, at(TODAY), withdrawn=True)
    assert small_lake.hints("P05") == []


async def test_p06_finds_a_driver_of_two_operators(small_lake: SmallLake):
    small_lake.declare()
    small_lake.declare(operator_id=LT, start_date=TODAY + 20 * DAY)
    hints = {hint["operator_id"]: hint for hint in small_lake.hints("P06")}
    assert set(hints) == {PL, LT}
    assert hints[PL]["details"]["other_operators"] == [str(LT)]
    assert (hints[PL]["first_on"], hints[PL]["last_on"]) == (TODAY + 20 * DAY, TODAY + 30 * DAY)


async def test_p06_leaves_alone_who_moved_on_or_works_elsewhere_or_only_has_the_number(small_lake: SmallLake):
    small_lake.declare()
    small_lake.declare(operator_id=LT, start_date=TODAY + 31 * DAY)
    small_lake.declare(operator_id=LT, posting_country="FR")
    small_lake.declare(operator_id=LT, driver_birth_date=date(1999, 1, 1))
    assert small_lake.hints("P06") == []


HOSTS = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"]


async def test_p07_finds_one_vehicle_in_sixteen_states(small_lake: SmallLake):
    fleet = small_lake.fleet("WX1234A")
    for host in HOSTS:
        small_lake.declare(posting_country=host, start_date=TODAY, fleet_id=fleet)
    hints = small_lake.hints("P07")
    assert sorted(hint["host"] for hint in hints) == HOSTS
    assert {hint["details"]["host_states"] for hint in hints} == {16}
    assert {len(hint["evidence"]) for hint in hints} == {1}, "each state sees its own declarations only"


async def test_p07_counts_the_states_also_when_one_of_them_asks(small_lake: SmallLake):
    fleet = small_lake.fleet("WX1234A")
    for host in HOSTS:
        small_lake.declare(posting_country=host, start_date=TODAY, fleet_id=fleet)
    (hint,) = small_lake.hints("P07", Scope(host=HOSTS[3]))
    assert (hint["host"], hint["details"]["host_states"]) == (HOSTS[3], 16)


async def test_p07_leaves_fifteen_states_or_two_vehicles_alone(small_lake: SmallLake):
    for host in HOSTS[1:]:
        small_lake.declare(posting_country=host, start_date=TODAY, fleet_id=small_lake.fleet("WX1234A"))
    two = small_lake.fleet("WX1234B", "WX1234C")
    for host in HOSTS:
        small_lake.declare(posting_country=host, start_date=TODAY, fleet_id=two, driver_licence_number="2")
    assert small_lake.hints("P07") == []


async def test_p08_finds_one_vehicle_of_two_operators(small_lake: SmallLake):
    small_lake.declare(fleet_id=small_lake.fleet("WX1234A", "WX1234B"))
    small_lake.declare(fleet_id=small_lake.fleet("WX1234A", operator=LT), operator_id=LT)
    assert {(hint["operator_id"], hint["subject"]) for hint in small_lake.hints("P08")} == {
        (PL, "WX1234A"),
        (LT, "WX1234A"),
    }


async def test_p08_leaves_a_sold_vehicle_alone(small_lake: SmallLake):
    small_lake.declare(fleet_id=small_lake.fleet("WX1234A"))
    sold = small_lake.fleet("WX1234A", operator=LT)
    small_lake.declare(fleet_id=sold, operator_id=LT, start_date=TODAY + 31 * DAY)
    assert small_lake.hints("P08") == []


async def test_p08_takes_a_plate_of_very_many_operators_for_a_placeholder(small_lake: SmallLake):
    for number in range(80):
        fleet = small_lake.fleet("XXX000", operator=UUID(int=500 + number))
        small_lake.declare(fleet_id=fleet, operator_id=UUID(int=500 + number))
    assert small_lake.hints("P08") == []


async def test_p09_finds_bulgarian_vehicles_of_a_lithuanian(small_lake: SmallLake):
    small_lake.declare(operator_id=LT, fleet_id=small_lake.fleet("CA1234AB", "CA1235AB", "CA1236AB", operator=LT))
    (hint,) = small_lake.hints("P09")
    assert hint["details"]["strange"] == 3


async def test_p09_leaves_alone_whose_vehicles_are_mostly_of_the_own_country(small_lake: SmallLake):
    own = [f"ABC{number}" for number in range(100, 103)]
    plates = (*own, "CA1234AB", "CA1235AB", "CA1236AB")
    small_lake.declare(operator_id=LT, fleet_id=small_lake.fleet(*plates, operator=LT))
    assert small_lake.hints("P09") == []


async def _licence(lake: SmallLake, **values: object) -> None:
    row = {"country": "PL", "licence_key": "PLTM1", "licence_number": "PL/TM 1", "status": "VALID"}
    await lake.add("register_licence", **row | values)
    await _loaded(lake, "licence")


async def _loaded(lake: SmallLake, record: str) -> None:
    await lake.add("register_load", country="PL", record=record, file="f", digest=b"", rows=1)


@pytest.mark.parametrize("code", ["P10", "P11", "P12", "P15", "P24"])
async def test_without_a_register_the_answer_is_unknown(small_lake: SmallLake, code: str):
    small_lake.declare(fleet_id=small_lake.fleet("WX1234A"))
    assert small_lake.status(code) == "unknown"


async def test_p10_finds_more_vehicles_than_copies(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY, fleet_id=small_lake.fleet(*(f"WX{number}" for number in range(1000, 1010))))
    await _licence(small_lake, certified_copies=5)
    (hint,) = small_lake.hints("P10")
    assert hint["details"] == {"plates": 10, "certified_copies": 5}


async def test_p10_leaves_a_few_vehicles_more_alone(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY, fleet_id=small_lake.fleet(*(f"WX{number}" for number in range(1000, 1007))))
    await _licence(small_lake, certified_copies=5)
    assert small_lake.hints("P10") == []


@pytest.mark.parametrize(
    ("licence", "told"),
    [
        ({"status": "WITHDRAWN"}, "WITHDRAWN"),
        ({"valid_until": TODAY - DAY}, "EXPIRED"),
        ({"licence_key": "PLTM2"}, "UNKNOWN"),
    ],
)
async def test_p11_finds_a_licence_that_is_none(small_lake: SmallLake, licence: dict[str, object], told: str):
    small_lake.declare()
    await _licence(small_lake, **licence)
    (hint,) = small_lake.hints("P11")
    assert hint["details"] == {"licence_status": told}


async def test_p11_leaves_a_valid_licence_and_a_country_without_register_alone(small_lake: SmallLake):
    small_lake.declare()
    small_lake.declare(operator_id=LT)
    await _licence(small_lake)
    assert small_lake.hints("P11") == []


async def _manager(lake: SmallLake, **values: object) -> None:
    row = {"country": "PL", "licence_key": "PLTM1", "certificate_country": "PL", "certificate_key": "1"}
    await lake.add(
        "register_manager", **row | {"certificate_number": "1", "name": "A. Nowak", "external": False} | values
    )


async def test_p12_finds_an_unfit_manager_and_one_of_five_undertakings(small_lake: SmallLake):
    small_lake.declare()
    await _manager(small_lake, unfit_from=TODAY - DAY)
    for number in range(1, 6):
        await _manager(small_lake, licence_key=f"PLTM{number}", certificate_key="2", external=True)
    await _loaded(small_lake, "manager")
    hints = {hint["subject"]: hint["details"] for hint in small_lake.hints("P12")}
    assert hints["PL 1"]["unfit"] is True
    assert hints["PL 2"]["undertakings"] == 5


async def test_p12_leaves_four_undertakings_and_a_rehabilitated_manager_alone(small_lake: SmallLake):
    small_lake.declare()
    await _manager(small_lake, unfit_from=TODAY - 9 * DAY, unfit_until=TODAY - DAY)
    for number in range(1, 5):
        await _manager(small_lake, licence_key=f"PLTM{number}", certificate_key="2", external=True)
    await _loaded(small_lake, "manager")
    assert small_lake.hints("P12") == []


async def test_p13_finds_cabotage_that_was_not_declared(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY)
    await small_lake.control(driver_licence_number="00123/04/1234", operation_seen="CABOTAGE_OPERATIONS")
    assert len(small_lake.hints("P13")) == 1


async def test_p13_leaves_alone_whose_other_declaration_names_cabotage(small_lake: SmallLake):
    small_lake.declare(start_date=TODAY)
    small_lake.declare(start_date=TODAY, cabotage=True)
    await small_lake.control(driver_licence_number="00123/04/1234", operation_seen="CABOTAGE_OPERATIONS")
    assert small_lake.hints("P13") == []


async def test_p14_finds_a_bus_at_a_control_and_in_the_register(small_lake: SmallLake):
    row = small_lake.declare(start_date=TODAY, fleet_id=small_lake.fleet("WX1234A"))
    bus = "CARRIAGE_OF_PASSENGERS"
    await small_lake.control(declaration_id=row["declaration_id"], carriage_seen=bus)
    await _vehicle(small_lake, carriage=bus)
    assert sorted(hint["subject_kind"] for hint in small_lake.hints("P14")) == ["control", "plate"]


async def test_p14_leaves_alone_who_declared_both(small_lake: SmallLake):
    row = small_lake.declare(start_date=TODAY, passengers=True, fleet_id=small_lake.fleet("WX1234A"))
    await small_lake.control(declaration_id=row["declaration_id"], carriage_seen="CARRIAGE_OF_PASSENGERS")
    await _vehicle(small_lake, carriage="CARRIAGE_OF_PASSENGERS")
    assert small_lake.hints("P14") == []


async def _vehicle(lake: SmallLake, **values: object) -> None:
    row = {"country": "PL", "licence_key": "PLTM1", "plate": "WX1234A", "plate_key": "WX1234A", "plate_country": "PL"}
    await lake.add("register_vehicle", **row | values)


async def test_p15_finds_a_lorry_declared_as_a_van(small_lake: SmallLake):
    small_lake.declare(fleet_id=small_lake.fleet("WX1234A", weight="LIGHT"))
    await _vehicle(small_lake, weight="HEAVY")
    await _loaded(small_lake, "vehicle")
    (hint,) = small_lake.hints("P15")
    assert hint["details"] == {"declared": "LIGHT", "registered": "HEAVY"}


async def test_p15_leaves_the_same_weight_and_plates_without_one_alone(small_lake: SmallLake):
    small_lake.declare(fleet_id=small_lake.fleet("WX1234A", weight="HEAVY"))
    small_lake.declare(fleet_id=small_lake.fleet("WX1234A", weight=""))
    await _vehicle(small_lake, weight="HEAVY")
    await _loaded(small_lake, "vehicle")
    assert small_lake.hints("P15") == []


async def test_p16_finds_a_request_whose_eight_weeks_are_over(small_lake: SmallLake):
    request = await small_lake.request(small_lake.declare())
    (hint,) = small_lake.hints("P16", as_of=TODAY + 57 * DAY)
    assert (hint["subject"], hint["host"], hint["last_on"]) == (str(request), "DE", TODAY + 56 * DAY)
    assert hint["evidence"][0]["declarations"] == [str(small_lake.versions[0]["declaration_id"])]


async def test_p16_leaves_the_last_day_an_answer_in_time_and_a_withdrawn_request_alone(small_lake: SmallLake):
    await small_lake.request()
    assert small_lake.hints("P16", as_of=TODAY + 56 * DAY) == []
    await small_lake.books.execute("DELETE FROM exchange")
    await small_lake.request(state="ANSWERED", answered_at=at(TODAY + 56 * DAY, 23))
    await small_lake.request(state="WITHDRAWN", closed_at=at(TODAY + 90 * DAY))
    assert small_lake.hints("P16", as_of=TODAY + 100 * DAY) == []


async def test_p17_finds_the_stopped_plate_added_after_the_control(small_lake: SmallLake):
    row = small_lake.declare(start_date=TODAY, fleet_id=small_lake.fleet("WX1234A"))
    small_lake.amend(row, at(TODAY, 11), fleet_id=small_lake.fleet("WX1234A", "WX9999A"))
    await small_lake.control(plate="WX9999A", plate_key="WX9999A")
    (hint,) = small_lake.hints("P17")
    assert (hint["details"]["plate_added"], hint["details"]["minutes_after"]) == (True, 120)


async def test_p17_leaves_earlier_changes_and_those_of_other_plates_alone(small_lake: SmallLake):
    row = small_lake.declare(start_date=TODAY, fleet_id=small_lake.fleet("WX1234A"))
    row = small_lake.amend(row, at(TODAY, 8), fleet_id=small_lake.fleet("WX1234A", "WX9999A"))
    small_lake.amend(row, at(TODAY, 12), fleet_id=small_lake.fleet("WX1234A", "WX9999A", "WX8888A"))
    await small_lake.control(plate="WX9999A", plate_key="WX9999A")
    assert small_lake.hints("P17") == []


async def test_p18_finds_a_withdrawal_after_the_control(small_lake: SmallLake):
    row = small_lake.declare(start_date=TODAY)
    small_lake.amend(row, at(TODAY + 2 * DAY), withdrawn=True)
    await small_lake.control(driver_licence_number="00123/04/1234")
    (hint,) = small_lake.hints("P18")
    assert (hint["subject_kind"], hint["last_on"]) == ("control", TODAY + 2 * DAY)


async def test_p18_finds_a_withdrawal_after_the_request_for_documents(small_lake: SmallLake):
    row = small_lake.declare(start_date=TODAY - 60 * DAY)
    await small_lake.request(row)
    small_lake.amend(row, at(TODAY + 2 * DAY), withdrawn=True)
    (hint,) = small_lake.hints("P18")
    assert hint["subject_kind"] == "request"


async def test_p18_leaves_a_withdrawal_before_the_control_alone(small_lake: SmallLake):
    row = small_lake.declare(start_date=TODAY)
    small_lake.amend(row, at(TODAY, 8), withdrawn=True)
    await small_lake.control(driver_licence_number="00123/04/1234")
    assert small_lake.hints("P18") == []


async def test_p19_finds_drivers_who_live_at_the_company_and_a_telephone_of_many(small_lake: SmallLake):
    home = {"driver_street": "UL. WOLSKA 1", "driver_city": "Warszawa"}
    for number in range(6):
        small_lake.declare(driver_licence_number=str(number), **home)
        operator = PL if number == 0 else LT if number == 1 else UUID(int=100 + number)
        small_lake.declare(operator_id=operator, contact_phone="+48 22 5550000", posting_country="FR")
    hints = small_lake.hints("P19")
    assert {(hint["subject_kind"], hint["host"]) for hint in hints} == {("operator", "DE"), ("telephone", "FR")}
    assert {hint["occurrences"] for hint in hints} == {6}


async def test_p19_leaves_five_drivers_and_five_operators_alone(small_lake: SmallLake):
    for number in range(5):
        small_lake.declare(driver_licence_number=str(number), driver_street="ul. Wolska 1", driver_city="Warszawa")
        small_lake.declare(operator_id=UUID(int=100 + number), contact_phone="+48 22 5550000")
    assert small_lake.hints("P19") == []


async def test_p20_finds_a_working_week_of_single_days(small_lake: SmallLake):
    for day in (0, 1, 2, 3, 4, 7):  # Monday to Friday, and Monday
        small_lake.declare(start_date=TODAY + day * DAY, end_date=TODAY + day * DAY)
    (hint,) = small_lake.hints("P20")
    assert (hint["occurrences"], hint["details"]) == (6, {"longest_run": 6, "runs": 1})


async def test_p20_leaves_single_days_of_the_same_weekday_alone(small_lake: SmallLake):
    for week in range(6):
        small_lake.declare(start_date=TODAY + 7 * week * DAY, end_date=TODAY + 7 * week * DAY)
    assert small_lake.hints("P20") == []


async def test_p21_finds_a_plate_with_a_letter_for_a_digit(small_lake: SmallLake):
    small_lake.declare(fleet_id=small_lake.fleet("WX1O34A"))
    await _vehicle(small_lake, plate_key="WX1034A")
    (hint,) = small_lake.hints("P21")
    assert hint["details"] == {"like": "WX1034A", "known_from": "registered"}


async def test_p21_leaves_a_plate_alone_that_the_register_has(small_lake: SmallLake):
    small_lake.declare(fleet_id=small_lake.fleet("WX1O34A", "WX1034A"))
    await _vehicle(small_lake, plate_key="WX1034A")
    await _vehicle(small_lake, plate_key="WX1O34A")
    assert small_lake.hints("P21") == []


async def test_p22_finds_one_driver_declared_twice(small_lake: SmallLake):
    small_lake.declare()
    small_lake.declare(start_date=TODAY + 20 * DAY)
    (hint,) = small_lake.hints("P22")
    assert (hint["occurrences"], hint["details"]) == (1, {"drivers": 1})


async def test_p22_leaves_renewals_other_hosts_and_withdrawn_ones_alone(small_lake: SmallLake):
    small_lake.declare()
    small_lake.declare(start_date=TODAY + 31 * DAY)
    small_lake.declare(posting_country="FR")
    small_lake.amend(small_lake.declare(), at(TODAY), withdrawn=True)
    assert small_lake.hints("P22") == []


async def test_p23_finds_the_law_of_a_third_country(small_lake: SmallLake):
    small_lake.declare(driver_applicable_law="CY")
    (hint,) = small_lake.hints("P23")
    assert hint["details"] == {"laws": ["CY"]}


async def test_p23_leaves_the_law_of_the_driver_s_home_alone(small_lake: SmallLake):
    small_lake.declare(driver_applicable_law="UA", driver_country="UA")
    assert small_lake.hints("P23") == []


async def _document(lake: SmallLake, kind: str, number_key: str, expires_on: date) -> None:
    await lake.add("register_document", country="PL", document_type=kind, number_key=number_key, expires_on=expires_on)
    await _loaded(lake, "document")


async def test_p24_finds_a_driving_licence_that_expires_on_the_way(small_lake: SmallLake):
    small_lake.declare()
    await _document(small_lake, "DRIVINGLICENSE", "00123041234", TODAY + 5 * DAY)
    (hint,) = small_lake.hints("P24")
    assert hint["details"] == {"document": "DRIVINGLICENSE", "expires_on": str(TODAY + 5 * DAY)}


async def test_p24_finds_a_document_that_the_operator_itself_recorded_as_expiring(small_lake: SmallLake):
    small_lake.declare()
    row = {name: value for name, value in small_lake.versions[0].items() if name.startswith("driver_")}
    names = {"driver_first_name": "Jan", "driver_last_name": "Nowak", "created_at": at(TODAY), "updated_at": at(TODAY)}
    await small_lake.add(
        "driver",
        **row | names | {"operator_id": PL, "driver_id": UUID(int=7), "driver_document_expires": TODAY + 9 * DAY},
    )
    (hint,) = small_lake.hints("P24")
    assert hint["details"]["document"] == "IDCARD"


async def test_p24_leaves_a_document_of_another_country_and_one_that_lasts_alone(small_lake: SmallLake):
    small_lake.declare(driver_document_country="SK")
    await _document(small_lake, "IDCARD", "ABC123456", TODAY + 5 * DAY)
    await small_lake.add(
        "register_document",
        country="PL",
        document_type="DRIVINGLICENSE",
        number_key="00123041234",
        expires_on=TODAY + 30 * DAY,
    )
    assert small_lake.hints("P24") == []
