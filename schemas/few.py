"""Few versions in a frame: as they are, row by row, because some forty Arrow columns cost more than a hundred rows do.

Whoever reads such frames joins them before it makes columns (`schemas/frame.py`, `decode_frames`).
"""

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
import pyarrow as pa
from msgspec import Meta

from schemas.declaration import Declaration
from schemas.entries import Entries, FleetLike
from schemas.operator import OperatorCard
from schemas.rows import DECLARATION_VERSION

#: With so many versions, columns at once and columns later cost the same.
FEW = 100

_Id = Annotated[bytes, Meta(min_length=16, max_length=16)]
_Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
_Int32 = Annotated[int, Meta(ge=-(1 << 31), le=(1 << 31) - 1)]
_Int64 = Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)]


class _Carriage(NamedTuple):
    cabotage: bool
    international: bool
    goods: bool
    passengers: bool


class _Fleet(NamedTuple):
    fleet_id: _Id | None
    plates: tuple[str, ...]
    plate_keys: tuple[str, ...]
    weights: tuple[str, ...]


_FIELDS = Declaration.__struct_fields__
#: The lists of a declaration stand together and are left out: the judge has read them into carriage and fleet.
_LISTS = slice(_FIELDS.index("operation_types"), _FIELDS.index("plates_heavy") + 1)
_NO_LISTS = (None,) * (_LISTS.stop - _LISTS.start)
_DRIVER, _FLEET = (_FIELDS.index(name) for name in ("driver_id", "named_fleet_id"))


def _type_of(name: str) -> Any:
    """Gives the type of a field as the columns have it."""
    if name == "operator_id":
        return str | None  # a row need not name its operator: the frame does
    if name in ("driver_id", "named_fleet_id"):
        return _Uuid | None
    field = DECLARATION_VERSION.field(name)
    kind = date if field.type == pa.date32() else bool if field.type == pa.bool_() else str
    return kind | None if field.nullable else kind


_ROW: Any = tuple[tuple(map(_type_of, _FIELDS[: _LISTS.start] + _FIELDS[_LISTS.stop :]))]  # type: ignore[misc]
#: Id, version, withdrawn, accepted, submitted, operator and its country, carriage, place of the fleet, the row.
_VERSION = tuple[_Id, _Int32, bool, _Int64, _Int64, _Id, str, _Carriage, Annotated[int, Meta(ge=0)], _ROW]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[list[_Fleet], list[_VERSION]]).decode
_carriage = attrgetter(*_Carriage._fields)
_fleet = attrgetter(*_Fleet._fields)
_operator = attrgetter("operator_id", "country")


def encode_few(entries: Entries) -> bytes:
    """Encodes versions with the fleets that they name, each fleet once."""
    places: dict[int, int] = {}
    fleets: list[FleetLike] = []
    for fleet in entries.fleets:
        if places.setdefault(id(fleet), len(fleets)) == len(fleets):
            fleets.append(fleet)
    versions = [
        (*facts, *_operator(card), _carriage(carriage), places[id(fleet)], _kept(row))
        for *facts, card, carriage, fleet, row in zip(
            entries.declaration_ids,
            entries.versions,
            entries.withdrawn,
            entries.accepted_at,
            entries.submitted_at,
            entries.cards,
            entries.carriages,
            entries.fleets,
            entries.rows,
            strict=True,
        )
    ]
    return _encode((list(map(_fleet, fleets)), versions))


def _kept(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Gives what is kept of a declaration taken apart; what it names is spelled as the columns' ids will be."""
    if row[_DRIVER] or row[_FLEET]:
        named = {at: str(UUID(row[at])) for at in (_DRIVER, _FLEET) if row[at]}
        row = tuple([named.get(at, value) for at, value in enumerate(row)])
    return row[: _LISTS.start] + row[_LISTS.stop :]


def decode_few(data: bytes) -> Entries:
    """Reads versions back. Raises `msgspec.MsgspecError` or `IndexError` if they are damaged."""
    fleets, versions = _decode(data)
    entries = Entries()
    columns: Sequence[Sequence[Any]] = list(zip(*versions, strict=True)) or [()] * 10
    (
        entries.declaration_ids,
        entries.versions,
        entries.withdrawn,
        entries.accepted_at,
        entries.submitted_at,
    ) = map(list, columns[:5])
    operators, countries, carriages, places, rows = columns[5:]
    entries.cards = list(map(OperatorCard, operators, countries))
    entries.carriages = list(carriages)
    entries.fleets = [fleets[place] for place in places]
    entries.rows = [row[: _LISTS.start] + _NO_LISTS + row[_LISTS.start :] for row in rows]
    return entries
