"""The judge: all rules, and what it remembers."""

import json
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from schemas.limits import LIMITS
from tests.validate.samples import CLEAN, CONTACT, ESTABLISHMENT, RECEIVED, encoded, judged, line, wire
from validate.contract import decode_line
from validate.judge import Judge
from validate.text import is_suspicious


def test_a_clean_declaration_is_accepted_with_its_fleet():
    judgement = judged()
    assert judgement.problems == ()
    assert not judgement.refused
    assert judgement.fleet.plate_keys == ("PO1AB23", "PO2CD34", "WA12345")


def test_the_problems_of_all_facets_are_told_together_refusals_first():
    judgement = judged(
        declarationVehiclePlateNumberHeavy=["JAN"],
        declarationEndDate="2027-03-01",
        driverApplicableLaw="DE",
        otherContactAsTransportManager=None,
    )
    assert [one.code for one in judgement.problems] == [
        "period_too_long",
        "contact_missing",
        "plate_pattern",
        "applicable_law",
    ]
    assert judgement.refused


def test_a_warning_alone_does_not_refuse():
    judgement = judged(driverApplicableLaw="DE")
    assert judgement.problems
    assert not judgement.refused


def test_declarations_of_one_fleet_share_it():
    judge = Judge(RECEIVED)
    first = judge.judge(line(), ESTABLISHMENT)
    second = judge.judge(line(declarationPostingCountry="DE", driverLatinFirstName="Jan"), ESTABLISHMENT)
    assert first.fleet is second.fleet


def test_a_judge_of_another_day_finds_another_delay():
    assert Judge(date(2026, 9, 1)).judge(line(), ESTABLISHMENT).problems == ()
    late = Judge(date(2026, 9, 2)).judge(line(), ESTABLISHMENT)
    assert [one.code for one in late.problems] == ["late_submission"]


@pytest.mark.parametrize(
    "field",
    [name for name, value in (CLEAN | CONTACT).items() if isinstance(value, str) and "Date" not in name]
    + ["otherContactAddressStreet", "otherContactAddressPostCode", "otherContactAddressCity", "driverEmail"],
)
def test_a_control_character_in_any_text_is_refused_when_looked_for(field):
    text = json.dumps(wire(**CONTACT) | {field: "a\x00b"}).encode()
    assert is_suspicious(text)
    try:
        decoded = decode_line(text)
    except msgspec.ValidationError:
        return  # a field of codes, which the contract guards
    judgement = Judge(RECEIVED).judge(decoded, ESTABLISHMENT, suspicious=True)
    assert ("control_character", "/" + field) in [(one.code, one.pointer) for one in judgement.problems]
    assert judgement.refused


def test_a_blank_that_is_no_control_character_is_in_order():
    assert judged(driverAddressStreet="ul.\u00a0Polna 1").problems == ()


CHOICES = {
    "declarationPostingCountry": ["FR", "PL", "EL", "GB"],
    "declarationStartDate": ["2026-09-01", "2026-08-01", "0001-01-01", "9999-12-31"],
    "declarationEndDate": ["2026-09-01", "2027-02-28", "2027-03-01", "9999-12-31", "0001-01-01"],
    "declarationOperationType": [["CABOTAGE_OPERATIONS"], [], ["X"], ["CABOTAGE_OPERATIONS"] * 2],
    "declarationTransportType": [["CARRIAGE_OF_GOODS"], ["CARRIAGE_OF_PASSENGERS"], None],
    "declarationVehiclePlateNumber": [[], ["AB 123"], ["A"], ["СВ 1234 АВ"], 5],
    "declarationVehiclePlateNumberHeavy": [None, ["AB 123", "AB-123"], ["PO 2CD34"]],
    "driverId": [None, "0190a6f2-7c1e-7d3a-9b54-000000000001"],
    "driverLatinFirstName": ["Jan", "Ян", "J4n", " "],
    "driverDateOfBirth": [None, "1980-05-17", "2020-01-01"],
    "driverContractStartDate": ["2020-01-01", "2026-09-15", "1066-01-01"],
    "driverLicenseNumber": ["00123/04/1234", "1", None],
    "driverApplicableLaw": ["PL", "UA", None],
    "driverAddressCity": ["Poznań", None],
    "driverEmail": [None, "a@b.eu", "a"],
    "otherContactAsTransportManager": [True, False],
    "otherContactFirstName": [None, "Anna"],
    "otherContactEmail": [None, "", "a@b.eu", "a"],
}
changes = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()})
establishments = st.sampled_from(["PL", "LT", "EL", "GB", "UA"])
WARM = Judge(RECEIVED)


def _decoded(changed):
    text = json.dumps({name: value for name, value in (CLEAN | changed).items() if value is not None}).encode()
    try:
        return decode_line(text)
    except msgspec.ValidationError:
        return None


@settings(max_examples=300)
@given(changes, establishments, st.booleans())
def test_a_warm_judge_says_what_a_cold_one_says(changed, establishment, suspicious):
    decoded = _decoded(changed)
    if decoded is None:
        return
    cold = Judge(RECEIVED).judge(decoded, establishment, suspicious=suspicious)
    WARM.judge(decoded, establishment, suspicious=suspicious)
    assert WARM.judge(decoded, establishment, suspicious=suspicious) == cold
    assert cold.refused is any(one.severity == "reject" for one in cold.problems)


@settings(max_examples=300)
@given(st.lists(st.tuples(changes, establishments), min_size=1, max_size=8), st.booleans())
def test_in_a_block_each_declaration_is_judged_as_if_it_were_alone(changed, suspicious):
    block = [(decoded, home) for change, home in changed if (decoded := _decoded(change)) is not None]
    if not block:
        return
    lines, homes = zip(*block, strict=True)
    judged = Judge(RECEIVED).judge_all([astuple(one) for one in lines], homes, suspicious=suspicious)
    for place, (one, home) in enumerate(block):
        alone = Judge(RECEIVED).judge(one, home, suspicious=suspicious)
        carriage = judged.carriages[place]
        assert judged.fleets[place] == alone.fleet
        assert judged.problems.get(place, ()) == alone.problems
        assert (carriage.cabotage, carriage.international) == (alone.cabotage, alone.international)
        assert (carriage.goods, carriage.passengers) == (alone.goods, alone.passengers)


def test_what_a_judge_remembers_is_bounded():
    memory = msgspec.structs.replace(LIMITS.memory, facts=10, plates=10)
    judge = Judge(RECEIVED, memory)
    for number in range(100):
        day = date(2026, 9, 1 + number % 28).isoformat()
        text = encoded(
            declarationVehiclePlateNumberHeavy=[f"PO {1000 + number}"],
            driverAddressStreet=f"ul. Polna {number}",
            otherContactFirstName="Anna" + "a" * number,
            declarationEndDate=day,
            declarationPostingCountry=("FR", "DE", "BE", "NL")[number % 4],
        )
        assert judge.judge(decode_line(text), ESTABLISHMENT).problems == ()
        remembered = (judge._carriages, judge._fleets, *(facet for _, facet in judge._facets))
        assert all(len(facts) <= 10 for facts in remembered)
