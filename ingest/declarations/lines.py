"""From a declaration's row to the line that could have been sent for it, and back."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw

from ingest.declarations.versions import Version
from schemas.codes import country
from schemas.declaration import DeclarationLine
from schemas.frame import Entry
from schemas.rows import DECLARATION_VERSION
from store.pending import Row
from validate.judge import Judge, Judgement

_encode = msgspec.json.Encoder().encode
#: Each kind of operation and of carriage: its column and its code.
OPERATIONS = {"cabotage": "CABOTAGE_OPERATIONS", "international": "INTERNATIONAL_CARRIAGE"}
TRANSPORTS = {"goods": "CARRIAGE_OF_GOODS", "passengers": "CARRIAGE_OF_PASSENGERS"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED = ("driver_id", "named_fleet_id")
_COPIED = tuple(
    name
    for name in DECLARATION_VERSION.names
    if name in DeclarationLine.__struct_fields__ and name not in _NAMED and name != "operator_id"
)


@lru_cache(maxsize=256)
def raw_list(*items: str) -> Raw:
    """Encodes a list of texts as the contract's lines have it; equal lists are one object."""
    return Raw(_encode(items))


def line_of(version: Version) -> DeclarationLine:
    """Gives the line of a version: what it says, the driver and the plates spelled out beside their ids."""
    row = version.row
    values: dict[str, Any] = {name: row[name] for name in _COPIED}
    values |= {name: str(row[name]) for name in _NAMED if row[name] is not None}
    pairs = list(zip(version.plates, version.weights, strict=True))
    return DeclarationLine(
        operation_types=raw_list(*(code for name, code in OPERATIONS.items() if row[name])),
        transport_types=raw_list(*(code for name, code in TRANSPORTS.items() if row[name])),
        plates=raw_list(*(plate for plate, weight in pairs if weight == "")),
        plates_light=raw_list(*(plate for plate, weight in pairs if weight == "LIGHT")),
        plates_heavy=raw_list(*(plate for plate, weight in pairs if weight == "HEAVY")),
        **values,
    )


def judge_spelled_out(judge: Judge, line: DeclarationLine, establishment: str, *, suspicious: bool) -> Judgement:
    """Judges a line whose recorded driver is spelled out beside the driver's id; a sent line has either."""
    return judge.judge(line, establishment, suspicious=suspicious, spelled_out=True)


def moment(microseconds: int) -> datetime:
    """Gives an instant for its microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(instant: datetime) -> int:
    """Gives an instant's microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def version_of(entry: Entry) -> Version:
    """Gives the version that an entry becomes."""
    line, judged = entry.declaration, entry.judged
    row: Row = {name: _iso(name, getattr(line, name)) for name in _COPIED}
    row |= {name: getattr(judged, name) for name in (*OPERATIONS, *TRANSPORTS)}
    row |= {name: UUID(text) if (text := getattr(line, name)) else None for name in _NAMED}
    row |= {
        "declaration_id": UUID(bytes=entry.declaration_id),
        "version": entry.version,
        "operator_id": UUID(bytes=entry.card.operator_id),
        "operator_country": entry.card.country,
        "withdrawn": entry.withdrawn,
        "accepted_at": moment(entry.accepted_at),
        "submitted_at": moment(entry.submitted_at),
        "fleet_id": UUID(bytes=judged.fleet.fleet_id) if judged.fleet.fleet_id else None,
    }
    return Version(row, judged.fleet.plates, judged.fleet.weights)


def _iso(name: str, value: Any) -> Any:
    return country(value) if value and name.endswith(("_country", "_law")) else value
