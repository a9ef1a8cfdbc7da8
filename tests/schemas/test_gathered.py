"""Gathered lines: the frame that columns make is the frame that entries make."""

import json
from datetime import date
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from schemas.batches import distinct_fleets, fleets_batch, versions_batch
from schemas.columns import columns_of
from schemas.frame import Entries, decode_frame, encode_index
from schemas.gathered import Gathered, Piece
from schemas.operator import OperatorCard
from schemas.written import write_fleet
from tests.ingest.conftest import declaration
from validate.contract import decode_line
from validate.judge import Judge

_PREFIX, _AT = b"submission 1", 1_700_000_000_000_000
_CARDS = [OperatorCard(bytes([number]) * 16, country) for number, country in enumerate(["PL", "LT", "RO"])]
_JUDGE = Judge(date(2026, 11, 29))
_texts = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P"), exclude_characters='"\\'), min_size=1, max_size=30
)
_changes = st.fixed_dictionaries(
    {},
    optional={
        "driverLatinFirstName": _texts,
        "driverAddressPostCode": st.none() | st.just("") | _texts.map(lambda text: text[:20]),
        "driverDateOfBirth": st.none() | st.dates().map(str),
        "externalReference": st.none() | _texts,
        "declarationVehiclePlateNumber": st.lists(st.sampled_from(["PO 1AB23", "WA 12345", "LU 1"]), max_size=3),
        "declarationTransportType": st.sampled_from([["CARRIAGE_OF_PASSENGERS"], ["CARRIAGE_OF_GOODS"]]),
        "otherContactAsTransportManager": st.booleans(),
    },
)
_lines = st.lists(st.tuples(_changes, st.integers(0, 2)), min_size=1, max_size=6)


@given(st.lists(_lines, min_size=1, max_size=3))
def test_columns_and_entries_make_the_same_frame(blocks: list[list[tuple[dict[str, Any], int]]]) -> None:
    gathered, entries, number = Gathered(_PREFIX, _AT), Entries(), 0
    for block in blocks:
        lines = [json.dumps(declaration(**changes), ensure_ascii=False).encode() for changes, _ in block]
        decoded = [decode_line(line) for line in lines]
        card_of = [card for _, card in block]
        judged = [_JUDGE.judge(line, _CARDS[card].country) for line, card in zip(decoded, card_of, strict=True)]
        numbers = np.arange(number + 1, number + 1 + len(block), dtype=np.uint32)
        number += len(block)
        kinds = [(one.cabotage, one.international, one.goods, one.passengers) for one in judged]
        columns = columns_of(b"".join(line + b"\n" for line in lines))
        assert columns.plain.all()
        fleets = [one.fleet for one in judged]
        places = np.arange(len(block))
        texts = [write_fleet(zip(one.plate_keys, one.plates, one.weights, strict=True)) for one in fleets]
        gathered.add(Piece(columns, places, numbers, _CARDS, np.array(card_of), np.array(kinds), texts, places))
        entries.add_first(
            _AT,
            map(astuple, decoded),
            judged,
            fleets,
            [_CARDS[card] for card in card_of],
            [_PREFIX + int(one).to_bytes(4) for one in numbers],
        )
    assert len(gathered) == len(entries) == number
    frame, index = gathered.seal()
    read = decode_frame(frame)
    assert read.declarations.equals(versions_batch(entries))
    fleets_of_entries = fleets_batch(distinct_fleets(entries)).to_pylist()
    assert sorted(read.fleets.to_pylist(), key=str) == sorted(fleets_of_entries, key=str)
    assert (read.rows, read.first_id, read.last_id) == (number, _PREFIX + b"\0\0\0\x01", _PREFIX + number.to_bytes(4))
    assert index[:36] == encode_index(entries)[:36]
    assert {index[at : at + 16] for at in range(36, len(index), 16)} == {card.operator_id for card in entries.cards}
