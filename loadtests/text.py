"""Columns of text made without a Python object a row: pictures, fixed lists, numbers, dates, identifiers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loadtests.draws import Numbers, Words, mixed

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CYRILLIC_LEAD = 0xD0
#: The letters А В Е К М Н О Р С Т У Х as far as their UTF-8 begins with that byte.
_CYRILLIC = bytes((0x90, 0x92, 0x95, 0x9A, 0x9C, 0x9D, 0x9E, 0xA0, 0xA1, 0xA2, 0xA3, 0xA5))
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
_DASHES = (8, 13, 18, 23)
_SIGNS_A_WORD = 13  # letters that 64 bits can choose


def text_of(characters: NDArray[np.uint8], kept: NDArray[np.bool_] | None = None) -> pa.Array:
    """Makes an Arrow column of text from a matrix of UTF-8 bytes, a row each; only `kept` cells count."""
    rows, width = characters.shape
    lengths = np.full(rows, width) if kept is None else kept.sum(axis=1)
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    flat = np.ascontiguousarray(characters).reshape(-1) if kept is None else characters[kept]
    return pa.Array.from_buffers(pa.string(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(flat)])


def numbers(values: NDArray[Any], width: int) -> pa.Array:
    """Writes whole numbers with leading zeros, `width` digits each."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return text_of(((values[:, None] // powers) % 10 + ord("0")).astype(np.uint8))


def identifiers(high: Words, low: Words) -> pa.Array:
    """Writes UUIDs of version 4 from two words each."""
    raw = np.stack([high, low], axis=1).astype(">u8").view(np.uint8).reshape(-1, 16).copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    digits = _HEX[raw].reshape(-1, 32)
    characters = np.full((len(raw), 36), ord("-"), np.uint8)
    characters[:, [place for place in range(36) if place not in _DASHES]] = digits
    return text_of(characters)


def joined(*parts: "pa.Array | str") -> pa.Array:
    """Joins columns and fixed texts side by side, row by row."""
    return pc.binary_join_element_wise(*parts, "")


def buffer_of(column: pa.Array) -> pa.Buffer:
    """Gives the text of all rows in a row."""
    _, offsets, text = column.buffers()
    ends = np.frombuffer(offsets, np.int32, count=len(column) + 1)
    return text.slice(0, int(ends[-1]))


def chosen(choices: Sequence[str], which: NDArray[Any]) -> pa.Array:
    """Takes one of a few fixed texts for each row."""
    return pa.array(choices, pa.string()).take(pa.array(which))


class Shelf:
    """Lists of texts, one list for each owner (a country), from which rows take by owner and a draw."""

    def __init__(self, lists: Sequence[Sequence[str]]) -> None:
        self._texts = pa.array([text for texts in lists for text in texts], pa.string())
        self._lengths = np.array([len(texts) for texts in lists])
        self._starts = np.cumsum(self._lengths) - self._lengths

    def take(self, owners: NDArray[Any], words: Words) -> pa.Array:
        """Takes a text of each row's owner."""
        return self._texts.take(pa.array(self.places(owners, words)))

    def places(self, owners: NDArray[Any], words: Words) -> Numbers:
        """Gives where the text of each row stands among all texts, in the order they were given."""
        within = (words >> np.uint64(8)).astype(np.int64) % self._lengths[owners]
        place: Numbers = self._starts[owners] + within
        return place


@dataclass(frozen=True, slots=True)
class Picture:
    """A shape such as `PO%@@##` and the letters that its `@` stands for."""

    shape: str
    letters: str = _LETTERS

    def alphabets(self) -> list[bytes]:
        """Gives, byte by byte, what may stand there."""
        places: list[bytes] = []
        for sign in self.shape:
            match sign:
                case "#":
                    places.append(b"0123456789")
                case "%":
                    places.append(b"123456789")
                case "@":
                    places.append(self.letters.encode())
                case "¤":
                    places += [bytes([_CYRILLIC_LEAD]), _CYRILLIC]
                case _:
                    places += [bytes([byte]) for byte in sign.encode()]
        return places


class Album:
    """Lists of pictures, one list for each owner, filled in row by row."""

    def __init__(self, lists: Sequence[Sequence[Picture]]) -> None:
        alphabets = [picture.alphabets() for pictures in lists for picture in pictures]
        known = sorted({alphabet for places in alphabets for alphabet in places})
        self._signs = np.zeros((len(known), max(map(len, known))), np.uint8)
        for row, alphabet in enumerate(known):
            self._signs[row, : len(alphabet)] = list(alphabet)
        self._counts = np.array([len(alphabet) for alphabet in known], np.uint64)
        width = max(map(len, alphabets))
        self._alphabets = np.zeros((len(alphabets), width), np.int64)
        self._inside = np.zeros((len(alphabets), width), np.bool_)
        for row, places in enumerate(alphabets):
            self._alphabets[row, : len(places)] = [known.index(alphabet) for alphabet in places]
            self._inside[row, : len(places)] = True
        self._shelf = Shelf([[picture.shape for picture in pictures] for pictures in lists])

    def fill(self, owners: NDArray[Any], words: Words, signs: Words | None = None) -> pa.Array:
        """Fills a picture of each row's owner with letters and digits.

        `words` choose the picture, and its signs unless `signs` is given. Signs count up as numbers do, the
        last place first: consecutive numbers fill one picture in different ways.
        """
        picture = self._shelf.places(owners, words)
        left = words if signs is None else signs
        characters = np.empty((len(words), self._alphabets.shape[1]), np.uint8)
        for step, place in enumerate(reversed(range(characters.shape[1]))):
            if step == _SIGNS_A_WORD:
                left = mixed(words)
            alphabet = self._alphabets[picture, place]
            count = self._counts[alphabet]
            rest = left // count
            characters[:, place] = self._signs[alphabet, (left - rest * count).astype(np.int64)]
            left = rest
        return text_of(characters, self._inside[picture])
