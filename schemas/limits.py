"""The numbers that decide what is accepted, from `schemas/data/limits.toml`."""

from datetime import date
from importlib.resources import files

import msgspec
from msgspec import Struct


class Period(Struct, frozen=True):
    """`months`: the longest posting, in calendar months."""

    months: int


class Dates(Struct, frozen=True):
    """The first and the last day that any date may name."""

    earliest: date
    latest: date


class DriverAge(Struct, frozen=True):
    """The ages, in years on the first day of the posting, between which a birth date is believed."""

    youngest: int
    oldest: int


class PlateLength(Struct, frozen=True):
    """How many characters the key of a number plate has."""

    shortest_key: int
    longest_key: int


class Line(Struct, frozen=True):
    """How long a line may be (bytes), and how many problems it is told."""

    bytes: int
    problems: int


class Memory(Struct, frozen=True):
    """How much a judge remembers: facts of a kind, plates in all fleets, bytes of their lists."""

    facts: int
    plates: int
    plate_bytes: int


class Rates(Struct, frozen=True):
    """How many requests of each kind one operator may make in a window."""

    window_seconds: int
    read: int
    submit: int
    bulk: int
    change: int


class Retention(Struct, frozen=True):
    """`months`: how long a declaration is kept after its posting ended."""

    months: int


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """All limits, by what they limit."""

    period: Period
    dates: Dates
    driver: DriverAge
    plate: PlateLength
    line: Line
    memory: Memory
    rates: Rates
    retention: Retention


def _load() -> Limits:
    return msgspec.toml.decode((files("schemas") / "data" / "limits.toml").read_bytes(), type=Limits)


LIMITS = _load()
