"""A fleet that an operator keeps under a name, so that declarations name it instead of its plates."""

from datetime import date

from msgspec import Struct

from schemas.codes import PostingCountry
from schemas.declaration import WIRE_NAMES as DECLARED
from schemas.declaration import Identifier, Name, Plates, Reference

WIRE_NAMES = {name: DECLARED[name] for name in ("plates", "plates_light", "plates_heavy", "external_reference")} | {
    "name": "fleetName",
    "named_fleet_id": "fleetId",
    "posting_country": "declarationPostingCountry",
    "end_date": "declarationEndDate",
    "declaration_id": "declarationId",
}


class NamedFleet(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES):
    """A named set of number plates, in the three lists of a declaration."""

    name: Name
    plates: Plates = []
    plates_light: Plates = []
    plates_heavy: Plates = []
    external_reference: Reference | None = None


class RecordedFleet(NamedFleet, kw_only=True, rename=WIRE_NAMES):
    """A fleet with its id."""

    named_fleet_id: Identifier


class FleetPage(Struct, rename="camel"):
    """A page of fleets; `last_evaluated_key` goes back as `startKey` for the next."""

    count: int
    items: list[RecordedFleet]
    last_evaluated_key: Identifier | None


class ChangedDeclaration(Struct, rename=WIRE_NAMES):
    """One declaration that a change of its fleet makes a new version of."""

    declaration_id: Identifier
    posting_country: PostingCountry
    end_date: date


class FleetPreview(Struct, rename="camel"):
    """What a change of a fleet would do.

    `declarations` counts the active declarations that take a new version, by posting country in `by_country`;
    `changed` lists the first of them. `added` and `removed` are number plates.
    """

    declarations: int
    by_country: dict[str, int]
    changed: list[ChangedDeclaration]
    added: list[str]
    removed: list[str]
