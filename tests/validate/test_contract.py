"""What a line breaks of the contract, all of it."""

import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.declaration import WIRE_NAMES, Declaration
from schemas.limits import LIMITS
from tests.validate.samples import CLEAN, encoded, wire
from validate.contract import decode_line, explain, explain_value

_decode = msgspec.json.Decoder(Declaration).decode


def codes(line: bytes) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in explain(line)]


def test_a_line_that_fits_has_nothing_to_explain():
    assert explain(encoded()) == ()


def test_every_failure_of_a_line_is_found_not_only_the_first():
    line = encoded(
        declarationPostingCountry="XX",
        declarationStartDate="1.9.2026",
        declarationEndDate=None,
        declarationOperationType=["CABOTAGE"],
        driverLatinFirstName=5,
        driverLatinLastName="",
        otherContactAsTransportManager="yes",
        driverLicenceNumber="1",
    )
    assert codes(line) == [
        ("not_a_code", "/declarationPostingCountry"),
        ("not_a_date", "/declarationStartDate"),
        ("missing_field", "/declarationEndDate"),
        ("not_a_code", "/declarationOperationType/0"),
        ("wrong_type", "/driverLatinFirstName"),
        ("too_short", "/driverLatinLastName"),
        ("wrong_type", "/otherContactAsTransportManager"),
        ("unknown_field", "/driverLicenceNumber"),
    ]


@pytest.mark.parametrize(
    ("changes", "suggestion"),
    [
        ({"declarationStartDate": "1.9.2026"}, "2026-09-01"),
        ({"declarationStartDate": "01/09/2026"}, "2026-09-01"),
        ({"declarationStartDate": "20260901"}, "2026-09-01"),
        ({"declarationStartDate": "2026-09-01T00:00:00Z"}, "2026-09-01"),
        ({"declarationPostingCountry": "fr"}, "FR"),
        ({"declarationPostingCountry": "D"}, "DE"),
        ({"declarationPostingCountry": "SLO"}, "SI"),
        ({"declarationPostingCountry": "POL"}, "PL"),
        ({"declarationOperationType": ["cabotage operations"]}, "CABOTAGE_OPERATIONS"),
        ({"driverDocumentType": "ID_CARD"}, "IDCARD"),
        ({"driverlicencenumber": "1"}, "driverLicenseNumber"),
        ({"declarationEndDates": "2026-09-01", "declarationEndDate": None}, "declarationEndDates"),
    ],
)
def test_the_nearest_right_way_is_suggested(changes, suggestion):
    assert any(suggestion in (one.suggestion or "") for one in explain(encoded(**changes)))


def test_an_impossible_day_has_no_suggestion():
    found = explain(encoded(declarationStartDate="2026-02-30"))
    assert [(one.code, one.suggestion) for one in found] == [("not_a_date", None)]


@pytest.mark.parametrize("alias", ["EL", "UK", "GR", "GB"])
def test_the_unions_own_abbreviations_are_accepted(alias):
    assert explain(encoded(declarationPostingCountry=alias)) == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "empty_line"),
        (b"  \t", "empty_line"),
        (b"\xef\xbb\xbf", "byte_order_mark"),
        (b"\xef\xbb\xbf{}", "byte_order_mark"),
        (b"{", "not_json"),
        (b"{'a': 1}", "not_json"),
        (b"NaN", "not_json"),
        (b"\x00", "not_json"),
        (b'{"a":"\x00"}', "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"{} {}", "not_json"),
        (b"null", "wrong_type"),
        (b"[]", "wrong_type"),
        (b"1", "wrong_type"),
        (b'"text"', "wrong_type"),
        (b"1e999", "number_out_of_range"),
        (b"1" * 5000, "number_out_of_range"),
        (b'{"a": "\xff"}', "invalid_utf8"),
        (b'{"\xc3\x28": 1}', "invalid_utf8"),
        (b'{"externalReference": "\\ud800"}', "lone_surrogate"),
        (b'{"externalReference": "\\ud800x"}', "lone_surrogate"),
        (b'{"externalReference": "\\udc00\\ud800"}', "lone_surrogate"),
        (b"[" * 100_000 + b"]" * 100_000, "nesting_too_deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nesting_too_deep"),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', "line_too_long"),
        (b'{"a": 1, "a": 2}', "duplicate_field"),
        (b"{}", "missing_field"),
    ],
)
def test_what_is_hardly_a_declaration_is_explained(line, code):
    assert code in [one.code for one in explain(line)]


def test_every_explanation_of_a_refused_line_refuses_it():
    assert any(one.severity == "reject" for one in explain(b'{"a": 1, "a": 2}'))


def test_a_field_that_stands_twice_is_remarked_on():
    line = encoded()[:-1] + b', "driverLatinFirstName": "Jan"}'
    found = explain(line)
    assert [(one.code, one.pointer, one.severity) for one in found] == [
        ("duplicate_field", "/driverLatinFirstName", "warn")
    ]


def test_a_pair_of_surrogates_is_one_character():
    assert explain(encoded()[:-1] + b', "driverEmail": "\\ud83d\\ude00@b.eu"}') == ()


def test_lengths_are_told():
    found = explain(encoded(driverLatinFirstName="x" * 256, declarationVehiclePlateNumber=["x" * 21]))
    assert [(one.code, one.values) for one in found] == [
        ("too_long", {"maximum": "20", "length": "21"}),
        ("too_long", {"maximum": "255", "length": "256"}),
    ]


def test_a_pointer_escapes_slashes_and_tildes():
    assert ("unknown_field", "/a~1b~0c") in codes(encoded(**{"a/b~c": 1}))


def test_a_quoted_value_is_cut_and_its_control_characters_are_escaped():
    found = explain(encoded(declarationPostingCountry="\x00" + "X" * 500))
    assert "\\x00" in found[0].text
    assert len(found[0].text) < 120


def test_a_line_with_half_a_million_failures_is_told_a_few():
    line = encoded(declarationVehiclePlateNumber=[1] * 300_000)
    assert len(explain(line)) == LIMITS.line.problems + 1


def test_a_long_unfinished_string_of_quotes_takes_no_time():
    explain(b'{"a":"' + b'\\"' * 400_000)


def test_a_raw_value_of_one_field_is_explained_with_its_pointer():
    found = explain_value(b"[1]", WIRE_NAMES["plates"])
    assert [(one.code, one.pointer) for one in found] == [("wrong_type", "/declarationVehiclePlateNumber/0")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
anything = st.dictionaries(st.sampled_from(sorted(WIRE_NAMES.values())) | st.text(max_size=12), json_values, max_size=5)


def holds(line: bytes) -> None:
    """The law: a line has an explanation that refuses it exactly if the whole contract refuses it."""
    found = explain(line)
    try:
        _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        assert any(one.severity == "reject" for one in found)
    else:
        assert not any(one.severity == "reject" for one in found)


@settings(max_examples=400)
@given(st.binary(max_size=60))
@example(b"\xed\xa0\x80")
@example(b'"\\')
@example(b'{"":0,"":0}')
def test_any_bytes_that_the_decoder_refuses_are_explained(line):
    holds(line)


@settings(max_examples=400)
@given(anything)
def test_any_object_that_the_decoder_refuses_is_explained(value):
    holds(json.dumps(CLEAN | value).encode("utf-8", "replace"))


@settings(max_examples=400)
@given(st.data())
def test_any_damage_to_a_good_line_is_explained(data):
    line = bytearray(encoded())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(line) - 1))
        line[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=3))
    holds(bytes(line))


@given(anything)
def test_what_the_hot_decoder_refuses_is_always_explained(value):
    line = json.dumps(wire() | value).encode("utf-8", "replace")
    try:
        decode_line(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        assert any(one.severity == "reject" for one in explain(line))


def test_an_endless_name_is_not_repeated():
    found = explain(encoded(**{"x" * 500_000: 1}))
    assert [(one.code, one.pointer) for one in found] == [("unknown_field", "")]
    assert len(found[0].text) < 100
