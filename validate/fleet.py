"""Fleets: the plate lists of a declaration, judged once and stored once under the hash of their plates.

Large operators put the whole fleet on every declaration, so a list is read once and remembered by its bytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
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


class _Entry(NamedTuple):
    """One plate of a list, with its place."""

    plate: PlateKey
    weight: str
    pointer: str


def read_fleet(
    plates: bytes, light: bytes, heavy: bytes, goods: bool, passengers: bool, establishment: str = ""
) -> Fleet:
    """Reads and judges the three plate lists of a declaration.

    `plates`, `light` and `heavy` are their raw JSON; `goods` and `passengers` what is carried;
    `establishment` the operator's country, whose series by wish count as known. Bad lists give problems,
    never an exception. Source: domain.md 1.2 (vi), 3.4, 5.3.
    """
    entries: list[_Entry] = []
    broken: Found = NOTHING
    for weight, raw in (("", plates), ("LIGHT", light), ("HEAVY", heavy)):
        if raw == b"[]":
            continue
        try:
            listed = _decode_plates(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            broken += explain_value(raw, _FIELDS[weight])
            continue
        field = _FIELDS[weight]
        entries += [_Entry(_key_of(text), weight, f"/{field}/{place}") for place, text in enumerate(listed)]
    if broken:
        return Fleet(None, (), (), (), broken)
    found = bounded(one for rule in _RULES for one in rule(entries, goods, passengers, establishment))
    return _fleet(entries, found)


def fleet_id(plates: Iterable[tuple[str, str, str]]) -> bytes | None:
    """Gives the address of a set of (key, display form, weight): 16 bytes, whatever the order; none if empty."""
    distinct = sorted(set(plates))
    if not distinct:
        return None
    written = "".join(f"{key}\x1f{display}\x1f{weight}\x1e" for key, display, weight in distinct)
    return hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _fleet(entries: list[_Entry], found: Found) -> Fleet:
    weights: dict[tuple[str, str], str] = {}
    for entry in entries:
        place = entry.plate.key, entry.plate.display
        weights[place] = entry.weight or weights.get(place, "")
    triples = sorted((key, display, weight) for (key, display), weight in weights.items())
    if not triples:
        return Fleet(None, (), (), (), found)
    keys, displays, sorts = zip(*triples, strict=True)
    return Fleet(fleet_id(triples), displays, keys, sorts, found)


def plates_named(entries: list[_Entry], goods: bool, passengers: bool, establishment: str) -> Iterator[Problem]:
    """Asks for plates: of buses in the plain list, of lorries in any. Article 1(11)(a)(vi)."""
    weights = {entry.weight for entry in entries}
    if passengers and "" not in weights:
        yield problem("plates_required", "/" + _FIELDS[""])
    elif not weights:
        yield problem("plates_missing", "/" + _FIELDS[""])
    if passengers and not goods:
        for weight in sorted(weights - {""}):
            yield problem("weight_not_for_passengers", "/" + _FIELDS[weight])


def plates_readable(entries: list[_Entry], goods: bool, passengers: bool, establishment: str) -> Iterator[Problem]:
    """Refuses plates with control characters, and keys too short or too long (domain.md 5.3)."""
    shortest, longest = LIMITS.plate.shortest_key, LIMITS.plate.longest_key
    for (key, display, _), _, pointer in entries:
        if shortest <= len(key) <= longest and display.isprintable():
            continue
        if control := CONTROL.search(display):
            yield problem("control_character", pointer, character=named(control[0]))
        elif len(key) < shortest:
            yield problem("plate_too_short", pointer, plate=display, minimum=shortest)
        elif len(key) > longest:
            yield problem("plate_too_long", pointer, plate=display, maximum=longest)


def plates_in_latin(entries: list[_Entry], goods: bool, passengers: bool, establishment: str) -> Iterator[Problem]:
    """Remarks on plates with letters of another script, which are kept and found by their Latin key."""
    for plate, _, pointer in entries:
        if plate.had_nonlatin:
            yield problem("plate_not_latin", pointer, plate=plate.display, key=plate.key)


def plates_in_a_series(entries: list[_Entry], goods: bool, passengers: bool, establishment: str) -> Iterator[Problem]:
    """Remarks on plates that fit neither a main series of any country nor one of the operator's (5.4)."""
    known = establishment or "??"
    for (key, display, _), _, pointer in entries:
        if fits_any_series(key) or (establishment and pattern_fits(key, known)):
            continue
        yield problem("plate_pattern", pointer, plate=display)


def plates_named_once(entries: list[_Entry], goods: bool, passengers: bool, establishment: str) -> Iterator[Problem]:
    """Refuses a plate both light and heavy; remarks on one that stands twice.

    Plates that share a key but not a display form may be two vehicles: both are kept (domain.md 5.3).
    """
    seen: dict[str, _Entry] = {}
    for entry in entries:
        first = seen.setdefault(entry.plate.key, entry)
        if first is entry:
            continue
        display, other = entry.plate.display, first.plate.display
        if {first.weight, entry.weight} == {"LIGHT", "HEAVY"}:
            yield problem("plate_light_and_heavy", entry.pointer, plate=display)
        elif display == other:
            yield problem("duplicate_plate", entry.pointer, plate=display)
        else:
            yield problem("plate_key_twice", entry.pointer, plate=display, other=other)


_RULES = (plates_named, plates_readable, plates_in_latin, plates_in_a_series, plates_named_once)
