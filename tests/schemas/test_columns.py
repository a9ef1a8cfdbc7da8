"""Columns: where the values of plain lines stand, and which lines are left to others."""

import json
from datetime import date
from typing import Any
from uuid import UUID

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


_FULL = json.dumps(
    declaration(
        operatorId="3bcbfe51-cf7b-4158-8446-30dc3a10807e",
        driverEmail="jan@mail.example",
        externalReference="TMS-0001",
        otherContactAddressCity="Łódź",
        declarationVehiclePlateNumberLight=["WA 1", "WA 2"],
    ),
    ensure_ascii=False,
).encode()
#: A value for each field that takes not just any text.
_FITTING: dict[str, Any] = {name: ["x"] for name in _LISTS}
_FITTING |= {name: "2026-01-01" for name in FIELDS if name.endswith(("_date", "_start"))}
_FITTING |= {name: "PL" for name in FIELDS if name.endswith(("_country", "_law"))}
_FITTING |= {name: str(UUID(int=1)) for name in ("driver_id", "operator_id", "named_fleet_id")}
_FITTING |= {"posting_country": "FR", "driver_document_type": "IDCARD", "contact_is_transport_manager": True}
#: What is put into a line where much hangs on it.
_TELLING = [
    b'"',
    b",",
    b":",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\\",
    b"null",
    b"true",
    b"0",
    b"-",
    b" ",
    b"\r",
    b"\xc3",
    b"\xed\xa0\x80",
]
_DATES = [
    "2024-02-29",
    "2023-02-29",
    "2000-02-29",
    "1900-02-29",
    "2024-04-31",
    "2024-12-31",
    "2024-13-01",
    "2024-00-10",
]
_DATES += [
    "2024-01-00",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "2024-1-01",
    "2024-01-1",
    "20240101",
    "2024/01/01",
    "2024-01-32",
]
_CODES = ["PL", "pl", "P", "POL", "", "XX", "GR", "US", "A1", "[]", "a\u00e9"]
#: Values that fit some fields and some not, as JSON has them; every field is tried with every one of a kind.
_VALUES = [
    *map(
        json.dumps, [*_DATES, *_CODES, "IDCARD", "PASSPORT", "DRIVINGLICENSE", "IDCARDS", "x" * 20, "x" * 21, "é" * 20]
    )
]
_VALUES = [json.dumps(json.loads(each), ensure_ascii=False) for each in _VALUES]
_VALUES += ["null", "true", "false", "tru", "nulL", "falsy", "1", "{}", "[1]", '["a"]']
_VALUES += [f'"{character * times}"' for character in "xé€" for times in (30, 31, 36, 50, 51, 100, 101, 254, 255, 256)]
_VALUES += [f'"{character * times}"' for character, times in (("é", 18), ("€", 12))]  # 36 bytes, and fewer characters
_LISTED = [
    "[]",
    '["a"]',
    '["a","b"]',
    '[ "a" , "b" ]',
    '["a" "b"]',
    '["a",]',
    '[,"a"]',
    '["a",,"b"]',
    '["a"',
    "[",
    '"a"',
    "null",
]


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


@given(
    st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 4), st.binary(max_size=4) | st.sampled_from(_TELLING)),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_changed_in_a_line_a_plain_one_fits_the_contract(changes: list[tuple[int, int, bytes]]) -> None:
    line = bytearray(_FULL)
    for at, taken, put in changes:
        begin = at % len(line)
        line[begin : begin + taken] = put.replace(b"\n", b" ")
    columns = columns_of(bytes(line) + b"\n")
    if columns.plain[0]:
        _check(columns, 0, decode_line(bytes(line)))


@pytest.mark.parametrize(("name", "wire"), WIRE_NAMES.items())
def test_a_value_is_plain_where_it_fits_its_field_and_only_there(name: str, wire: str) -> None:
    for value in _LISTED if name in _LISTS else _VALUES:
        line = json.dumps(declaration() | {wire: "?"}).replace('"?"', value).encode()
        columns = columns_of(line + b"\n")
        try:
            decoded = decode_line(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            assert not columns.plain[0], value
        else:
            if columns.plain[0]:
                _check(columns, 0, decoded)
            assert columns.plain[0] or not _is_of_texts(decoded, name), value


def _is_of_texts(decoded: DeclarationLine, name: str) -> bool:
    """Says whether a value is no list or a list of texts: what else may stand in lists is looked at later."""
    try:
        return name not in _LISTS or msgspec.json.decode(getattr(decoded, name), type=list[str]) is not None
    except msgspec.ValidationError:
        return False


@pytest.mark.parametrize("name", ["PostingCountry", "StartDate", "EndDate", "OperationType", "TransportType"])
def test_a_line_without_what_it_must_have_is_not_plain(name: str) -> None:
    assert not columns_of(ndjson(declaration(**{f"declaration{name}": None}))).plain[0]


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


@pytest.mark.parametrize(("name", "wire"), WIRE_NAMES.items())
def test_every_field_of_the_contract_is_told_from_the_others(name: str, wire: str) -> None:
    required = {name for name in declaration() if name.startswith("declaration") and "Plate" not in name}
    line = {key: value for key, value in declaration().items() if key in required}
    value = _FITTING.get(name, "x")
    for order in (line | {wire: value}, {wire: value} | line):
        columns = columns_of(ndjson(order))
        assert columns.plain[0]
        found = {FIELDS[at] for at in range(len(FIELDS)) if columns.spans[0, at, 0]}
        assert found == {field for field, key in WIRE_NAMES.items() if key in order}
