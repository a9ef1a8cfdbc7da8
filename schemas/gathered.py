"""Accepted lines of one submission on their way into a frame, gathered as columns.

The values are copied from where they stand in the blocks of lines into Arrow's buffers, column by column, by loops
that run as machine code. What comes out is what `schemas/frame.py` makes of entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.batches import fleets_of_columns, instants
from schemas.columns import PLACE, Columns
from schemas.compiled import compiled, inlined, put_word, word_at
from schemas.distinct import distinct
from schemas.frame import encode_batches, encode_index_of
from schemas.operator import OperatorCard
from schemas.plate_columns import plate_columns
from schemas.rows import DECLARATION_VERSION, INSTANT, UUID16
from schemas.written import WrittenFleet

_ID_BYTES = 16
_PADDING = 8
_NAMED_ELSEWHERE = ("driver_id", "named_fleet_id")  # lines that name records do not come this way
_KINDS = ("cabotage", "international", "goods", "passengers")
_TEXTS = tuple(
    name for name in DECLARATION_VERSION.names if name in PLACE and DECLARATION_VERSION.field(name).type == pa.string()
)
_DATES = tuple(
    name for name in DECLARATION_VERSION.names if name in PLACE and DECLARATION_VERSION.field(name).type == pa.date32()
)
_TEXT_PLACES = np.array([PLACE[name] for name in _TEXTS], np.int64)
_DATE_PLACES = np.array([PLACE[name] for name in _DATES], np.int64)
_FLAG = PLACE["contact_is_transport_manager"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Accepted lines of one block: `lines` are their places in `columns`, all else is theirs in the same order.

    `numbers` are the lines' numbers in the submission (uint32), `cards` their operators, `kinds` (lines, 4) whether
    cabotage, international, goods, passengers; `fleets` the fleets named, `fleet_of` each line's among them.
    """

    columns: Columns
    lines: NDArray[np.int64]
    numbers: NDArray[np.uint32]
    cards: Sequence[OperatorCard]
    card_of: NDArray[np.int64]
    kinds: NDArray[np.bool_]
    fleets: Sequence[WrittenFleet]
    fleet_of: NDArray[np.int64]


class Gathered:
    """Lines of one submission for one shard; `prefix` is what their ids share (12 bytes), `at` their instant."""

    def __init__(self, prefix: bytes, at: int) -> None:
        self._prefix = prefix
        self._at = at
        self._pieces: list[Piece] = []
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, piece: Piece) -> None:
        """Adds lines; the bytes that they stand in are held until the frame is made."""
        self._pieces.append(piece)
        self._rows += len(piece.lines)

    def seal(self) -> tuple[bytes, bytes]:
        """Encodes the frame and its index entry (`schemas.frame.encode_frame`, `encode_index`)."""
        numbers = np.concatenate([piece.numbers for piece in self._pieces])
        first, last = (self._prefix + int(number).to_bytes(4) for number in (numbers.min(), numbers.max()))
        cards = [card for piece in self._pieces for card in _used(piece.cards, piece.card_of)]
        frame = encode_batches(self._versions(numbers), self._fleets(), first, last)
        return frame, encode_index_of(self._rows, first, last, [card.operator_id for card in cards])

    def _versions(self, numbers: NDArray[np.uint32]) -> pa.RecordBatch:
        rows, pieces = self._rows, self._pieces
        received = pa.Array.from_buffers(INSTANT, rows, [None, pa.py_buffer(np.full(rows, self._at, np.int64))])
        kinds = np.concatenate([piece.kinds for piece in pieces])
        flags = np.concatenate([piece.columns.spans[piece.lines, _FLAG, 0] > 0 for piece in pieces])
        columns = {
            "declaration_id": _fixed(_ids(self._prefix, numbers)),
            "version": pa.array(np.ones(rows, np.int32)),
            "operator_id": _fixed(np.concatenate([_operators(piece) for piece in pieces])),
            "operator_country": pa.concat_arrays(map(_countries, pieces)),
            "withdrawn": pa.array(np.zeros(rows, np.bool_)),
            "accepted_at": received,
            "submitted_at": received,
            "fleet_id": _nullable(*map(np.concatenate, zip(*map(_fleet_ids, pieces), strict=True))),
            "contact_is_transport_manager": pa.array(flags),
        }
        columns |= {name: pa.array(np.ascontiguousarray(kinds[:, place])) for place, name in enumerate(_KINDS)}
        columns |= {name: pa.nulls(rows, UUID16) for name in _NAMED_ELSEWHERE}
        columns |= self._texts() | self._dates()
        arrays = [columns[name] for name in DECLARATION_VERSION.names]
        return pa.RecordBatch.from_arrays(arrays, schema=DECLARATION_VERSION)

    def _texts(self) -> dict[str, pa.Array]:
        rows = self._rows
        offsets = np.zeros((len(_TEXTS), rows + 1), np.int32)
        said = np.zeros((len(_TEXTS), rows), np.bool_)
        row = 0
        for piece in self._pieces:
            _measure(piece.columns.spans, piece.lines, _TEXT_PLACES, row, offsets, said)
            row += len(piece.lines)
        sizes = offsets[:, -1].astype(np.int64)
        begins = np.concatenate([[0], np.cumsum(sizes + _PADDING)[:-1]])
        data = np.empty(int(begins[-1] + sizes[-1]) + _PADDING, np.uint8)
        row = 0
        for piece in self._pieces:
            _copy(piece.columns.data, piece.columns.spans, piece.lines, _TEXT_PLACES, row, offsets, begins, data)
            row += len(piece.lines)
        held = pa.py_buffer(data)
        return {
            name: pa.StringArray.from_buffers(
                rows,
                pa.py_buffer(offsets[place]),
                held.slice(int(begins[place]), int(sizes[place])),
                *_validity(said[place]),
            )
            for place, name in enumerate(_TEXTS)
        }

    def _dates(self) -> dict[str, pa.Array]:
        days = np.zeros((len(_DATES), self._rows), np.int32)
        said = np.zeros((len(_DATES), self._rows), np.bool_)
        row = 0
        for piece in self._pieces:
            _read_days(piece.columns.data, piece.columns.spans, piece.lines, _DATE_PLACES, row, days, said)
            row += len(piece.lines)
        return {name: _days(days[place], said[place]) for place, name in enumerate(_DATES)}

    def _fleets(self) -> pa.RecordBatch:
        """Gives each fleet that is named, once for each operator."""
        named: dict[tuple[bytes, bytes | None], bytes] = {}
        for piece in self._pieces:
            count = len(piece.fleets)
            pairs, _ = distinct((piece.card_of * count + piece.fleet_of).astype(np.int32), len(piece.cards) * count)
            cards, fleets = (each.tolist() for each in np.divmod(np.array(pairs, np.int64), count))
            owners = [card.operator_id for card in piece.cards]
            ids, texts = zip(*piece.fleets, strict=True)
            keys = zip(map(owners.__getitem__, cards), map(ids.__getitem__, fleets), strict=True)
            named.update(zip(keys, map(texts.__getitem__, fleets), strict=True))
        named = {key: text for key, text in named.items() if key[1] is not None}
        operators, ids = zip(*named, strict=True) if named else ((), ())
        at = instants([self._at] * len(named))
        return fleets_of_columns(operators, ids, at, *plate_columns(list(named.values())))


def _used(cards: Sequence[OperatorCard], card_of: NDArray[np.int64]) -> list[OperatorCard]:
    places, _ = distinct(card_of.astype(np.int32), len(cards))
    return [cards[place] for place in places]


def _ids(prefix: bytes, numbers: NDArray[np.uint32]) -> NDArray[np.uint8]:
    ids = np.empty((len(numbers), _ID_BYTES), np.uint8)
    ids[:, : len(prefix)] = np.frombuffer(prefix, np.uint8)
    ids[:, len(prefix) :] = numbers.astype(">u4").view(np.uint8).reshape(-1, 4)
    return ids


def _operators(piece: Piece) -> NDArray[np.uint8]:
    ids = np.frombuffer(b"".join([card.operator_id for card in piece.cards]), np.uint8).reshape(-1, _ID_BYTES)
    return ids[piece.card_of]


def _countries(piece: Piece) -> pa.Array:
    return pa.array([card.country for card in piece.cards], pa.string()).take(pa.array(piece.card_of))


def _fleet_ids(piece: Piece) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    ids = b"".join([fleet.fleet_id or bytes(_ID_BYTES) for fleet in piece.fleets])
    said = np.array([fleet.fleet_id is not None for fleet in piece.fleets], np.bool_)
    return np.frombuffer(ids, np.uint8).reshape(-1, _ID_BYTES)[piece.fleet_of], said[piece.fleet_of]


def _fixed(ids: NDArray[np.uint8]) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(UUID16, len(ids), [None, pa.py_buffer(ids)])


def _nullable(ids: NDArray[np.uint8], said: NDArray[np.bool_]) -> pa.Array:
    validity, nulls = _validity(said)
    return pa.FixedSizeBinaryArray.from_buffers(UUID16, len(ids), [validity, pa.py_buffer(ids)], nulls)


def _days(days: NDArray[np.int32], said: NDArray[np.bool_]) -> pa.Array:
    validity, nulls = _validity(said)
    return pa.Array.from_buffers(pa.date32(), len(days), [validity, pa.py_buffer(days)], nulls)


def _validity(said: NDArray[np.bool_]) -> tuple[pa.Buffer | None, int]:
    """Gives Arrow's bits of what is said, none where all is, and how many values are not said."""
    nulls = len(said) - int(np.count_nonzero(said))
    return (pa.py_buffer(np.packbits(said, bitorder="little")) if nulls else None), nulls


@compiled("void(int32[:, :, ::1], int64[::1], int64[::1], int64, int32[:, ::1], boolean[:, ::1])")
def _measure(
    spans: NDArray[np.int32],
    lines: NDArray[np.int64],
    places: NDArray[np.int64],
    row: int,
    offsets: NDArray[np.int32],
    said: NDArray[np.bool_],
) -> None:
    """Notes where each text ends, one place further on, and whether there is one."""
    for line in lines:
        for column in range(places.size):
            begin, end = spans[line, places[column], 0], spans[line, places[column], 1]
            offsets[column, row + 1] = offsets[column, row] + end - begin
            said[column, row] = begin > 0
        row += 1


@compiled("void(uint8[::1], int32[:, :, ::1], int64[::1], int64[::1], int64, int32[:, ::1], int64[::1], uint8[::1])")
def _copy(
    data: NDArray[np.uint8],
    spans: NDArray[np.int32],
    lines: NDArray[np.int64],
    places: NDArray[np.int64],
    row: int,
    offsets: NDArray[np.int32],
    begins: NDArray[np.int64],
    texts: NDArray[np.uint8],
) -> None:
    """Copies each text to its place. Words of eight write beyond a text, where the next one or padding stands."""
    for line in lines:
        for column in range(places.size):
            begin, end = spans[line, places[column], 0], spans[line, places[column], 1]
            at = begins[column] + offsets[column, row]
            for word in range(begin, end, 8):
                put_word(texts, at + word - begin, word_at(data, word))
        row += 1


@inlined
def _days_since_1970(year: int, month: int, day: int) -> int:
    """Counts days in the Gregorian calendar, with years that begin in March so that leap days come last."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@inlined
def _digits(data: NDArray[np.uint8], at: int, end: int) -> int:
    number = 0
    for place in range(at, end):
        number = number * 10 + int(data[place]) - 48
    return number


@compiled("void(uint8[::1], int32[:, :, ::1], int64[::1], int64[::1], int64, int32[:, ::1], boolean[:, ::1])")
def _read_days(
    data: NDArray[np.uint8],
    spans: NDArray[np.int32],
    lines: NDArray[np.int64],
    places: NDArray[np.int64],
    row: int,
    days: NDArray[np.int32],
    said: NDArray[np.bool_],
) -> None:
    """Reads dates (YYYY-MM-DD) as days since 1970."""
    for line in lines:
        for column in range(places.size):
            at = spans[line, places[column], 0]
            if at:
                said[column, row] = True
                year, month = _digits(data, at, at + 4), _digits(data, at + 5, at + 7)
                days[column, row] = _days_since_1970(year, month, _digits(data, at + 8, at + 10))
        row += 1
