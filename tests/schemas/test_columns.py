"""Columns: where the values of plain lines stand, and which lines are left to others."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.columns import FIELDS, Columns, columns_of
from schemas.declaration import WIRE_NAMES, DeclarationLine
from tests.hostile import BODIES
from tests.ingest.conftest import declaration, ndjson
from validate.contract import decode_line
from validate.text import CONTROL

_LISTS = ("operation_types", "transport_types", "plates", "plates_light", "plates_heavy")
_texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
_values: dict[str, st.SearchStrategy[Any]] = {
    "driverLatinFirstName": _texts,
    "driverLatinLastName": st.none() | _texts,
    "driverAddressPostCode": st.none() | st.just("") | st.text("0123456789-\x7f\x85\u2028é", max_size=20),
    "driverDateOfBirth": st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(str),
    "driverContractStartDate": st.none() | st.dates().map(str),
    "otherContactAsTransportManager": st.booleans(),
    "declarationVehiclePlateNumber": st.lists(_texts, max_size=4),
    "declarationVehiclePlateNumberLight": st.lists(st.text("AB 12-", min_size=1, max_size=9), max_size=30),
    "externalReference": st.none() | _texts,
    "driverId": st.none() | st.uuids().map(str),
}
_lines = st.builds(
    lambda changes, order, ascii, gap: json.dumps(
        dict(order.sample(list((declaration() | changes).items()), k=len(declaration() | changes))),
        ensure_ascii=ascii,
        separators=("," + gap, gap + ":" + gap),
    ),
    st.fixed_dictionaries({}, optional=_values),
    st.randoms(use_true_random=False),
    st.booleans(),
    st.sampled_from(["", " ", "\t"]),
)


def _check(columns: Columns, place: int, line: DeclarationLine) -> None:
    """Holds what was found on a line against what msgspec decoded."""
    for name, value in zip(FIELDS, columns.values(place, FIELDS), strict=True):
        decoded = getattr(line, name)
        assert value == (bytes(decoded).strip() if name in _LISTS else decoded), name


@given(st.lists(_lines, min_size=1, max_size=5))
def test_a_plain_line_has_the_values_that_msgspec_decodes(lines: list[str]) -> None:
    columns = columns_of("".join(line + "\n" for line in lines).encode())
    for place, line in enumerate(lines):
        assert columns.line(place) == line.encode()
        if columns.plain[place]:
            _check(columns, place, decode_line(line.encode()))
        else:
            assert "\\" in line or CONTROL.search(line)


@given(st.lists(st.binary(max_size=300).map(lambda data: data.replace(b"\n", b" ")), min_size=1, max_size=4))
@example([b'{"declarationVehiclePlateNumber":[[]]}'])
@example([b'{"declarationStartDate":t', b'ue,"driverId":"x"}'])
@example([b'{"a', b""])
def test_whatever_bytes_come_each_line_is_looked_at_alone(lines: list[bytes]) -> None:
    whole = ndjson(declaration())
    columns = columns_of(whole + b"".join(line + b"\n" for line in lines) + whole)
    assert len(columns) == len(lines) + 2
    for place in (0, -1):
        assert columns.plain[place]
        _check(columns, place % len(columns), decode_line(whole[:-1]))


@pytest.mark.parametrize("name", BODIES)
def test_no_hostile_line_is_plain_that_fits_no_contract(name: str) -> None:
    line = BODIES[name].replace(b"\n", b" ")
    columns = columns_of(line + b"\n")
    if columns.plain[0]:
        with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
            decode_line(line)


@pytest.mark.parametrize(
    "changes",
    [
        {"driverLatinFirstName": 'a "quoted" name'},
        {"driverLatinFirstName": "a\u2028b"},
        {"driverLatinFirstName": "a\u0085b"},
        {"driverLatinFirstName": "a\x7fb"},
        {"driverApplicableLaw": "EL"},
        {"declarationPostingCountry": "UK"},
        {"declarationVehiclePlateNumber": [["PO 1AB23"]]},
        {"declarationVehiclePlateNumber": None},
        {"declarationVehiclePlateNumber": {}},
        {"declarationVehiclePlateNumber": [1]},
        {"driverId": 1},
        {"noSuchField": "x"},
    ],
    ids=str,
)
def test_what_is_not_plain_is_left_to_others(changes: dict[str, Any]) -> None:
    line = json.dumps(declaration() | changes, ensure_ascii=False).encode() + b"\n"
    assert not columns_of(line).plain[0]


def test_a_field_that_stands_twice_is_left_to_others() -> None:
    line = ndjson(declaration())
    assert not columns_of(line.replace(b"{", b'{"externalReference":"a","externalReference":"b",', 1)).plain[0]


def test_what_is_left_out_null_or_false_is_not_set() -> None:
    columns = columns_of(ndjson(declaration(externalReference=None, otherContactAsTransportManager=False)))
    nulls = json.dumps(declaration() | {"externalReference": None, "otherContactAsTransportManager": False})
    for each in (columns, columns_of(nulls.encode() + b"\n")):
        assert each.values(0, ("external_reference", "contact_is_transport_manager")) == (None, False)


def test_every_field_of_the_contract_is_told_from_the_others() -> None:
    for place, (name, wire) in enumerate(WIRE_NAMES.items()):
        value = '["x"]' if name in _LISTS else '"2026-01-01"'
        columns = columns_of(f'{{"{wire}":{value}}}\n'.encode())
        assert columns.plain[0]
        assert [at for at in range(len(FIELDS)) if columns.spans[0, at, 0]] == [place]
