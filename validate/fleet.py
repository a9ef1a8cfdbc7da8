"""Fleets: the plate lists of a declaration, judged once and stored once under the hash of their plates.

Large operators put the whole fleet on every declaration, so a list is read once and remembered by its bytes.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import msgspec

from schemas.declaration import WIRE_NAMES, Plates
from schemas.limits import LIMITS
from schemas.problem import Problem
from schemas.written import write_fleet
from validate.contract import explain_value
from validate.plates import PlateKey, fits_any_series, pattern_fits, plate_key
from validate.problems import NOTHING, Found, bounded, problem
from validate.text import CONTROL, named

#: The lists of a declaration, and the weight that stands for being in one.
LISTS = {"plates": "", "plates_light": "LIGHT", "plates_heavy": "HEAVY"}
_FIELDS = {weight: WIRE_NAMES[name] for name, weight in LISTS.items()}
_SHORTEST, _LONGEST = LIMITS.plate.shortest_key, LIMITS.plate.longest_key
_decode_plates: Callable[[bytes], list[str]] = msgspec.json.Decoder(Plates).decode


class Fleet(NamedTuple):
    """A judged set of plates, in the order of key, display form and weight (LIGHT, HEAVY or empty).

    `fleet_id` is the 16-byte hash of that set; it is `None` when there are no plates.
    """

    fleet_id: bytes | None
    plates: tuple[str, ...]
    plate_keys: tuple[str, ...]
    weights: tuple[str, ...]
    problems: Found


class PlateLists(NamedTuple):
    """What the rules over plates read: the plates of all lists one after another, each with its list's weight."""

    plates: list[PlateKey]
    weights: list[str]
    goods: bool
    passengers: bool
    establishment: str

    def pointer(self, at: int) -> str:
        """Where a plate stands in the declaration."""
        weight = self.weights[at]
        return f"/{_FIELDS[weight]}/{at - self.weights.index(weight)}"


def read_fleet(
    plates: bytes, light: bytes, heavy: bytes, goods: bool, passengers: bool, establishment: str = ""
) -> Fleet:
    """Reads and judges the three plate lists of a declaration.

    `plates`, `light` and `heavy` are their raw JSON; `goods` and `passengers` what is carried;
    `establishment` the operator's country, whose series by wish count as known. Bad lists give problems,
    never an exception. Source: domain.md 1.2 (vi), 3.4, 5.3.
    """
    lists = PlateLists([], [], goods, passengers, establishment)
    broken: Found = NOTHING
    for weight, raw in (("", plates), ("LIGHT", light), ("HEAVY", heavy)):
        if raw == b"[]":
            continue
        try:
            listed = _decode_plates(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            broken += explain_value(raw, _FIELDS[weight])
            continue
        lists.plates.extend(map(plate_key, listed))
        lists.weights.extend([weight] * len(listed))
    if broken:
        return Fleet(None, (), (), (), broken)
    each_once = len({key for key, _, _ in lists.plates}) == len(lists.plates)
    alone = each_once and all([_is_in_order(plate, establishment) for plate in lists.plates])  # noqa: C419 - half the time
    found = list(plates_named(lists))
    if not alone:
        for rule in RULES:
            found += islice(rule(lists), LIMITS.line.problems + 1)
    return _fleet(lists, bounded(found) if found else NOTHING, each_once=each_once)


def fleet_id(plates: Iterable[tuple[str, str, str]]) -> bytes | None:
    """Gives the address of a set of (key, display form, weight): 16 bytes, whatever the order; none if empty."""
    distinct = sorted(set(plates))
    return write_fleet(distinct).fleet_id


def _fleet(lists: PlateLists, found: Found, *, each_once: bool) -> Fleet:
    if not lists.plates:
        return Fleet(None, (), (), (), found)
    named: Iterable[tuple[PlateKey, str]] = zip(lists.plates, lists.weights, strict=True)
    if not each_once:
        # A plate that stands in the plain list and in another has the other's weight, which comes later.
        named = dict(named).items()
    plates = sorted([(plate.key, plate.display, weight) for plate, weight in named])
    keys, displays, sorts = zip(*plates, strict=True)
    return Fleet(write_fleet(plates).fleet_id, displays, keys, sorts, found)


def _is_in_order(plate: PlateKey, home: str) -> bool:
    """Tells whether the rules have nothing to say of a plate, if no other shares its key."""
    return _is_readable(plate) and not plate.had_nonlatin and _is_in_a_series(plate.key, home)


def _is_readable(plate: PlateKey) -> bool:
    return _SHORTEST <= len(plate.key) <= _LONGEST and plate.display.isprintable()


def _is_in_a_series(key: str, home: str) -> bool:
    return bool(home and pattern_fits(key, home)) or fits_any_series(key)


def plates_named(lists: PlateLists) -> Iterator[Problem]:
    """Asks for plates: of buses in the plain list, of lorries in any. Article 1(11)(a)(vi)."""
    weights = set(lists.weights)
    if lists.passengers and "" not in weights:
        yield problem("plates_required", "/" + _FIELDS[""])
    elif not weights:
        yield problem("plates_missing", "/" + _FIELDS[""])
    if lists.passengers and not lists.goods:
        for weight in sorted(weights - {""}):
            yield problem("weight_not_for_passengers", "/" + _FIELDS[weight])


def plates_readable(lists: PlateLists) -> Iterator[Problem]:
    """Refuses plates with control characters, and keys too short or too long (domain.md 5.3)."""
    for at, plate in enumerate(lists.plates):
        if _is_readable(plate):
            continue
        key, display, _ = plate
        if control := CONTROL.search(display):
            yield problem("control_character", lists.pointer(at), character=named(control[0]))
        elif len(key) < _SHORTEST:
            yield problem("plate_too_short", lists.pointer(at), plate=display, minimum=_SHORTEST)
        elif len(key) > _LONGEST:
            yield problem("plate_too_long", lists.pointer(at), plate=display, maximum=_LONGEST)


def plates_of_one_weight(lists: PlateLists) -> Iterator[Problem]:
    """Refuses a plate that stands among the light and among the heavy vehicles."""
    if "LIGHT" not in lists.weights:
        return
    light = {plate for plate, weight in zip(lists.plates, lists.weights, strict=True) if weight == "LIGHT"}
    for at, (plate, weight) in enumerate(zip(lists.plates, lists.weights, strict=True)):
        if weight == "HEAVY" and plate in light:
            yield problem("plate_light_and_heavy", lists.pointer(at), plate=plate.display)


def plates_in_latin(lists: PlateLists) -> Iterator[Problem]:
    """Remarks on plates with letters of another script, which are kept and found by their Latin key."""
    for at, (key, display, had_nonlatin) in enumerate(lists.plates):
        if had_nonlatin:
            yield problem("plate_not_latin", lists.pointer(at), plate=display, key=key)


def plates_in_a_series(lists: PlateLists) -> Iterator[Problem]:
    """Remarks on plates that fit neither one of the operator's series nor a main one of any country (5.4)."""
    home = lists.establishment
    for at, (key, display, _) in enumerate(lists.plates):
        if not _is_in_a_series(key, home):
            yield problem("plate_pattern", lists.pointer(at), plate=display)


def plates_named_once(lists: PlateLists) -> Iterator[Problem]:
    """Remarks on a plate that stands twice.

    Plates that share a key but not a display form may be two vehicles: both are kept (domain.md 5.3).
    """
    seen: dict[str, str] = {}
    for at, (key, display, _) in enumerate(lists.plates):
        if key not in seen:
            seen[key] = display
        elif display == seen[key]:
            yield problem("duplicate_plate", lists.pointer(at), plate=display)
        else:
            yield problem("plate_key_twice", lists.pointer(at), plate=display, other=seen[key])


#: What is asked when not every plate is in order. No rule both refuses and remarks on many plates, so what is left out
#: of the list changes no verdict.
RULES: tuple[Callable[[PlateLists], Iterator[Problem]], ...] = (
    plates_readable,
    plates_of_one_weight,
    plates_in_latin,
    plates_in_a_series,
    plates_named_once,
)
