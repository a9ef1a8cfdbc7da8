"""Frames: what goes in comes out, and damage is noticed."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.declaration import DeclarationLine
from schemas.few import FEW
from schemas.frame import (
    Entries,
    Entry,
    Frame,
    UnreadableFrameError,
    decode_frame,
    decode_frames,
    decode_index,
    encode_frame,
    encode_index,
)
from schemas.operator import OperatorCard
from tests.ingest.conftest import declaration, ndjson
from validate.contract import decode_line
from validate.judge import Judge

_JUDGE = Judge(date.today())  # noqa: DTZ011 - any day will do
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
_changes = st.fixed_dictionaries(
    {
        "driverLatinFirstName": _texts,
        "driverAddressCity": _texts,
        "externalReference": st.none() | _texts,
        "declarationPostingCountry": st.sampled_from(["FR", "DE", "EL", "UK"]),
        "declarationVehiclePlateNumber": st.lists(_texts.filter(lambda text: len(text) < 20), max_size=5),
        "driverDateOfBirth": st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(str),
    }
)


def _entries(changes: list[dict[str, Any]], operators: list[bytes]) -> Entries:
    made = Entries()
    for number, (change, operator) in enumerate(zip(changes, operators, strict=False)):
        line = decode_line(ndjson(declaration(**change)))
        judged = _JUDGE.judge(line, "PL")
        at = 1_700_000_000_000_000 + number
        made.add(Entry(line, judged, OperatorCard(operator, "PL"), UUID(int=number).bytes, number + 1, False, at, at))
    return made


@given(st.lists(_changes, min_size=1, max_size=8), st.lists(st.binary(min_size=16, max_size=16), min_size=8))
def test_what_goes_in_comes_out(changes: list[dict[str, Any]], operators: list[bytes]) -> None:
    made = _entries(changes, operators)
    frame = decode_frame(encode_frame(made))
    rows = frame.declarations.to_pylist()
    assert frame.rows == len(rows) == len(changes)
    for row, values, fleet in zip(rows, made.rows, made.fleets, strict=True):
        line = dict(zip(DeclarationLine.__struct_fields__, values, strict=True))
        assert row["driver_first_name"] == line["driver_first_name"]
        assert row["external_reference"] == line["external_reference"]
        assert row["driver_birth_date"] == line["driver_birth_date"]
        assert row["posting_country"] == {"EL": "GR", "UK": "GB"}.get(line["posting_country"], line["posting_country"])
        assert row["fleet_id"] == fleet.fleet_id
        assert row["end_date"] - row["start_date"] == timedelta(days=89)
    fleets = {(row["operator_id"], row["fleet_id"]): row["plates"] for row in frame.fleets.to_pylist()}
    for row, fleet in zip(rows, made.fleets, strict=True):
        if row["fleet_id"] is not None:
            assert fleets[row["operator_id"], row["fleet_id"]] == list(fleet.plates)


@given(st.lists(_changes, min_size=1, max_size=3), st.lists(st.binary(min_size=16, max_size=16), min_size=3))
def test_the_index_names_ids_and_operators(changes: list[dict[str, Any]], operators: list[bytes]) -> None:
    made = _entries(changes, operators)
    index = decode_index(encode_index(made))
    assert index.rows == len(made)
    assert index.first_id == min(made.declaration_ids)
    assert index.last_id == max(made.declaration_ids)
    assert index.operators == set(operators[: len(changes)])


@given(st.data())
def test_damage_is_noticed(data: st.DataObject) -> None:
    whole = encode_frame(_entries([{}], [b"o" * 16]))
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    damaged = whole[:place] + bytes([other]) + whole[place + 1 :]
    try:
        frame = decode_frame(damaged)
    except UnreadableFrameError:
        return
    # What is not under the checksum is the envelope: ids and counts that the ledger keeps.
    assert frame.declarations.equals(decode_frame(whole).declarations)


def test_few_and_many_are_the_same_rows() -> None:
    changes = [{"driverAddressCity": f"City {number}"} for number in range(FEW)]
    few = _entries(changes, [bytes([number % 3]) * 16 for number in range(FEW)])
    more = _entries([*changes, {}], [bytes([number % 3]) * 16 for number in range(FEW + 1)])
    one, other = decode_frame(encode_frame(few)), decode_frame(encode_frame(more))
    assert one.declarations.equals(other.declarations.slice(0, FEW))
    assert one.fleets.drop_columns("declared_at").equals(other.fleets.drop_columns("declared_at"))


def test_what_is_named_comes_out_however_it_was_spelled() -> None:
    made = _entries([{}], [b"o" * 16])
    odd = "0123456789-ABCDEF-0123456789-ABCDEF-"
    place = DeclarationLine.__struct_fields__.index("driver_id")
    made.rows[0] = (*made.rows[0][:place], odd, *made.rows[0][place + 1 :])
    (row,) = decode_frame(encode_frame(made)).declarations.to_pylist()
    assert row["driver_id"] == UUID(odd).bytes


def test_frames_read_together_are_what_each_is_alone() -> None:
    sizes = (1, 3, FEW + 1, 2, FEW)
    frames = [encode_frame(_entries([{"externalReference": str(n)}] * n, [bytes([n]) * 16] * n)) for n in sizes]
    frames.insert(2, b"damaged")
    together = decode_frames(frames)
    assert isinstance(together.pop(2), UnreadableFrameError)
    del frames[2]
    for frame, data in zip(together, frames, strict=True):
        assert isinstance(frame, Frame)
        alone = decode_frame(data)
        assert (frame.rows, frame.first_id, frame.last_id) == (alone.rows, alone.first_id, alone.last_id)
        assert frame.declarations.equals(alone.declarations)
        assert frame.fleets.equals(alone.fleets)


@given(st.binary(max_size=200))
def test_other_bytes_are_no_frame(data: bytes) -> None:
    with pytest.raises(UnreadableFrameError):
        decode_frame(data)
