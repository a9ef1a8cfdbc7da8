"""Identifiers: a submission's UUIDv7 holds its declarations' ids, and each id its speakable number.

A submission takes one serial (millisecond, sixteenth of it, node). Its id is a UUIDv7 whose last 32 bits are
zero; the declaration of line n has the same id plus n. So a retry finds the same ids, ids of one submission
compress to almost nothing, and no index is needed from a number or a submission to its declarations.
The 28 bits between are a keyed digest of the serial: a number gives the id, but only to who holds the key.

    48 bits ms | 7 | 4 sub-ms, 8 node | 10 | 2 node, 28 digest, 32 line
"""

import hashlib
import threading
import time
from operator import mul
from typing import NamedTuple
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as QuickUUID

#: Crockford's alphabet: no I, L, O, U, so a number survives a telephone line.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
#: Ten bits as two letters, to write numbers in half the steps.
_PAIRS = [one + other for one in ALPHABET for other in ALPHABET]
_WEIGHTS = range(1, 32)
_CHECK_PRIME = 31  # finds each single slip (but Z for 0) and each swap of two neighbours
_EPOCH_MS = 1_640_995_200_000  # 2022-01-01, the year in which the declarations began
_LINE_BITS = 32
MAX_LINE = (1 << _LINE_BITS) - 1
NODES = 1 << 10


class InvalidNumberError(ValueError):
    """A declaration number that cannot be one: a letter is wrong, or two were swapped."""


class Serial(NamedTuple):
    """The moment and place at which a submission began: milliseconds since 1970, sixteenth, node."""

    ms: int
    part: int
    node: int


class SerialClock:
    """Gives each submission of one process a serial of its own, never going back when the clock does.

    `node` is this process's number, 0-1023, leased so that no two living processes share it.
    """

    def __init__(self, node: int) -> None:
        self._node = node % NODES
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> Serial:
        """Takes the next serial: the present sixteenth of a millisecond, or the one after the last given."""
        with self._lock:
            self._last = max(time.time_ns() // 62_500, self._last + 1)
            return Serial(self._last >> 4, self._last & 15, self._node)


def submission_id(serial: Serial, secret: bytes) -> UUID:
    """Builds the UUIDv7 of a submission (line 0); `secret` keys the digest, so that ids cannot be guessed."""
    ms, part, node = serial
    digest = int.from_bytes(hashlib.blake2s(b"%d.%d.%d" % serial, key=secret[:32], digest_size=4).digest()) >> 4
    high = ms << 16 | 7 << 12 | part << 8 | node >> 2
    low = 2 << 62 | (node & 3) << 60 | digest << _LINE_BITS
    return _uuid(high << 64 | low)


def declaration_id(submission: UUID, line: int) -> UUID:
    """Gives the id of the declaration on line `line` (1 to 4 294 967 295) of a submission."""
    return _uuid(submission.int + line)


def submission_of(declaration: UUID) -> UUID:
    """Gives the submission in which a declaration's first version came."""
    return _uuid(declaration.int & ~MAX_LINE)


def line_of(declaration: UUID) -> int:
    """Gives the line on which a declaration's first version came."""
    return declaration.int & MAX_LINE


def milliseconds_of(declaration: UUID) -> int:
    """Gives the millisecond (since 1970) at which an id was made."""
    return declaration.int >> 80


def _uuid(value: int) -> UUID:
    """Makes a UUID as asyncpg does, which is also one of the standard library's and made six times as fast."""
    made: UUID = QuickUUID(value.to_bytes(16))
    return made


def _letters(value: int, width: int) -> str:
    """Writes a number with as many letters as it takes, at least `width`."""
    out = ""
    while value > 31 or len(out) < width - 1:
        out = _PAIRS[value & 1023] + out
        value >>= 10
    if value or len(out) < width:
        out = ALPHABET[value] + out
    return out


def _check(letters: str) -> str:
    return ALPHABET[sum(map(mul, _WEIGHTS, map(_VALUE.__getitem__, letters))) % _CHECK_PRIME]


def number_of(declaration: UUID) -> str:
    """Gives the number that people read out, as in `0KQ7-M2XP-A9B-1-T`: serial, line, check character."""
    value = declaration.int
    serial = (value >> 72 & 15) << 10 | (value >> 64 & 255) << 2 | value >> 60 & 3
    packed = ((value >> 80) - _EPOCH_MS) << 14 | serial
    head = _letters(packed, 11)
    line = _letters(value & MAX_LINE, 1)
    return f"{head[:4]}-{head[4:8]}-{head[8:]}-{line}-{_check(head + line)}"


def parse_number(number: str, secret: bytes) -> UUID:
    """Gives the declaration's id for a number in any spelling (case, blanks, O for 0, I and L for 1).

    Raises `InvalidNumberError` if the check character does not fit.
    """
    letters = "".join(letter for letter in number.upper() if letter.isalnum())
    if not 13 <= len(letters) <= 19 or any(letter not in _VALUE for letter in letters):
        raise InvalidNumberError(number)
    letters = "".join(ALPHABET[_VALUE[letter]] for letter in letters)
    body, check = letters[:-1], letters[-1]
    if _check(body) != check:
        raise InvalidNumberError(number)
    packed, line = 0, 0
    for letter in body[:11]:
        packed = packed << 5 | _VALUE[letter]
    for letter in body[11:]:
        line = line << 5 | _VALUE[letter]
    serial = Serial((packed >> 14) + _EPOCH_MS, packed >> 10 & 15, packed & NODES - 1)
    if line > MAX_LINE:
        raise InvalidNumberError(number)
    return declaration_id(submission_id(serial, secret), line)
