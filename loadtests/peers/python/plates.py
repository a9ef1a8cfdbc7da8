"""Plate keys as OpenRTPD makes them: capitals, no separators, look-alikes in Latin, no marks."""

import hashlib
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from settings import codes

_SEPARATORS = frozenset(codes()["separators"])
_LATIN = str.maketrans(codes()["look_alikes"] | codes()["folded"])


class Plate(NamedTuple):
    """A plate as it is found, as it was written, and the weight of its list."""

    key: str
    display: str
    weight: str


class Fleet(NamedTuple):
    """The plates of a declaration, sorted, under the hash of their set."""

    fleet_id: str
    plates: list[str]
    plate_keys: list[str]
    weights: list[str]


@lru_cache(maxsize=1 << 15)
def plate_key(text: str) -> str:
    """Gives the key of a plate in any spelling."""
    display = text.strip()
    if display.isascii() and display.isalnum():
        return display.upper()
    key = _fold(text)
    while (again := _fold(key)) != key:
        key = again
    return key


def fleet_of(plates: list[Plate]) -> Fleet | None:
    """Gives the fleet that the plates are, none if there are none."""
    weights: dict[tuple[str, str], str] = {}
    for key, display, weight in plates:
        weights[key, display] = weight or weights.get((key, display), "")
    if not weights:
        return None
    triples = sorted((key, display, weight) for (key, display), weight in weights.items())
    written = "".join(f"{key}\x1f{display}\x1f{weight}\x1e" for key, display, weight in triples)
    keys, displays, sorts = map(list, zip(*triples, strict=True))
    return Fleet(hashlib.blake2b(written.encode(), digest_size=16).hexdigest(), displays, keys, sorts)


def _fold(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).upper())
    return "".join(letter for letter in apart if _is_kept(letter)).translate(_LATIN)


def _is_kept(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] not in "MZC" and category not in ("Pd", "Pc") and letter not in _SEPARATORS
