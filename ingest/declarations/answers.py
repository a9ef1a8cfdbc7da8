"""Declarations as RTPD answers them, under its names (domain.md 3.4, 3.4a)."""

from datetime import UTC, date, datetime
from typing import Any

from ingest.declarations.lines import OPERATIONS, TRANSPORTS
from ingest.declarations.versions import Version
from schemas.declaration import WIRE_NAMES
from schemas.identity import number_of
from schemas.problem import Problem

#: What only answers have; clients that send back what they read send it too.
ANSWERED = frozenset(
    {
        "declarationId",
        "declarationNumber",
        "declarationStatus",
        "declarationVersion",
        "declarationSubmissionDate",
        "declarationLastUpdate",
        "declarationEmailStatus",
        "driverLatinFullName",
        "warnings",
    }
)
_NAMED = ("operator_id", "driver_id", "named_fleet_id")
_LISTS = ("operation_types", "transport_types", "plates", "plates_light", "plates_heavy")
_COPIED = {name: wire for name, wire in WIRE_NAMES.items() if name not in _LISTS + _NAMED}
_PLATE_LISTS = {"": "plates", "LIGHT": "plates_light", "HEAVY": "plates_heavy"}

Said = dict[str, Any]


def detail(version: Version, today: date, warnings: tuple[Problem, ...] = (), email_status: str | None = None) -> Said:
    """Writes a declaration with all that it says; `email_status` is what became of the last copy sent by e-mail."""
    row = version.row
    said = {
        "declarationId": str(version.declaration_id),
        "declarationNumber": number_of(version.declaration_id),
        "declarationStatus": version.state(today),
        "declarationVersion": version.number,
        "declarationLastUpdate": instant(row["accepted_at"]),
        "driverLatinFullName": full_name(row),
        **content(version),
    }
    if version.number:
        said["declarationSubmissionDate"] = instant(row["submitted_at"])
    if email_status:
        said["declarationEmailStatus"] = email_status
    if warnings:
        said["warnings"] = warnings
    return said


def content(version: Version) -> Said:
    """Writes what was declared, as it could be sent again: the members of the contract alone."""
    row = version.row
    said: Said = {wire: row[name] for name, wire in _COPIED.items() if row[name] is not None}
    said |= {WIRE_NAMES[name]: str(row[name]) for name in _NAMED if row[name] is not None}
    said[WIRE_NAMES["operation_types"]] = [code for name, code in OPERATIONS.items() if row[name]]
    said[WIRE_NAMES["transport_types"]] = [code for name, code in TRANSPORTS.items() if row[name]]
    for weight, name in _PLATE_LISTS.items():
        pairs = zip(version.plates, version.weights, strict=True)
        said[WIRE_NAMES[name]] = [plate for plate, own in pairs if own == weight]
    return said


def item(version: Version, today: date) -> Said:
    """Writes a declaration as RTPD's list has it, with the ids that clients miss there."""
    row = version.row
    said = {
        "declarationId": str(version.declaration_id),
        "driverLatinFullName": full_name(row),
        "declarationPostingCountry": row["posting_country"],
        "declarationStartDate": row["start_date"],
        "declarationEndDate": row["end_date"],
        "declarationStatus": version.state(today),
        "declarationLastUpdate": instant(row["accepted_at"]),
        "declarationVersion": version.number,
    }
    for name in ("driver_id", "named_fleet_id", "external_reference"):
        if row[name] is not None:
            said[WIRE_NAMES[name]] = str(row[name])
    return said


def full_name(row: dict[str, Any]) -> str:
    """Writes the driver's first and last name."""
    return " ".join(name for name in (row["driver_first_name"], row["driver_last_name"]) if name)


def instant(moment: datetime) -> str:
    """Writes an instant as RTPD does: ISO 8601, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
