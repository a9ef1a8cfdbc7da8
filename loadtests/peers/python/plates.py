"""Plates: their keys as OpenRTPD makes them, the rules over them, and the fleet that a declaration names."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from problems import Problem
from settings import codes

_SEPARATORS = frozenset(codes()["separators"])
_LATIN = str.maketrans(codes()["look_alikes"] | codes()["folded"])
_SHORTEST, _LONGEST = codes()["plate_key_lengths"]
_SERIES = {code: re.compile(pattern) for code, pattern in codes()["series"].items()}
_BY_WISH = {code: re.compile(pattern) for code, pattern in codes()["by_wish"].items()}
_ANY_SERIES = re.compile("|".join(f"(?:{pattern})" for pattern in codes()["series"].values()))


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


class Lists(NamedTuple):
    """The plate lists of a declaration, what it carries, and its operator's country."""

    plates: tuple[str, ...]
    light: tuple[str, ...]
    heavy: tuple[str, ...]
    goods: bool
    passengers: bool
    home: str


@lru_cache(maxsize=10_000)
def read_fleet(lists: Lists) -> tuple[Fleet | None, tuple[Problem, ...]]:
    """Reads and judges the plates of a declaration; operators name the same ones again and again."""
    listed = (("", lists.plates), ("LIGHT", lists.light), ("HEAVY", lists.heavy))
    plates = [Plate(plate_key(text), text.strip(), weight) for weight, texts in listed for text in texts]
    return _fleet(plates), tuple(_judge(lists, plates))


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


def is_latin(text: str) -> bool:
    """Tells whether all letters are Latin."""
    return text.isascii() or all(unicodedata.name(one, "").startswith("LATIN") for one in text if one.isalpha())


def _fleet(plates: list[Plate]) -> Fleet | None:
    weights: dict[tuple[str, str], str] = {}
    for key, display, weight in plates:
        weights[key, display] = weight or weights.get((key, display), "")
    if not weights:
        return None
    triples = sorted((key, display, weight) for (key, display), weight in weights.items())
    written = "".join(f"{key}\x1f{display}\x1f{weight}\x1e" for key, display, weight in triples)
    keys, displays, sorts = map(list, zip(*triples, strict=True))
    return Fleet(hashlib.blake2b(written.encode(), digest_size=16).hexdigest(), displays, keys, sorts)


def _judge(lists: Lists, plates: list[Plate]) -> Iterator[Problem]:
    if lists.passengers and not lists.plates:
        yield Problem("plates_required", "plates")
    elif not plates:
        yield Problem("plates_missing", "plates")
    if lists.passengers and not lists.goods and (lists.light or lists.heavy):
        yield Problem("weight_not_for_passengers", "plates_light" if lists.light else "plates_heavy")
    light = {(plate.key, plate.display) for plate in plates if plate.weight == "LIGHT"}
    seen: dict[str, str] = {}
    for key, display, weight in plates:
        if not _SHORTEST <= len(key) <= _LONGEST or not display.isprintable():
            yield Problem("plate_unreadable", display)
        if weight == "HEAVY" and (key, display) in light:
            yield Problem("plate_light_and_heavy", display)
        if not is_latin(display):
            yield Problem("plate_not_latin", display)
        if not _is_in_a_series(key, lists.home):
            yield Problem("plate_pattern", display)
        if key in seen:
            yield Problem("duplicate_plate" if seen[key] == display else "plate_key_twice", display)
        seen.setdefault(key, display)


@lru_cache(maxsize=1 << 15)
def _is_in_a_series(key: str, home: str) -> bool:
    series = _SERIES.get(home)
    if series is None or series.fullmatch(key) or _ANY_SERIES.fullmatch(key):
        return True
    return home in _BY_WISH and _BY_WISH[home].fullmatch(key) is not None


def _fold(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).upper())
    return "".join(letter for letter in apart if _is_kept(letter)).translate(_LATIN)


def _is_kept(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] not in "MZC" and category not in ("Pd", "Pc") and letter not in _SEPARATORS
