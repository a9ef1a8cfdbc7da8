"""A block of declarations as columns: where each field's value stands in the bytes, and no Python object a line.

msgspec says whether lines fit the contract; this says where their values are. It reads the plain form alone, which
is nearly all that is sent: each field once, no escapes, no control characters. Any other line is left to others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.codes import ALIASES
from schemas.compiled import compiled, inlined, trailing_zeros, word_at
from schemas.declaration import WIRE_NAMES

FIELDS = tuple(WIRE_NAMES)
PLACE = {name: place for place, name in enumerate(FIELDS)}
#: Bytes behind a block, so that words of eight can be read up to its end.
PADDING = 16

_SLOTS = 512
_LISTS = ("operation_types", "transport_types", "plates", "plates_light", "plates_heavy")
_DATES = ("start_date", "end_date", "driver_birth_date", "driver_contract_start")
_FLAGS = ("contact_is_transport_manager",)
_COUNTRIES = tuple(name for name in FIELDS if name.endswith(("_country", "_law")))
_TEXT, _LIST, _CODE = 0, 1, 2
_KIND = np.array([_LIST if name in _LISTS else _CODE if name in _COUNTRIES else _TEXT for name in FIELDS], np.int8)
_ALIASES = np.array([int.from_bytes(alias.encode(), "little") for alias in ALIASES], np.uint64)
_TWO_BYTES = np.uint64(0xFFFF)

_QUOTE, _BACKSLASH, _COMMA, _COLON = 0x22, 0x5C, 0x2C, 0x3A
_BRACE, _END_BRACE, _BRACKET, _END_BRACKET = 0x7B, 0x7D, 0x5B, 0x5D
_BLANK, _TAB, _NEWLINE, _DELETE = 0x20, 0x09, 0x0A, 0x7F
_N, _T, _F = 0x6E, 0x74, 0x66
_ONES, _HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_QUOTES, _BACKSLASHES, _BLANKS = (_ONES * np.uint64(one) for one in (_QUOTE, _BACKSLASH, _BLANK))


def _told_apart() -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Finds two factors by which each wire name has a slot of its own, and makes the table of slots."""
    names = [name.encode() for name in WIRE_NAMES.values()]
    for one in range(1, 256):
        for other in range(1, 256):
            slots = [(len(name) + name[-2] * one + name[-7] * other) % _SLOTS for name in names]
            if len(set(slots)) == len(names):
                table = np.full(_SLOTS, -1, np.int8)
                table[slots] = np.arange(len(names))
                return np.array([one, other]), table
    raise AssertionError("no factors tell all wire names apart")


_FACTORS, _FIELD_AT = _told_apart()


@dataclass(frozen=True, slots=True)
class Columns:
    """A block of lines, each ended by a newline, and where its values stand.

    `data` is the `block` as numbers with `PADDING` behind it; line i is `block[begins[i] : begins[i + 1]]`.
    `spans[i, field]` are the first byte of a value and the one behind it, without quotation marks, both 0 where the
    field is not set, is null or false; lists are left as JSON. Only lines that are `plain` have spans that count.
    """

    block: bytes
    data: NDArray[np.uint8]
    begins: NDArray[np.int32]
    spans: NDArray[np.int32]
    plain: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.plain)

    def line(self, line: int) -> bytes:
        """Gives a line without its newline."""
        return self.block[self.begins[line] : self.begins[line + 1] - 1]

    def values(self, line: int, fields: Sequence[str]) -> tuple[Any, ...]:
        """Gives values of a line as Python has them: text, date, flag, bytes of a list, None where not set."""
        spans = self.spans[line].tolist()
        return tuple([_value(name, self.block, *spans[PLACE[name]]) for name in fields])


def _value(name: str, block: bytes, begin: int, end: int) -> Any:
    if name in _FLAGS:
        return begin > 0
    if name in _LISTS:
        return block[begin:end] if begin else b"[]"
    if not begin:
        return None
    text = block[begin:end].decode()
    return date.fromisoformat(text) if name in _DATES else text


def columns_of(block: bytes) -> Columns:
    """Finds the values of a block of lines; it ends with a newline.

    Of a line that does not fit the contract (schemas/declaration.py) nothing that is found may be used.
    """
    data = np.empty(len(block) + PADDING, np.uint8)
    data[: len(block)] = np.frombuffer(block, np.uint8)
    data[len(block) :] = 0
    lines = int(np.count_nonzero(data[: len(block)] == _NEWLINE))
    begins = np.empty(lines + 1, np.int32)
    spans = np.zeros((lines, len(FIELDS), 2), np.int32)
    plain = np.empty(lines, np.bool_)
    _scan(data, _FIELD_AT, _FACTORS, _KIND, _ALIASES, begins, spans, plain)
    return Columns(block, data, begins, spans, plain)


@inlined
def _after_blanks(data: NDArray[np.uint8], at: int) -> int:
    while data[at] == _BLANK or data[at] == _TAB:
        at += 1
    return at


@inlined
def _goes_on(data: NDArray[np.uint8], at: int) -> bool:
    """Tells whether a text goes on here: no escape, no control character, no separator of lines or paragraphs."""
    one = data[at]
    if one < _DELETE:
        return bool(one >= _BLANK and one != _BACKSLASH)
    if one == 0xC2:
        return bool(data[at + 1] >= 0xA0)
    return bool(one != _DELETE and not (one == 0xE2 and data[at + 1] == 0x80 and data[at + 2] & 0xFE == 0xA8))


@inlined
def _end_of_text(data: NDArray[np.uint8], at: int) -> int:
    """Gives the place of the quotation mark that ends a text, -1 if it is not plain; eight bytes at a time."""
    while True:
        word = word_at(data, at)
        quotes, escapes = word ^ _QUOTES, word ^ _BACKSLASHES
        unlike = (quotes - _ONES) & ~quotes | (escapes - _ONES) & ~escapes
        found = (unlike | (word - _BLANKS) & ~word | (word + _ONES) | word) & _HIGH
        if not found:
            at += 8
            continue
        at += trailing_zeros(found) >> 3
        if data[at] == _QUOTE:
            return at
        if not _goes_on(data, at):
            return -1
        at += 1


@inlined
def _end_of_list(data: NDArray[np.uint8], at: int) -> int:
    """Gives the place behind a list of texts, -1 if it is anything else."""
    while True:
        at += 1
        one = data[at]
        if one == _QUOTE:
            at = _end_of_text(data, at + 1)
            if at < 0:
                return -1
        elif one == _END_BRACKET:
            return at + 1
        elif one != _COMMA and one != _BLANK:
            return -1


@inlined
def _end_of_value(data: NDArray[np.uint8], at: int, kind: int, aliases: NDArray[np.uint64]) -> int:
    """Gives the place behind a value that fits its field's kind, -1 if it is not plain."""
    one = data[at]
    if kind == _LIST:
        return _end_of_list(data, at) if one == _BRACKET else -1
    if one == _QUOTE:
        end = _end_of_text(data, at + 1)
        if kind == _CODE:
            for alias in aliases:
                if word_at(data, at + 1) & _TWO_BYTES == alias:
                    return -1
        return end + 1 if end >= 0 else -1
    if one in (_T, _N):
        return at + 4
    return at + 5 if one == _F else -1


@compiled("void(uint8[::1], int8[::1], int64[::1], int8[::1], uint64[::1], int32[::1], int32[:, :, ::1], boolean[::1])")
def _scan(
    data: NDArray[np.uint8],
    field_at: NDArray[np.int8],
    factors: NDArray[np.int64],
    kinds: NDArray[np.int8],
    aliases: NDArray[np.uint64],
    begins: NDArray[np.int32],
    spans: NDArray[np.int32],
    plain: NDArray[np.bool_],
) -> None:
    """Reads line after line. Whatever stands in the bytes, no line is read beyond its newline."""
    begin = 0
    for line in range(plain.size):
        begins[line] = begin
        plain[line] = False
        seen = 0
        at = _after_blanks(data, begin)
        going_on = data[at] == _BRACE
        while going_on:
            name = _after_blanks(data, at + 1) + 1
            if data[name - 1] != _QUOTE:
                break
            end = _end_of_text(data, name)
            if end < name + 7:
                break
            field = field_at[(end - name + data[end - 2] * factors[0] + data[end - 7] * factors[1]) % _SLOTS]
            at = _after_blanks(data, end + 1)
            if field < 0 or seen >> field & 1 or data[at] != _COLON:
                break
            seen |= 1 << field
            value = _after_blanks(data, at + 1)
            one = data[value]
            at = _end_of_value(data, value, kinds[field], aliases)
            if at < 0:
                break
            if one == _QUOTE:
                spans[line, field, 0], spans[line, field, 1] = value + 1, at - 1
            elif (one == _BRACKET and at - value > 2) or one == _T:
                spans[line, field, 0], spans[line, field, 1] = value, at
            at = _after_blanks(data, at)
            if data[at] == _END_BRACE:
                plain[line] = data[_after_blanks(data, at + 1)] == _NEWLINE
            going_on = data[at] == _COMMA
        at = begin
        while data[at] != _NEWLINE:
            at += 1
        begin = at + 1
    begins[plain.size] = begin
