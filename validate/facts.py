"""What was found out about values that repeat themselves, found again by those values' bytes alone.

Declarations repeat themselves: one fleet, one period, one contact on thousands of lines. A line's values, as they
stand in its bytes, are the key of a fact. Keys are compared whole, so two facts are never taken for one.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.columns import PADDING, PLACE, Columns
from schemas.compiled import compiled, put_word, word_at
from validate.problems import NOTHING, Found

_Fact = TypeVar("_Fact")
#: Gives the facts of some lines, in order; their numbers are (lines, numbers).
FindOut = Callable[[Columns, NDArray[np.int32], NDArray[np.uint64]], list[_Fact]]
_KEY_BYTES = 1 << 20
_HEAD = 4  # bytes before each value in a key: how long it is
_SHIFT = np.uint64(29)


def each(fields: Sequence[str], find_out: Callable[..., _Fact]) -> FindOut[_Fact]:
    """Finds out line by line: `find_out` is given the values of some fields and the line's numbers, in order."""

    def find_out_all(columns: Columns, lines: NDArray[np.int32], numbers: NDArray[np.uint64]) -> list[_Fact]:
        read = zip(lines.tolist(), numbers.tolist(), strict=True)
        return [find_out(*columns.values(line, fields), *beside) for line, beside in read]

    return find_out_all


class Facts(Generic[_Fact]):
    """Facts about lines by the values of some fields, and of numbers that are no field of theirs.

    `find_out` gives the facts of some lines, from their values (`each`) or all at once; `problems_of` what a fact says
    of its lines. `most` facts and `most_bytes` of keys are kept; all are forgotten when they are more, so the places of
    facts count until the next call only.
    """

    def __init__(
        self,
        fields: Sequence[str],
        find_out: FindOut[_Fact],
        problems_of: Callable[[_Fact], Found],
        most: int,
        most_bytes: int,
    ) -> None:
        self._fields = tuple(fields)
        self._places = np.array([PLACE[name] for name in fields], np.int64)
        self._find_out = find_out
        self._problems_of = problems_of
        self._most = most
        self._most_bytes = most_bytes
        self._factor = np.uint64(secrets.randbits(64) | 1)  # nobody can make keys that share a slot
        self._keys = np.zeros(_KEY_BYTES, np.uint8)
        self._begin(1 << 10)

    def _begin(self, slots: int) -> None:
        self.facts: list[_Fact] = []
        self._slots = np.full(slots, -1, np.int32)
        self._hashes = np.zeros(slots // 2, np.uint64)
        self._begins = np.zeros(slots // 2 + 1, np.int64)
        self._speaks = np.zeros(slots // 2, np.bool_)

    def of(
        self, columns: Columns, among: NDArray[np.bool_], numbers: NDArray[np.uint64] | None = None
    ) -> NDArray[np.int32]:
        """Gives the place in `facts` of each line's fact, finding out what is new; -1 for lines that are not `among`.

        `among` are plain lines, all or some; `numbers` those of each line (lines, numbers), none if they are left out.
        """
        beside = np.zeros((len(columns), 0), np.uint64) if numbers is None else numbers
        found = np.empty(len(columns), np.int32)
        new = np.empty(len(columns), np.int32)
        self._make_room(columns, beside.shape[1])
        count = _find(
            columns.data,
            columns.spans,
            among,
            self._places,
            beside,
            self._factor,
            len(self.facts),
            self._slots,
            self._hashes,
            self._begins,
            self._keys,
            found,
            new,
        )
        if count:
            facts = self._find_out(columns, new[:count], beside[new[:count]])
            known = len(self.facts)
            self._speaks[known : known + count] = [bool(self._problems_of(fact)) for fact in facts]
            self.facts += facts
        return found

    def gather(self, found: NDArray[np.int32], problems: dict[int, Found]) -> None:
        """Adds to `problems`, by line, what the facts found by `of` say; most say nothing."""
        speaking = self._speaks[found] & (found >= 0)
        if speaking.any():
            for line in np.flatnonzero(speaking).tolist():
                problems[line] = problems.get(line, NOTHING) + self._problems_of(self.facts[found[line]])

    def _make_room(self, columns: Columns, numbers: int) -> None:
        """Makes room for a fact and a key of each line."""
        lines, known = len(columns), len(self.facts)
        key_bytes = len(columns.data) + lines * ((_HEAD * len(self._fields)) + 8 * numbers + 8) + PADDING
        used = int(self._begins[known])
        if known + lines > self._most or used + key_bytes > self._most_bytes:
            self._begin(len(self._slots))
            known = used = 0
        if used + key_bytes > len(self._keys):
            self._keys = np.concatenate([self._keys[:used], np.zeros(used + 2 * key_bytes, np.uint8)])
        if (known + lines) * 2 > len(self._slots):
            slots = 1 << ((known + lines) * 4).bit_length()
            self._slots = np.full(slots, -1, np.int32)
            room = slots // 2 - known
            self._hashes = np.pad(self._hashes[:known], (0, room))
            self._begins = np.pad(self._begins[: known + 1], (0, room))
            self._speaks = np.pad(self._speaks[:known], (0, room))
            _place(self._hashes, known, self._slots)


@compiled("void(uint64[::1], int64, int32[::1])")
def _place(hashes: NDArray[np.uint64], known: int, slots: NDArray[np.int32]) -> None:
    last = np.uint64(slots.size - 1)
    for fact in range(known):
        slot = hashes[fact] & last
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = fact


@compiled(
    "int64(uint8[::1], int32[:, :, ::1], boolean[::1], int64[::1], uint64[:, ::1], uint64, int64,"
    " int32[::1], uint64[::1], int64[::1], uint8[::1], int32[::1], int32[::1])"
)
def _find(
    data: NDArray[np.uint8],
    spans: NDArray[np.int32],
    among: NDArray[np.bool_],
    places: NDArray[np.int64],
    numbers: NDArray[np.uint64],
    factor: np.uint64,
    known: int,
    slots: NDArray[np.int32],
    hashes: NDArray[np.uint64],
    begins: NDArray[np.int64],
    keys: NDArray[np.uint8],
    found: NDArray[np.int32],
    new: NDArray[np.int32],
) -> int:
    """Finds each line's fact by its key, which is written behind the last one; a key that is new stays there."""
    last, first_new = np.uint64(slots.size - 1), known
    for line in range(among.size):
        found[line] = -1
        if not among[line]:
            continue
        begin = begins[known]
        at = begin
        for number in range(numbers.shape[1]):
            put_word(keys, at, numbers[line, number])
            at += 8
        for place in places:
            value, end = spans[line, place, 0], spans[line, place, 1]
            put_word(keys, at, np.uint64(end - value))
            at += _HEAD
            for word in range(value, end, 8):
                put_word(keys, at + word - value, word_at(data, word))
            at += end - value
        put_word(keys, at, np.uint64(0))  # what the last word of a value wrote beyond it
        end = begin + (at - begin + 7) // 8 * 8
        hashed = factor
        for word in range(begin, end, 8):
            hashed = (hashed ^ word_at(keys, word)) * factor
            hashed ^= hashed >> _SHIFT
        slot = hashed & last
        while slots[slot] >= 0:
            fact = slots[slot]
            if hashes[fact] == hashed and begins[fact + 1] - begins[fact] == end - begin:
                other = begins[fact]
                same = True
                for word in range(0, end - begin, 8):
                    if word_at(keys, begin + word) != word_at(keys, other + word):
                        same = False
                        break
                if same:
                    break
            slot = (slot + np.uint64(1)) & last
        if slots[slot] < 0:
            slots[slot], hashes[known], begins[known + 1] = known, hashed, end
            new[known - first_new] = line
            known += 1
        found[line] = slots[slot]
    return known - first_new
