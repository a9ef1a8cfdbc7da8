"""A declaration with its history: what was declared when, and what each change changed (domain.md 6.1, bitemporal).

The versions come whole from the system of record, oldest first; here they become what an officer reads.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from reports.answer import Change, EarlierControl, Plate
from reports.roadside.controls import Control, earlier_control, seen_before
from schemas.codes import COUNTRIES
from schemas.declaration import WIRE_NAMES
from schemas.identity import number_of

ChangeKind = Literal["SUBMITTED", "AMENDED", "WITHDRAWN"]
Standing = Literal["IN_FORCE", "FUTURE", "EXPIRED", "WITHDRAWN", "NOT_YET_SUBMITTED"]
Row = Mapping[str, Any]

_FLAGS = {
    "operation_types": (("cabotage", "CABOTAGE_OPERATIONS"), ("international", "INTERNATIONAL_CARRIAGE")),
    "transport_types": (("goods", "CARRIAGE_OF_GOODS"), ("passengers", "CARRIAGE_OF_PASSENGERS")),
}
#: What says something to an officer; the operator's own references and plates stand apart.
_TOLD = tuple(
    name
    for name in WIRE_NAMES
    if not name.startswith("plates") and name not in ("external_reference", "operator_id", "named_fleet_id")
)


class VersionTold(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One entry of the history."""

    version: int
    accepted_at: datetime
    kind: ChangeKind
    changes: tuple[Change, ...] = ()
    after_controls: tuple[EarlierControl, ...] = ()


class OperatorContact(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The operator as the register has it today, with the transport manager."""

    operator_id: UUID
    name: str
    country: str
    licence_number: str | None = None
    vat_number: str | None = None
    register_number: str | None = None
    street: str | None = None
    post_code: str | None = None
    city: str | None = None
    email: str | None = None
    phone: str | None = None
    manager_first_name: str | None = None
    manager_last_name: str | None = None
    manager_email: str | None = None
    manager_phone: str | None = None
    manager_address: str | None = None


class DeclarationTold(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A declaration as it stood at `at`, what changed since, and its whole history, oldest first.

    `declared` has RTPD's members of the version that stood (of the first, if none did yet).
    """

    declaration_id: UUID
    declaration_number: str
    at: datetime
    standing: Standing
    version: int
    newest_version: int
    submitted_at: datetime
    last_update: datetime
    operator_id: UUID
    operator_country: str
    operator: OperatorContact | None
    declared: dict[str, Any]
    plates: tuple[Plate, ...]
    changed_since: tuple[Change, ...]
    history: tuple[VersionTold, ...]
    controls: tuple[Control, ...] = ()


def told(
    versions: Sequence[Row], at: datetime, operator: OperatorContact | None, controls: Sequence[Control]
) -> DeclarationTold:
    """Tells a declaration of its versions, oldest first and at least one; `controls` are those that concern it."""
    known = [row for row in versions if row["accepted_at"] <= at]
    stood, newest = (known or versions)[-1 if known else 0], versions[-1]
    return DeclarationTold(
        declaration_id=stood["declaration_id"],
        declaration_number=number_of(stood["declaration_id"]),
        at=at,
        standing=standing(stood, at) if known else "NOT_YET_SUBMITTED",
        version=stood["version"],
        newest_version=newest["version"],
        submitted_at=stood["submitted_at"],
        last_update=stood["accepted_at"],
        operator_id=stood["operator_id"],
        operator_country=stood["operator_country"],
        operator=operator,
        declared=declared(stood),
        plates=plates_of(stood),
        changed_since=changes(stood, newest),
        history=tuple(_entry(before, row, controls) for before, row in zip([None, *versions], versions, strict=False)),
        controls=tuple(controls),
    )


def standing(row: Row, at: datetime) -> Standing:
    """Tells what a version was worth at an instant, by the host's civil day."""
    day = at.astimezone(ZoneInfo(COUNTRIES[row["posting_country"]].zone)).date()
    if row["withdrawn"]:
        return "WITHDRAWN"
    if row["end_date"] < day:
        return "EXPIRED"
    return "FUTURE" if row["start_date"] > day else "IN_FORCE"


def declared(row: Row) -> dict[str, Any]:
    """Gives what a version says, under RTPD's names, without what it leaves out."""
    values = {name: _value(row, name) for name in _TOLD}
    return {WIRE_NAMES[name]: value for name, value in values.items() if value is not None}


def changes(before: Row, after: Row) -> tuple[Change, ...]:
    """Gives what differs between two versions of a declaration."""
    found = [
        Change(WIRE_NAMES[name], _value(before, name), _value(after, name))
        for name in _TOLD
        if _value(before, name) != _value(after, name)
    ]
    if before["withdrawn"] != after["withdrawn"]:
        found.append(Change("withdrawn", before["withdrawn"], after["withdrawn"]))
    if before["fleet_id"] != after["fleet_id"]:
        old, new = set(before["fleet_plates"] or ()), set(after["fleet_plates"] or ())
        found.append(Change(WIRE_NAMES["plates"], None, None, tuple(sorted(new - old)), tuple(sorted(old - new))))
    return tuple(found)


def plates_of(row: Row) -> tuple[Plate, ...]:
    """Gives the number plates of a version as the operator wrote them."""
    pairs = zip(row["fleet_plates"] or (), row["fleet_weights"] or (), strict=True)
    return tuple(Plate(plate, weight) for plate, weight in pairs)


def _entry(before: Row | None, row: Row, controls: Sequence[Control]) -> VersionTold:
    kind: ChangeKind = "SUBMITTED" if before is None else "WITHDRAWN" if row["withdrawn"] else "AMENDED"
    earlier = seen_before(controls, row, before)
    return VersionTold(
        row["version"],
        row["accepted_at"],
        kind,
        changes(before, row) if before is not None else (),
        tuple(map(earlier_control, earlier)),
    )


def _value(row: Row, name: str) -> Any:
    if name in _FLAGS:
        return [code for flag, code in _FLAGS[name] if row[flag]]
    value = row[name]
    return str(value) if isinstance(value, UUID) else value
