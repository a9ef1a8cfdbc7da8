"""Fleets: the plate lists of a declaration, judged once and stored once under the hash of their plates.

Large operators put the whole fleet on every declaration, so a list is read once and remembered by its bytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import msgspec

from schemas.declaration import WIRE_NAMES, Plates
from schemas.limits import LIMITS
from schemas.problem import Problem
from validate.contract import explain_value
from validate.plates import PlateKey, fits_any_series, pattern_fits, plate_key
from validate.problems import NOTHING, Found, bounded, problem
from validate.text import CONTROL, named

_FIELDS = {"": WIRE_NAMES["plates"], "LIGHT": WIRE_NAMES["plates_light"], "HEAVY": WIRE_NAMES["plates_heavy"]}
_decode_plates: Callable[[bytes], list[str]] = msgspec.json.Decoder(Plates).decode
_key_of = lru_cache(maxsize=1 << 15)(plate_key)


@dataclass(frozen=True, slots=True)
class Fleet:
    """A judged set of plates, in the order of key, display form and weight (LIGHT, HEAVY or empty).

    `fleet_id` is the 16-byte hash of that set; it is `None` when there are no plates.
    """

    fleet_id: bytes | None
    plates: tuple[str, ...]
    plate_keys: tuple[str, ...]
    weights: tuple[str, ...]
    problems: Found


class Entry(NamedTuple):
    """One plate of a list, with its place."""

    plate: PlateKey
    weight: str
    place: int

    @property
    def pointer(self) -> str:
        """Where the plate stands in the declaration."""
        return f"/{_FIELDS[self.weight]}/{self.place}"


class PlateLists(NamedTuple):
    """What the rules over plates read."""

    entries: list[Entry]
    goods: bool
    passengers: bool
    establishment: str


def read_fleet(
    plates: bytes, light: bytes, heavy: bytes, goods: bool, passengers: bool, establishment: str = ""
) -> Fleet:
    """Reads and judges the three plate lists of a declaration.

    `plates`, `light` and `heavy` are their raw JSON; `goods` and `passengers` what is carried;
    `establishment` the operator's country, whose series by wish count as known. Bad lists give problems,
    never an exception. Source: domain.md 1.2 (vi), 3.4, 5.3.
    """
    entries: list[Entry] = []
    broken: Found = NOTHING
    for weight, raw in (("", plates), ("LIGHT", light), ("HEAVY", heavy)):
        if raw == b"[]":
            continue
        try:
            listed = _decode_plates(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            broken += explain_value(raw, _FIELDS[weight])
            continue
        entries += [Entry(_key_of(text), weight, place) for place, text in enumerate(listed)]
    if broken:
        return Fleet(None, (), (), (), broken)
    lists = PlateLists(entries, goods, passengers, establishment)
    found: list[Problem] = []
    for rule in RULES:
        found += islice(rule(lists), LIMITS.line.problems + 1)
    return _fleet(entries, bounded(found))


def fleet_id(plates: Iterable[tuple[str, str, str]]) -> bytes | None:
    """Gives the address of a set of (key, display form, weight): 16 bytes, whatever the order; none if empty."""
    distinct = sorted(set(plates))
    if not distinct:
        return None
    written = "".join(f"{key}\x1f{display}\x1f{weight}\x1e" for key, display, weight in distinct)
    return hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _fleet(entries: list[Entry], found: Found) -> Fleet:
    weights: dict[tuple[str, str], str] = {}
    for entry in entries:
        place = entry.plate.key, entry.plate.display
        weights[place] = entry.weight or weights.get(place, "")
    triples = sorted((key, display, weight) for (key, display), weight in weights.items())
    if not triples:
        return Fleet(None, (), (), (), found)
    keys, displays, sorts = zip(*triples, strict=True)
    return Fleet(fleet_id(triples), displays, keys, sorts, found)


def plates_named(lists: PlateLists) -> Iterator[Problem]:
    """Asks for plates: of buses in the plain list, of lorries in any. Article 1(11)(a)(vi)."""
    weights = {entry.weight for entry in lists.entries}
    if lists.passengers and "" not in weights:
        yield problem("plates_required", "/" + _FIELDS[""])
    elif not weights:
        yield problem("plates_missing", "/" + _FIELDS[""])
    if lists.passengers and not lists.goods:
        for weight in sorted(weights - {""}):
            yield problem("weight_not_for_passengers", "/" + _FIELDS[weight])


def plates_readable(lists: PlateLists) -> Iterator[Problem]:
    """Refuses plates with control characters, and keys too short or too long (domain.md 5.3)."""
    shortest, longest = LIMITS.plate.shortest_key, LIMITS.plate.longest_key
    for entry in lists.entries:
        key, display, _ = entry.plate
        if shortest <= len(key) <= longest and display.isprintable():
            continue
        if control := CONTROL.search(display):
            yield problem("control_character", entry.pointer, character=named(control[0]))
        elif len(key) < shortest:
            yield problem("plate_too_short", entry.pointer, plate=display, minimum=shortest)
        elif len(key) > longest:
            yield problem("plate_too_long", entry.pointer, plate=display, maximum=longest)


def plates_of_one_weight(lists: PlateLists) -> Iterator[Problem]:
    """Refuses a plate that stands among the light and among the heavy vehicles."""
    light = {entry.plate for entry in lists.entries if entry.weight == "LIGHT"}
    for entry in lists.entries:
        if entry.weight == "HEAVY" and entry.plate in light:
            yield problem("plate_light_and_heavy", entry.pointer, plate=entry.plate.display)


def plates_in_latin(lists: PlateLists) -> Iterator[Problem]:
    """Remarks on plates with letters of another script, which are kept and found by their Latin key."""
    for entry in lists.entries:
        if entry.plate.had_nonlatin:
            yield problem("plate_not_latin", entry.pointer, plate=entry.plate.display, key=entry.plate.key)


def plates_in_a_series(lists: PlateLists) -> Iterator[Problem]:
    """Remarks on plates that fit neither a main series of any country nor one of the operator's (5.4)."""
    home = lists.establishment
    for entry in lists.entries:
        key, display, _ = entry.plate
        if not fits_any_series(key) and not (home and pattern_fits(key, home)):
            yield problem("plate_pattern", entry.pointer, plate=display)


def plates_named_once(lists: PlateLists) -> Iterator[Problem]:
    """Remarks on a plate that stands twice.

    Plates that share a key but not a display form may be two vehicles: both are kept (domain.md 5.3).
    """
    seen: dict[str, str] = {}
    for entry in lists.entries:
        key, display, _ = entry.plate
        if key not in seen:
            seen[key] = display
        elif display == seen[key]:
            yield problem("duplicate_plate", entry.pointer, plate=display)
        else:
            yield problem("plate_key_twice", entry.pointer, plate=display, other=seen[key])


#: No rule both refuses and remarks on many plates, so what is left out of the list changes no verdict.
RULES: tuple[Callable[[PlateLists], Iterator[Problem]], ...] = (
    plates_named,
    plates_readable,
    plates_of_one_weight,
    plates_in_latin,
    plates_in_a_series,
    plates_named_once,
)
