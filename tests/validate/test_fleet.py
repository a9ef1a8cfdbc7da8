"""Fleets: plate lists judged, and addressed by their content."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.limits import LIMITS
from validate.fleet import Fleet, fleet_id, read_fleet

PLAIN = "/declarationVehiclePlateNumber"
LIGHT = PLAIN + "Light"
HEAVY = PLAIN + "Heavy"


def goods(plain=(), light=(), heavy=(), establishment="") -> Fleet:
    return read_fleet(
        *(json.dumps(list(plates)).encode() for plates in (plain, light, heavy)), True, False, establishment
    )


def passengers(plain=(), light=(), heavy=()) -> Fleet:
    return read_fleet(*(json.dumps(list(plates)).encode() for plates in (plain, light, heavy)), False, True)


def codes(fleet: Fleet) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in fleet.problems]


def severities(fleet: Fleet) -> set[str]:
    return {one.severity for one in fleet.problems}


def test_a_fleet_keeps_keys_display_forms_and_weights_in_order():
    fleet = goods(plain=["WA 12345"], light=["PO 2CD34"], heavy=["PO 1AB23"])
    assert fleet.problems == ()
    assert fleet.plate_keys == ("PO1AB23", "PO2CD34", "WA12345")
    assert fleet.plates == ("PO 1AB23", "PO 2CD34", "WA 12345")
    assert fleet.weights == ("HEAVY", "LIGHT", "")
    assert isinstance(fleet.fleet_id, bytes)
    assert len(fleet.fleet_id) == 16


def test_buses_need_plates_in_the_plain_list():
    assert codes(passengers(plain=["PO 1AB23"])) == []
    assert codes(passengers()) == [("plates_required", PLAIN)]
    assert ("plates_required", PLAIN) in codes(passengers(light=["PO 1AB23"]))
    assert severities(passengers()) == {"reject"}


def test_lorries_without_plates_are_remarked_on_and_have_no_fleet():
    fleet = goods()
    assert codes(fleet) == [("plates_missing", PLAIN)]
    assert severities(fleet) == {"warn"}
    assert fleet.fleet_id is None
    assert fleet.plates == ()


def test_weights_are_for_lorries():
    assert codes(passengers(plain=["PO 1AB23"], heavy=["WA 12345"])) == [("weight_not_for_passengers", HEAVY)]
    both = read_fleet(b'["PO 1AB23"]', b"[]", b'["WA 12345"]', True, True)
    assert codes(both) == []


def test_a_plate_is_not_both_light_and_heavy():
    fleet = goods(light=["PO 1AB23"], heavy=["WA 12345", "PO 1AB23"])
    assert ("plate_light_and_heavy", HEAVY + "/1") in codes(fleet)
    assert "reject" in severities(fleet)


def test_a_plate_that_stands_twice_is_kept_once_with_its_weight():
    fleet = goods(plain=["PO 1AB23", "PO 1AB23"], heavy=["PO 1AB23"])
    assert codes(fleet) == [("duplicate_plate", PLAIN + "/1"), ("duplicate_plate", HEAVY + "/0")]
    assert severities(fleet) == {"warn"}
    assert (fleet.plates, fleet.weights) == (("PO 1AB23",), ("HEAVY",))


def test_two_german_plates_that_share_a_key_are_both_kept():
    fleet = goods(plain=["B-AB 123", "BA-B 123"])
    assert codes(fleet) == [("plate_key_twice", PLAIN + "/1")]
    assert severities(fleet) == {"warn"}
    assert fleet.plate_keys == ("BAB123", "BAB123")
    assert fleet.plates == ("B-AB 123", "BA-B 123")


@pytest.mark.parametrize("plate", ["A", "- -", "A-"])
def test_a_plate_of_less_than_two_letters_is_refused(plate):
    assert codes(goods(plain=[plate]))[0] == ("plate_too_short", PLAIN + "/0")


def test_a_plate_of_more_than_fifteen_letters_is_refused():
    assert ("plate_too_long", PLAIN + "/0") in codes(goods(plain=["A" * 16]))
    assert "plate_too_long" not in dict(codes(goods(plain=["A" * 15])))


def test_a_plate_of_more_than_twenty_characters_breaks_the_contract():
    fleet = goods(plain=["PO 1AB23", "A" + " " * 20])
    assert codes(fleet) == [("too_long", PLAIN + "/1")]
    assert fleet.plates == ()


@pytest.mark.parametrize(
    ("raw", "code", "pointer"),
    [
        (b"null", "wrong_type", PLAIN),
        (b'"PO1AB23"', "wrong_type", PLAIN),
        (b"[1]", "wrong_type", PLAIN + "/0"),
        (b'[""]', "too_short", PLAIN + "/0"),
        (b'["\xff\xfe"]', "invalid_utf8", ""),
        (b"[1e999]", "number_out_of_range", ""),
        (b"[" * 100_000 + b"]" * 100_000, "nesting_too_deep", ""),
        (json.dumps(["PO1AB23"] * 5001).encode(), "too_many", PLAIN),
    ],
)
def test_a_list_that_breaks_the_contract_is_explained(raw, code, pointer):
    assert codes(read_fleet(raw, b"[]", b"[]", True, False)) == [(code, pointer)]


def test_a_plate_like_no_series_is_remarked_on():
    assert codes(goods(plain=["JAN"])) == [("plate_pattern", PLAIN + "/0")]
    assert codes(goods(plain=["PO 1AB23"])) == []


def test_a_plate_by_wish_of_the_operators_country_is_in_order():
    assert codes(goods(plain=["JAN"], establishment="DK")) == []
    assert codes(goods(plain=["JAN"], establishment="FR")) == [("plate_pattern", PLAIN + "/0")]


def test_a_cyrillic_plate_is_kept_and_its_latin_key_is_told():
    fleet = goods(plain=["СВ 1234 АВ"])
    assert codes(fleet) == [("plate_not_latin", PLAIN + "/0")]
    assert "CB1234AB" in fleet.problems[0].suggestion
    assert severities(fleet) == {"warn"}
    assert fleet.plates == ("СВ 1234 АВ",)
    assert fleet.plate_keys == ("CB1234AB",)


@pytest.mark.parametrize("control", ["\x00", "\x1f", "\x7f", "\x85", "\u2028", "\u2029"])
def test_a_control_character_in_a_plate_is_refused(control):
    assert codes(goods(plain=[f"PO{control}1AB23"]))[0] == ("control_character", PLAIN + "/0")


def test_a_refusal_is_not_lost_among_a_thousand_warnings():
    fleet = goods(plain=["JAN"] * 1000, light=["PO 1AB23"], heavy=["PO 1AB23"])
    assert "reject" in severities(fleet)
    assert len(fleet.problems) == LIMITS.line.problems + 1


plates = st.lists(st.from_regex(r"[A-Z]{2}[ -]?[0-9]{3,5}", fullmatch=True), max_size=12)


@given(plates, st.randoms())
def test_the_order_of_a_list_changes_no_fleet_id(listed, random):
    shuffled = random.sample(listed, len(listed))
    first, second = goods(plain=listed), goods(plain=shuffled)
    assert (first.fleet_id, first.plates, first.plate_keys) == (second.fleet_id, second.plates, second.plate_keys)


@given(plates, plates)
def test_fleets_have_one_id_only_if_they_have_the_same_plates(one, other):
    assert (goods(plain=one).fleet_id == goods(plain=other).fleet_id) is (set(one) == set(other))


@given(plates)
def test_a_weight_is_part_of_a_fleet(listed):
    same = goods(plain=listed).fleet_id == goods(heavy=listed).fleet_id
    assert same is (not listed)


@given(st.lists(st.text(min_size=1, max_size=20), max_size=6), st.lists(st.text(min_size=1, max_size=20), max_size=6))
def test_any_texts_make_a_fleet_whose_id_is_that_of_its_plates(one, other):
    fleet = goods(plain=one, heavy=other)
    assert fleet.fleet_id == fleet_id(zip(fleet.plate_keys, fleet.plates, fleet.weights, strict=True))
    assert len(set(fleet.plates)) <= len(one) + len(other)
