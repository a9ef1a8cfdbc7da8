"""A fleet as one text: what its address is computed from, and what its columns are made of (`plate_columns.py`).

text = key 1F plate as written 1F weight 1E, plate by plate in that order
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

#: What ends a plate's key and its written form, and what ends a plate.
PART_END, PLATE_END = 0x1F, 0x1E


class WrittenFleet(NamedTuple):
    """A set of plates as its text, with the 16 bytes of its address; `None` when there are no plates."""

    fleet_id: bytes | None
    text: bytes


def write_fleet(plates: Iterable[tuple[str, str, str]]) -> WrittenFleet:
    """Writes a set of plates (key, display form, weight), given in that order and each once."""
    parts = [f"{key}{chr(PART_END)}{display}{chr(PART_END)}{weight}{chr(PLATE_END)}" for key, display, weight in plates]
    return written("".join(parts).encode("utf-8", "surrogatepass"))


def written(text: bytes) -> WrittenFleet:
    """Gives the fleet of a text."""
    return WrittenFleet(hashlib.blake2b(text, digest_size=16).digest() if text else None, text)
