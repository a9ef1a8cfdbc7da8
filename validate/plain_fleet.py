"""Fleets of which nothing is to be said, read at once from the bytes of their lists.

Most fleets are new to a judge when they come, and with most of them all is in order. What is read here is what
`validate/fleet.py` makes of it (tests/validate/test_plain_fleet.py); of any other fleet the rules there are asked.
"""

import numpy as np
from numpy.typing import NDArray

from schemas.codes import country
from schemas.columns import PLACE, Columns
from schemas.compiled import compiled, inlined
from schemas.declaration import LONGEST_PLATE, MOST_PLATES
from schemas.limits import LIMITS
from schemas.written import PART_END, PLATE_END, WrittenFleet, written
from validate.fleet import LISTS
from validate.plates import BY_WISH, SERIES, plate_key
from validate.shapes import CHARACTERS, Shape, shapes
from validate.steps import BEGIN, Steps

GOODS, PASSENGERS = 1, 2
_PLACES = np.array([PLACE[name] for name in LISTS], np.int64)
_ALL = -1  # every kind of series there is, and plates of none
_WEIGHTS = np.zeros((len(LISTS), len("LIGHT") + 1), np.uint8)  # how long it is, then its letters
for _list, _weight in enumerate(LISTS.values()):
    _WEIGHTS[_list, 0] = len(_weight)
    _WEIGHTS[_list, 1 : 1 + len(_weight)] = np.frombuffer(_weight.encode(), np.uint8)
_SHORTEST_KEY, _LONGEST_KEY, _LONGEST_PLATE, _MOST_PLATES = range(4)
_LIMITS = np.array([LIMITS.plate.shortest_key, min(LIMITS.plate.longest_key, 16), LONGEST_PLATE, MOST_PLATES], np.int64)
#: What a byte does to a key: a letter or digit joins it, by its place among `CHARACTERS`; others are left out; and what
#: may stand in no series, in no JSON text as it is, or is not ASCII, is for the rules.
_LEFT_OUT, _FOR_THE_RULES = -1, -2
_QUOTE, _BACKSLASH, _SPACE = 0x22, 0x5C, 0x20


def _byte(code: int) -> int:
    one = chr(code)
    key = plate_key(one).key if one.isprintable() and one.isascii() and code not in (_QUOTE, _BACKSLASH) else "?"
    return CHARACTERS.index(key) if key and key in CHARACTERS else _FOR_THE_RULES if key else _LEFT_OUT


_BYTES = np.array([_byte(code) for code in range(256)], np.int64)
_LETTERS = np.frombuffer(CHARACTERS.encode(), np.uint8)


def _steps() -> tuple[Steps, dict[str, int]]:
    """Gives the table of all main series as kind 0, and the kinds of the series by wish that are simple enough."""
    main: dict[Shape, None] = {}
    for series in SERIES.values():
        main |= dict.fromkeys(shapes(series.pattern))
    kinds, made = {}, {0: list(main)}
    for code, series in BY_WISH.items():
        try:
            made[len(made)] = shapes(series.pattern)
        except ValueError:
            continue  # its plates are for the rules
        kinds[code] = len(made) - 1
    return Steps.of(made), kinds


_STEPS, _WISHED = _steps()


def series_at_home(establishment: str) -> int:
    """Gives the kinds of series that are known to an operator's country, a bit for each; all where none are known."""
    code = country(establishment)
    if establishment and code not in SERIES:
        return _ALL
    return 1 | (1 << _WISHED[code] if code in _WISHED else 0)


def read_plain_fleets(
    columns: Columns, lines: NDArray[np.int32], known: NDArray[np.int64], kinds: NDArray[np.int64]
) -> list[WrittenFleet | None]:
    """Reads the fleets of some plain lines; None for those that are for the rules.

    `known` are the series known to their operators' countries (`series_at_home`), `kinds` what each carries (`GOODS`,
    `PASSENGERS` or both).
    """
    spans = np.ascontiguousarray(columns.spans[lines[:, None], _PLACES])
    lengths = spans[:, :, 1] - spans[:, :, 0]
    # A plate takes three bytes of a list at least, and no more of a text than twice its own and eight.
    texts = np.empty(4 * int(lengths.sum()) + 8, np.uint8)
    ends = np.zeros(len(lines) + 1, np.int64)
    fine = np.zeros(len(lines), np.bool_)
    scratch = np.empty((_PLATE_NUMBERS, int(lengths.sum(axis=1).max(initial=0)) // 3 + 1), np.uint64)
    _read(
        columns.data,
        spans,
        known,
        kinds,
        _BYTES,
        _LETTERS,
        _WEIGHTS,
        _LIMITS,
        _STEPS.follow,
        _STEPS.kinds,
        scratch,
        texts,
        ends,
        fine,
    )
    held, bounds = texts[: ends[-1]].tobytes(), ends.tolist()
    return [written(held[bounds[at] : bounds[at + 1]]) if is_fine else None for at, is_fine in enumerate(fine.tolist())]


#: What is kept of a plate until all are read: its key as two numbers, where it was written, in which list.
_HIGH, _LOW, _FROM, _TO, _LIST = range(5)
_PLATE_NUMBERS = 5


@inlined
def _in_order(plates: NDArray[np.uint64], count: int) -> bool:
    """Sorts plates by their keys (Shell's way); tells whether each key stands once."""
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for place in range(gap, count):
            high, low = plates[_HIGH, place], plates[_LOW, place]
            begin, end, of_list = plates[_FROM, place], plates[_TO, place], plates[_LIST, place]
            at = place
            while at >= gap and (
                plates[_HIGH, at - gap] > high or (plates[_HIGH, at - gap] == high and plates[_LOW, at - gap] > low)
            ):
                for number in range(_PLATE_NUMBERS):
                    plates[number, at] = plates[number, at - gap]
                at -= gap
            plates[_HIGH, at], plates[_LOW, at] = high, low
            plates[_FROM, at], plates[_TO, at], plates[_LIST, at] = begin, end, of_list
        gap //= 3
    for place in range(1, count):
        if plates[_HIGH, place] == plates[_HIGH, place - 1] and plates[_LOW, place] == plates[_LOW, place - 1]:
            return False
    return True


@inlined
def _listed(
    data: NDArray[np.uint8],
    at: int,
    end: int,
    of_list: int,
    known: int,
    bytes_: NDArray[np.int64],
    letters: NDArray[np.uint8],
    limits: NDArray[np.int64],
    follow: NDArray[np.uint16],
    kinds: NDArray[np.uint64],
    plates: NDArray[np.uint64],
    count: int,
) -> int:
    """Adds the plates of a list to `count` others; gives how many they are then, -1 if one of them is for the rules."""
    most = count + limits[_MOST_PLATES]
    while at < end:
        if data[at] != _QUOTE:
            at += 1
            continue
        at += 1
        text = at
        while data[at] == _SPACE:
            at += 1
        begin, behind, characters, state = at, at, 0, BEGIN
        high = low = np.uint64(0)
        while data[at] != _QUOTE:
            byte = bytes_[data[at]]
            if byte == _FOR_THE_RULES or (byte >= 0 and characters == limits[_LONGEST_KEY]):
                return -1
            if byte >= 0:
                letter = np.uint64(letters[byte]) << np.uint64(56 - 8 * (characters & 7))
                if characters < 8:
                    high |= letter
                else:
                    low |= letter
                state = follow[state, byte]
                characters += 1
            at += 1
            if data[at - 1] != _SPACE:
                behind = at
        if characters < limits[_SHORTEST_KEY] or at - text > limits[_LONGEST_PLATE] or count == most:
            return -1
        if known != _ALL and np.int64(kinds[state]) & known == 0:
            return -1
        plates[_HIGH, count], plates[_LOW, count] = high, low
        plates[_FROM, count], plates[_TO, count], plates[_LIST, count] = begin, behind, of_list
        count += 1
        at += 1
    return count


@inlined
def _written(
    data: NDArray[np.uint8],
    plates: NDArray[np.uint64],
    count: int,
    weights: NDArray[np.uint8],
    texts: NDArray[np.uint8],
    at: int,
) -> int:
    """Writes plates as a text; gives the place behind it."""
    for plate in range(count):
        for half in range(2):
            word = plates[half, plate]
            while word:
                texts[at] = word >> np.uint64(56)
                word <<= np.uint64(8)
                at += 1
        texts[at] = PART_END
        at += 1
        for place in range(plates[_FROM, plate], plates[_TO, plate]):
            texts[at] = data[place]
            at += 1
        texts[at] = PART_END
        at += 1
        of_list = plates[_LIST, plate]
        for letter in range(weights[of_list, 0]):
            texts[at] = weights[of_list, letter + 1]
            at += 1
        texts[at] = PLATE_END
        at += 1
    return at


@compiled(
    "void(uint8[::1], int32[:, :, ::1], int64[::1], int64[::1], int64[::1], Array(uint8, 1, 'C', readonly=True),"
    " uint8[:, ::1], int64[::1], uint16[:, ::1], uint64[::1], uint64[:, ::1], uint8[::1], int64[::1], boolean[::1])"
)
def _read(
    data: NDArray[np.uint8],
    spans: NDArray[np.int32],
    known: NDArray[np.int64],
    carried: NDArray[np.int64],
    bytes_: NDArray[np.int64],
    letters: NDArray[np.uint8],
    weights: NDArray[np.uint8],
    limits: NDArray[np.int64],
    follow: NDArray[np.uint16],
    kinds: NDArray[np.uint64],
    plates: NDArray[np.uint64],
    texts: NDArray[np.uint8],
    ends: NDArray[np.int64],
    fine: NDArray[np.bool_],
) -> None:
    at = 0
    for line in range(spans.shape[0]):
        count = plain = 0
        for of_list in range(spans.shape[1]):
            begin, end = spans[line, of_list, 0], spans[line, of_list, 1]
            if begin and count >= 0:
                count = _listed(
                    data, begin, end, of_list, known[line], bytes_, letters, limits, follow, kinds, plates, count
                )
            if of_list == 0:
                plain = count
        goods, passengers = carried[line] & GOODS, carried[line] & PASSENGERS
        named = count > 0 and (not passengers or (plain > 0 and (goods or plain == count)))
        if named and _in_order(plates, count):
            fine[line] = True
            at = _written(data, plates, count, weights, texts, at)
        ends[line + 1] = at
