"""The contract as tables for the loop that reads blocks of lines (`schemas/scan.py`).

They are made from its own types (`schemas/declaration.py`) by `msgspec.inspect`, so that there is one contract.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from schemas.codes import ALIASES
from schemas.declaration import WIRE_NAMES, DeclarationLine
from schemas.scan import ALPHABET, BY_BRACKET, BY_FLAG, BY_NULL, BY_QUOTE, LITERAL_WORDS, NAME_WORDS, SLOTS

_ENDLESS = 1 << 40


class _Contract:
    """Of each field its bounds and its name as it is written; the places of each kind, and their codes."""

    def __init__(self) -> None:
        contract: Any = msgspec.inspect.type_info(DeclarationLine)
        self.fields = np.zeros((len(contract.fields), 4), np.int64)
        self.names = np.zeros((len(contract.fields), 2 * NAME_WORDS), np.uint64)
        self.texts: list[int] = []
        self.dates: list[int] = []
        self.countries: list[int] = []
        self.known = np.zeros((len(contract.fields), ALPHABET * ALPHABET), np.bool_)
        self.literals: list[list[int]] = []
        self.required = sum(field.required << place for place, field in enumerate(contract.fields))
        for place, field in enumerate(contract.fields):
            kind, optional = _type_of(field.type)
            opens, least, most = self._kind(place, kind)
            written = f'"{field.encode_name}":'.encode()
            self.fields[place] = least, most, opens | optional * BY_NULL, len(written)
            room = 8 * NAME_WORDS
            mask = (b"\xff" * len(written)).ljust(room, b"\0")
            self.names[place] = np.frombuffer(written.ljust(room, b"\0") + mask, np.uint64)

    def _kind(self, place: int, kind: Any) -> tuple[int, int, int]:
        """Notes where a field's values are looked up; gives with what they may begin, their least and most bytes."""
        match kind:
            case msgspec.inspect.StrType(min_length=least, max_length=most, pattern=None):
                self.texts.append(place)
                return BY_QUOTE, least or 0, most or _ENDLESS
            case msgspec.inspect.RawType():
                return BY_BRACKET, 0, _ENDLESS
            case msgspec.inspect.DateType():
                self.dates.append(place)
                return BY_QUOTE, len("YYYY-MM-DD"), len("YYYY-MM-DD")
            case msgspec.inspect.BoolType():
                return BY_FLAG, 0, _ENDLESS
            case msgspec.inspect.LiteralType(values=values):
                return self._codes(place, [str(value) for value in values])
        raise AssertionError(f"no loop knows {kind}")

    def _codes(self, place: int, codes: Sequence[str]) -> tuple[int, int, int]:
        lengths = [len(code) for code in codes]
        if set(lengths) == {len("AT")}:
            self.countries.append(place)
            for code in codes:  # an alias is left to others: it is kept as the code that it stands for
                self.known[place, _number_of(code)] = code not in ALIASES
        else:
            for code in codes:
                written = code.encode().ljust(8 * LITERAL_WORDS, b"\0")
                self.literals.append([place, len(code), *np.frombuffer(written, np.uint64).tolist()])
        return BY_QUOTE, min(lengths), max(lengths)

    def tables(self) -> tuple[Any, ...]:
        """Gives all of it as the loop takes it."""
        places = (np.array(each, np.int64) for each in (self.texts, self.dates, self.countries))
        return self.fields, self.names, *places, self.known, np.array(self.literals, np.uint64), self.required


def _type_of(kind: Any) -> tuple[Any, bool]:
    """Gives the type of a field, and whether it may be null."""
    if isinstance(kind, msgspec.inspect.UnionType):
        (one,) = (each for each in kind.types if not isinstance(each, msgspec.inspect.NoneType))
        return one, True
    return kind, False


def _number_of(code: str) -> int:
    return (ord(code[0]) - ord("A")) * ALPHABET + ord(code[1]) - ord("A")


def _told_apart() -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Finds two factors by which each wire name has a slot of its own, and makes the table of slots."""
    names = [name.encode() for name in WIRE_NAMES.values()]
    for one in range(1, 256):
        for other in range(1, 256):
            slots = [(len(name) + name[-2] * one + name[-7] * other) % SLOTS for name in names]
            if len(set(slots)) == len(names):
                table = np.full(SLOTS, -1, np.int8)
                table[slots] = np.arange(len(names))
                return np.array([one, other]), table
    raise AssertionError("no factors tell all wire names apart")


_FACTORS, _FIELD_AT = _told_apart()
#: All of it, as `schemas.scan.scan` takes it.
TABLES: tuple[Any, ...] = (_FIELD_AT, _FACTORS, *_Contract().tables())
