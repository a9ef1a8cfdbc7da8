"""What changed in the operators' API and what of it will go, from `schemas/data/api.toml`."""

from datetime import date, datetime
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """One change: the day, what kind, the routes ("GET /drivers") that it is about, and what it is."""

    day: date
    kind: Literal["added", "changed", "fixed", "deprecated", "removed"]
    routes: list[str]
    text: str


class Deprecated(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A method of an address that is to go at `sunset`; `instead` is the address that takes its place."""

    method: Method
    path: str
    since: datetime
    sunset: datetime
    instead: str | None = None


class Changes(Struct, frozen=True, forbid_unknown_fields=True):
    """All changes, newest first, and all that is to go."""

    change: list[Change]
    deprecated: list[Deprecated] = []


CHANGES = msgspec.toml.decode((files("schemas") / "data" / "api.toml").read_bytes(), type=Changes)
