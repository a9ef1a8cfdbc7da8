"""The loop that reads blocks of lines: finds where values stand, and proves of a plain line that it fits the contract.

It says yes or "ask msgspec": any line that it cannot prove is decoded by msgspec, which alone refuses.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.compiled import compiled, inlined, plain_ahead, word_at

#: Bytes behind a block, so that names and words can be read up to its end.
PADDING = 64

#: What the table of fields says of each: least and most bytes of a value, with what it may begin, bytes of its name.
LEAST, MOST, OPENS, NAME_BYTES = range(4)
BY_QUOTE, BY_BRACKET, BY_NULL, BY_FLAG = 1, 2, 4, 8
#: Words of eight bytes that hold a name with its quotation marks and colon, and those that hold a code.
NAME_WORDS, LITERAL_WORDS = 5, 2
#: Names are told apart by so many slots, countries by two letters of so many.
SLOTS, ALPHABET = 512, 26

_QUOTE, _COMMA, _COLON, _DASH = 0x22, 0x2C, 0x3A, 0x2D
_BRACE, _END_BRACE, _BRACKET, _END_BRACKET = 0x7B, 0x7D, 0x5B, 0x5D
_BLANK, _TAB, _NEWLINE = 0x20, 0x09, 0x0A
_TRUE, _FALSE, _NULL = (int.from_bytes(word, "little") for word in (b"true", b"fals", b"null"))
_FOUR_BYTES = np.uint64(0xFFFFFFFF)


@compiled("int64(uint8[::1])")
def lines_in(data: NDArray[np.uint8]) -> int:
    """Counts newlines, with many bytes at a time (`bytes.count` takes each for itself)."""
    count = 0
    for byte in data:
        count += byte == _NEWLINE
    return count


@inlined
def _after_blanks(data: NDArray[np.uint8], at: int) -> int:
    while data[at] == _BLANK or data[at] == _TAB:
        at += 1
    return at


@inlined
def _goes_on(data: NDArray[np.uint8], at: int) -> bool:
    return bool(data[at] & 0xC0 == 0x80)


@inlined
def _byte_of(words: NDArray[np.uint64], row: int, place: int) -> np.uint64:
    shifted: np.uint64 = words[row, place >> 3] >> np.uint64((place & 7) * 8)
    return shifted & np.uint64(0xFF)


@inlined
def _character(data: NDArray[np.uint8], at: int) -> int:
    """Gives how many bytes a character beyond ASCII takes; 0 for one that is none, or no plain one."""
    one, two = data[at], data[at + 1]
    if one < 0xC2 or not _goes_on(data, at + 1):
        return 0
    if one < 0xE0:
        return 0 if one == 0xC2 and two < 0xA0 else 2  # control characters
    if not _goes_on(data, at + 2):
        return 0
    if one < 0xF0:
        too_long, surrogate = one == 0xE0 and two < 0xA0, one == 0xED and two >= 0xA0
        separator = one == 0xE2 and two == 0x80 and data[at + 2] & 0xFE == 0xA8
        return 0 if too_long or surrogate or separator else 3
    if one > 0xF4 or (one == 0xF0 and two < 0x90) or (one == 0xF4 and two >= 0x90) or not _goes_on(data, at + 3):
        return 0
    return 4


@inlined
def _end_of_text(data: NDArray[np.uint8], at: int) -> int:
    """Gives the place of the quotation mark that ends a text, -1 if it is not plain."""
    while True:
        ahead = plain_ahead(data, at)
        at += ahead
        if ahead == 32:
            continue
        if data[at] == _QUOTE:
            return at
        taken = _character(data, at)
        if taken == 0:
            return -1
        at += taken


@inlined
def _end_of_list(data: NDArray[np.uint8], at: int) -> int:
    """Gives the place behind a list of texts, -1 if it is anything else."""
    at = _after_blanks(data, at + 1)
    if data[at] == _END_BRACKET:
        return at + 1
    while data[at] == _QUOTE:
        at = _end_of_text(data, at + 1)
        if at < 0:
            return -1
        at = _after_blanks(data, at + 1)
        if data[at] == _END_BRACKET:
            return at + 1
        if data[at] != _COMMA:
            return -1
        at = _after_blanks(data, at + 1)
    return -1


@inlined
def _two_digits(data: NDArray[np.uint8], at: int) -> int:
    """Reads two digits; what is none makes the number negative."""
    one, two = int(data[at]) - 48, int(data[at + 1]) - 48
    return one * 10 + two if 0 <= one <= 9 and 0 <= two <= 9 else -1000


@inlined
def _is_date(data: NDArray[np.uint8], at: int, end: int) -> bool:
    """Tells whether a text is a day of the calendar, YYYY-MM-DD."""
    if end - at != 10 or data[at + 4] != _DASH or data[at + 7] != _DASH:
        return False
    century, year = _two_digits(data, at), _two_digits(data, at + 2)
    month, day = _two_digits(data, at + 5), _two_digits(data, at + 8)
    if century < 0 or year < 0 or century + year == 0 or month < 1 or month > 12 or day < 1:
        return False
    if month == 2:
        leap = (century % 4 == 0) if year == 0 else (year % 4 == 0)
        return day <= 28 + leap
    return day <= 30 + ((month + (month >> 3)) & 1)


@inlined
def _are_as_long(
    data: NDArray[np.uint8], spans: NDArray[np.int32], line: int, fields: NDArray[np.int64], texts: NDArray[np.int64]
) -> bool:
    """Tells whether no value has fewer or more characters than it may; they are counted if bytes do not say so."""
    unsure = False
    for field in range(fields.shape[0]):
        begin, end = spans[line, field, 0], spans[line, field, 1]
        unsure |= (begin > 0) & ((end - begin < fields[field, LEAST]) | (end - begin > fields[field, MOST]))
    for field in texts:
        begin, end = spans[line, field, 0], spans[line, field, 1]
        if begin > 0 and (unsure or fields[field, LEAST] > 1):
            characters = end - begin
            for place in range(begin, end):
                characters -= data[place] & 0xC0 == 0x80
            if characters < fields[field, LEAST] or characters > fields[field, MOST]:
                return False
    return True


@inlined
def _are_countries(
    data: NDArray[np.uint8], spans: NDArray[np.int32], line: int, places: NDArray[np.int64], known: NDArray[np.bool_]
) -> bool:
    """Tells whether countries are among the known ones."""
    for field in places:
        at = spans[line, field, 0]
        if at:
            one, two = int(data[at]) - 65, int(data[at + 1]) - 65
            if one < 0 or one >= ALPHABET or two < 0 or two >= ALPHABET or spans[line, field, 1] - at != 2:
                return False
            if not known[field, one * ALPHABET + two]:
                return False
    return True


@inlined
def _are_literals(data: NDArray[np.uint8], spans: NDArray[np.int32], line: int, literals: NDArray[np.uint64]) -> bool:
    """Tells whether codes of other kinds are among the known ones; rows are place, length and words of each."""
    row = 0
    while row < literals.shape[0]:
        field = np.int64(literals[row, 0])
        at, end = spans[line, field, 0], spans[line, field, 1]
        found = at == 0
        while row < literals.shape[0] and np.int64(literals[row, 0]) == field:
            if np.int64(literals[row, 1]) == end - at:
                same = True
                for place in range(at, end):
                    same = same and data[place] == _byte_of(literals, row, 16 + place - at)
                found = found or same
            row += 1
        if not found:
            return False
    return True


@inlined
def _are_dates(data: NDArray[np.uint8], spans: NDArray[np.int32], line: int, places: NDArray[np.int64]) -> bool:
    for field in places:
        if spans[line, field, 0] and not _is_date(data, spans[line, field, 0], spans[line, field, 1]):
            return False
    return True


@inlined
def _end_of_word(data: NDArray[np.uint8], at: int, fields: NDArray[np.int64], field: int) -> int:
    """Gives the place behind true, false or null where they fit the field, -1 otherwise."""
    word = word_at(data, at) & _FOUR_BYTES
    if word == _NULL:
        return at + 4 if fields[field, OPENS] & BY_NULL else -1
    if not fields[field, OPENS] & BY_FLAG:
        return -1
    if word == _TRUE:
        return at + 4
    return at + 5 if word == _FALSE and data[at + 4] == 0x65 else -1


@inlined
def _is_named(data: NDArray[np.uint8], at: int, names: NDArray[np.uint64], field: int) -> bool:
    """Tells whether a field's name stands here as programs write it: quotation marks, a colon, no blanks."""
    for word in range(NAME_WORDS):
        if (word_at(data, at + 8 * word) ^ names[field, word]) & names[field, NAME_WORDS + word]:
            return False
    return True


@compiled(
    "void(uint8[::1], int8[::1], int64[::1], int64[:, ::1], uint64[:, ::1], int64[::1], int64[::1], int64[::1],"
    " boolean[:, ::1], uint64[:, ::1], int64, int8[:, ::1], int32[::1], int32[:, :, ::1], boolean[::1])"
)
def _scan(
    data: NDArray[np.uint8],
    field_at: NDArray[np.int8],
    factors: NDArray[np.int64],
    fields: NDArray[np.int64],
    names: NDArray[np.uint64],
    texts: NDArray[np.int64],
    dates: NDArray[np.int64],
    countries: NDArray[np.int64],
    known: NDArray[np.bool_],
    literals: NDArray[np.uint64],
    required: int,
    after: NDArray[np.int8],
    begins: NDArray[np.int32],
    spans: NDArray[np.int32],
    plain: NDArray[np.bool_],
) -> None:
    """Reads line after line. Whatever stands in the bytes, nothing of a line's is taken from beyond its newline.

    Programs write their fields in one order, so the fields that came `after` the last one before are tried first.
    """
    begin = 0
    for line in range(plain.size):
        begins[line] = begin
        fitting = False
        seen = 0
        last = fields.shape[0]
        at = _after_blanks(data, begin)
        going_on = data[at] == _BRACE
        while going_on:
            field = after[last, 0]
            if field < 0 or not _is_named(data, at + 1, names, field):
                field = after[last, 1]
                if field < 0 or not _is_named(data, at + 1, names, field):
                    field = -1
            if field >= 0:
                at += 1 + fields[field, NAME_BYTES]
            else:
                name = _after_blanks(data, at + 1) + 1
                if data[name - 1] != _QUOTE:
                    break
                end = _end_of_text(data, name)
                if end < name + 7:
                    break
                field = field_at[(end - name + data[end - 2] * factors[0] + data[end - 7] * factors[1]) % SLOTS]
                at = _after_blanks(data, end + 1)
                if field < 0 or fields[field, NAME_BYTES] != end - name + 3 or data[at] != _COLON:
                    break
                same = True
                for place in range(name, end):
                    same = same and data[place] == _byte_of(names, field, place - name + 1)
                if not same:
                    break
                at += 1
                after[last, 1] = after[last, 0]
                after[last, 0] = field
            if seen >> field & 1:
                break
            seen |= 1 << field
            last = field
            at = _after_blanks(data, at)
            if data[at] == _QUOTE:
                end = _end_of_text(data, at + 1)
                if end < 0 or not fields[field, OPENS] & BY_QUOTE:
                    break
                spans[line, field, 0], spans[line, field, 1] = at + 1, end
                at = end + 1
            elif data[at] == _BRACKET:
                end = _end_of_list(data, at) if fields[field, OPENS] & BY_BRACKET else -1
                if end < 0:
                    break
                if end - at > 2:
                    spans[line, field, 0], spans[line, field, 1] = at, end
                at = end
            else:
                end = _end_of_word(data, at, fields, field)
                if end < 0:
                    break
                if word_at(data, at) & _FOUR_BYTES == _TRUE:
                    spans[line, field, 0], spans[line, field, 1] = at, end
                at = end
            at = _after_blanks(data, at)
            if data[at] == _END_BRACE:
                at = _after_blanks(data, at + 1)
                fitting = (
                    data[at] == _NEWLINE
                    and seen & required == required
                    and _are_as_long(data, spans, line, fields, texts)
                    and _are_dates(data, spans, line, dates)
                    and _are_countries(data, spans, line, countries, known)
                    and _are_literals(data, spans, line, literals)
                )
                break
            going_on = data[at] == _COMMA
        plain[line] = fitting
        if not fitting:
            at = begin
            while data[at] != _NEWLINE:
                at += 1
        begin = at + 1
    begins[plain.size] = begin


def scan(
    data: NDArray[np.uint8],
    tables: tuple[Any, ...],
    begins: NDArray[np.int32],
    spans: NDArray[np.int32],
    plain: NDArray[np.bool_],
) -> None:
    """Reads the lines of a block into `begins`, `spans` and `plain` (`schemas.columns.Columns`).

    `tables` are those of the contract (`schemas.tables.TABLES`).
    """
    after = np.full((spans.shape[1] + 1, 2), -1, np.int8)
    arguments: list[Any] = [data, *tables, after, begins, spans, plain]
    _scan(*arguments)
