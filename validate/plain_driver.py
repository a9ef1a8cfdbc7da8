"""Drivers of whom nothing is to be said, told at once from the bytes of their fields.

Most drivers are new, and with most of them all is in order: the rules of `validate/driver.py` need not run to say so.
A yes means that those rules find nothing (tests/validate/test_plain_driver.py); a no that they are to be asked.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.codes import country
from schemas.columns import PLACE, Columns
from schemas.compiled import compiled, inlined
from schemas.limits import LIMITS
from validate.licences import SHAPES
from validate.shapes import shapes
from validate.steps import BEGIN, Steps

#: The fields that are looked at: those of `validate.driver.REQUIRED` and two more.
READ = (
    "driver_first_name",
    "driver_last_name",
    "driver_licence_number",
    "driver_document_type",
    "driver_document_number",
    "driver_document_country",
    "driver_street",
    "driver_city",
    "driver_country",
    "driver_applicable_law",
    "driver_birth_date",
    "driver_contract_start",
    "start_date",
    "driver_email",
)
_FIRST, _LAST, _LICENCE, _DOCUMENT, _, _ISSUER, _, _, _COUNTRY, _LAW, _BORN, _CONTRACT, _START, _EMAIL = range(14)
_PLACES = np.array([PLACE[name] for name in READ], np.int64)
_YOUNGEST, _OLDEST, _EARLIEST, _LATEST = range(4)
_BOUNDS = np.array(
    [
        LIMITS.driver.youngest,
        LIMITS.driver.oldest,
        *(int(f"{day:%Y%m%d}") for day in (LIMITS.dates.earliest, LIMITS.dates.latest)),
    ],
    np.int64,
)
_LICENCE_DOCUMENT = len("DRIVINGLICENSE")  # no other document type is as long
_BASE = 26
#: What a name may consist of beside letters with marks, and an e-mail address beside its @.
_IN_NAMES = np.array([chr(one).isascii() and (chr(one).isalpha() or chr(one) in " .,'-") for one in range(256)])
_IN_ADDRESSES = np.array([chr(one).isascii() and (chr(one).isalnum() or chr(one) in "._+-") for one in range(256)])
#: The place of each character among 0-9 and A-Z, -1 for all others.
_LETTERS = np.array([int(chr(one), 36) if chr(one).isascii() and chr(one).isalnum() else -1 for one in range(256)])
#: The first byte of a text that is not blank: a letter or digit of ASCII, or a letter of Latin with its marks.
_BEGINS = (_LETTERS >= 0) | ((np.arange(256) >= 0xC3) & (np.arange(256) <= 0xC8))


def plainly_fine(columns: Columns, establishments: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tells of each plain line whether nothing is to be said of its driver.

    `establishments` are the numbers of the operators' countries, line by line (`country_number`).
    """
    fine = np.zeros(len(columns), np.bool_)
    _judge(
        columns.data,
        columns.spans,
        columns.plain,
        _PLACES,
        _BOUNDS,
        establishments,
        _KIND_OF,
        _STEPS.follow,
        _STEPS.kinds,
        np.empty((2, len(_PLACES)), np.int64),
        fine,
    )
    return fine


def country_number(code: str) -> int:
    """Gives a country's number in the alphabet of two letters, -1 for none."""
    iso = country(code)
    if len(iso) != 2 or not (iso.isascii() and iso.isalpha() and iso.isupper()):
        return -1
    return (ord(iso[0]) - ord("A")) * _BASE + ord(iso[1]) - ord("A")


def country_numbers(codes: Sequence[str]) -> NDArray[np.int64]:
    """Gives the numbers of some countries."""
    return np.array([country_number(code) for code in codes], np.int64)


#: The shapes of all countries' licence numbers.
_STEPS = Steps.of({kind: shapes(shape.pattern) for kind, shape in enumerate(SHAPES.values())})
#: Which kind of them a country's are, by its number; -1 where they are not known.
_KIND_OF = np.full(_BASE * _BASE, -1, np.int64)
_KIND_OF[country_numbers(list(SHAPES))] = np.arange(len(SHAPES))


@inlined
def _day(data: NDArray[np.uint8], at: int) -> int:
    """Reads YYYY-MM-DD as the number YYYYMMDD."""
    day = 0
    for place in range(10):
        if place != 4 and place != 7:
            day = day * 10 + int(data[at + place]) - 48
    return day


@inlined
def _number(data: NDArray[np.uint8], at: int) -> int:
    return (int(data[at]) - 65) * _BASE + int(data[at + 1]) - 65


@inlined
def _is_name(data: NDArray[np.uint8], at: int, end: int) -> bool:
    """Tells whether all letters are of Latin-1 or Latin Extended, with the usual signs between them."""
    while at < end:
        one = data[at]
        if one < 0x80:
            if not _IN_NAMES[one]:
                return False
            at += 1
        elif one < 0xC3 or one > 0xC8 or (one == 0xC3 and data[at + 1] & 0xDF == 0x97):
            return False
        else:
            at += 2
    return True


@inlined
def _is_address(data: NDArray[np.uint8], at: int, end: int) -> bool:
    """Tells whether a text is an e-mail address of letters, digits and the usual signs."""
    begin = at
    while at < end and _IN_ADDRESSES[data[at]]:
        at += 1
    if at in (begin, end) or data[at] != 0x40:
        return False
    label, dots = at + 1, 0
    at += 1
    while at < end:
        if not _IN_ADDRESSES[data[at]]:
            return False
        if data[at] == 0x2E:
            if at == label:
                return False
            label = at + 1
            dots += 1
        at += 1
    return dots > 0 and end - label >= 2


@inlined
def _fits(
    data: NDArray[np.uint8],
    at: int,
    end: int,
    number: int,
    kind_of: NDArray[np.int64],
    follow: NDArray[np.uint16],
    kinds: NDArray[np.uint64],
) -> bool:
    """Tells whether a licence number may be of a country; yes where that country's shapes are not known."""
    if kind_of[number] < 0:
        return True
    state = BEGIN
    for place in range(at, end):
        if data[place] >= 0x80:
            return False
        letter = _LETTERS[data[place]]
        if letter >= 0:
            state = follow[state, letter]
    return bool(kinds[state] >> np.uint64(kind_of[number]) & np.uint64(1))


@compiled(
    "void(uint8[::1], int32[:, :, ::1], boolean[::1], int64[::1], int64[::1], int64[::1], int64[::1],"
    " uint16[:, ::1], uint64[::1], int64[:, ::1], boolean[::1])"
)
def _judge(
    data: NDArray[np.uint8],
    spans: NDArray[np.int32],
    plain: NDArray[np.bool_],
    places: NDArray[np.int64],
    bounds: NDArray[np.int64],
    establishments: NDArray[np.int64],
    kind_of: NDArray[np.int64],
    follow: NDArray[np.uint16],
    kinds: NDArray[np.uint64],
    scratch: NDArray[np.int64],
    fine: NDArray[np.bool_],
) -> None:
    begin, end = scratch[0], scratch[1]
    for line in range(plain.size):
        if not plain[line] or establishments[line] < 0:
            continue
        said = True
        for field in range(places.size):
            begin[field], end[field] = spans[line, places[field], 0], spans[line, places[field], 1]
            said = said and (field >= _START or (begin[field] > 0 and _BEGINS[data[begin[field]]]))
        if not said or _number(data, begin[_LAW]) != establishments[line]:
            continue
        start, contract = _day(data, begin[_START]), _day(data, begin[_CONTRACT])
        age = (start - _day(data, begin[_BORN])) // 10_000
        if not (bounds[_YOUNGEST] <= age <= bounds[_OLDEST] and bounds[_EARLIEST] <= contract <= start):
            continue
        if contract > bounds[_LATEST]:
            continue
        if not (_is_name(data, begin[_FIRST], end[_FIRST]) and _is_name(data, begin[_LAST], end[_LAST])):
            continue
        if begin[_EMAIL] and not _is_address(data, begin[_EMAIL], end[_EMAIL]):
            continue
        licence, behind = begin[_LICENCE], end[_LICENCE]
        fits = _fits(data, licence, behind, _number(data, begin[_ISSUER]), kind_of, follow, kinds)
        if not fits and end[_DOCUMENT] - begin[_DOCUMENT] != _LICENCE_DOCUMENT:
            home = _number(data, begin[_COUNTRY])
            fits = _fits(data, licence, behind, establishments[line], kind_of, follow, kinds)
            fits = fits or _fits(data, licence, behind, home, kind_of, follow, kinds)
        fine[line] = fits
