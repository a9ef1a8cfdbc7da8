"""Controls: what an officer met at the roadside, kept so that what is declared afterwards is seen as afterwards.

A control concerns a declaration that was shown; else one whose driver was stopped, or, where no driver was noted,
one that names the vehicle. On a fleet's 900 declarations a control of one driver leaves the other 899 alone.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
from msgspec import Meta, Struct

from exchange.folding import words
from reports.answer import EarlierControl
from reports.officers import Officer
from reports.refusal import RefusedError
from reports.roadside.asking import MAY_CONTROL
from reports.wording import WORDS
from schemas import statements
from schemas.codes import COUNTRIES, AnyCountry, OperationType, TransportType, country
from validate.plates import plate_key

_SQL = statements.load("reports", "roadside_controls")
#: What a control may have found, in the order in which it is offered.
OUTCOMES = tuple(WORDS["outcome"])
_CLOCKS_DIFFER = timedelta(minutes=5)

if TYPE_CHECKING:
    Outcome = str
else:
    Outcome = Literal[*OUTCOMES]

Text = Annotated[str, Meta(min_length=1, max_length=255)]


class NewControl(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /controls; `at` is now if left out. Sent again with its `control_id` it is kept once."""

    control_id: UUID | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    place: Text | None = None
    plate: Annotated[str, Meta(min_length=1, max_length=20)] | None = None
    plate_country: AnyCountry | None = None
    driver_first_name: Text | None = None
    driver_last_name: Text | None = None
    driver_licence_number: Annotated[str, Meta(min_length=1, max_length=50)] | None = None
    driver_birth_date: date | None = None
    operation_seen: OperationType | None = None
    carriage_seen: TransportType | None = None
    outcome: Outcome
    declaration: Annotated[str, Meta(max_length=60)] | None = None
    note: Annotated[str, Meta(max_length=2_000)] | None = None


class Control(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A control as it is kept."""

    control_id: UUID
    officer_id: UUID
    host: str
    at: datetime
    place: str | None = None
    plate: str | None = None
    plate_key: str | None = None
    plate_country: str | None = None
    driver_first_name: str | None = None
    driver_last_name: str | None = None
    driver_licence_number: str | None = None
    driver_birth_date: date | None = None
    operation_seen: str | None = None
    carriage_seen: str | None = None
    outcome: str
    declaration_id: UUID | None = None
    note: str | None = None
    created_at: datetime


class ControlPage(Struct, frozen=True, rename="camel"):
    """A page of controls, newest first; `next_key` goes back as startKey."""

    controls: tuple[Control, ...]
    next_key: str | None = None


class ControlParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /controls: those from `since` on and before `until`."""

    since: Annotated[datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None
    plate: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    limit: Annotated[int, Meta(ge=1, le=250)] = 50
    start_key: str | None = None
    purpose: Annotated[str, Meta(max_length=500)] | None = None


async def record(pool: asyncpg.Pool, officer: Officer, new: NewControl, declaration: UUID | None) -> Control:
    """Keeps a control. Raises `RefusedError`: role_missing, parameter_wrong, changed_meanwhile."""
    if officer.role not in MAY_CONTROL:
        raise RefusedError("role_missing", role=officer.role, roles=", ".join(MAY_CONTROL))
    now = datetime.now(UTC)
    at = new.at or now
    if at > now + _CLOCKS_DIFFER:
        raise RefusedError("parameter_wrong", name="at", reason="it has not happened yet")
    if new.plate is None and new.driver_licence_number is None and new.driver_last_name is None:
        raise RefusedError("parameter_wrong", name="plate", reason="a control has a vehicle or a driver")
    if declaration is not None and not await pool.fetchval(_SQL["of_host"], declaration, officer.host):
        raise RefusedError("parameter_wrong", name="declaration", reason="no such declaration for your state")
    control_id = new.control_id or uuid4()
    await pool.execute(
        _SQL["add"],
        control_id,
        officer.officer_id,
        officer.host,
        at,
        new.place,
        new.plate,
        plate_key(new.plate).key if new.plate else None,
        country(new.plate_country) if new.plate_country else None,
        new.driver_first_name,
        new.driver_last_name,
        new.driver_licence_number,
        new.driver_birth_date,
        new.operation_seen,
        new.carriage_seen,
        new.outcome,
        declaration,
        new.note,
    )
    return await one(pool, control_id, officer.host)


async def one(pool: asyncpg.Pool, control_id: UUID, host: str) -> Control:
    """Gives a control of a host state. Raises `RefusedError`: not_found."""
    row = await pool.fetchrow(_SQL["one"], control_id, host)
    if row is None:
        raise RefusedError("not_found")
    return _control(row)


async def page(pool: asyncpg.Pool, host: str, asked: ControlParameters) -> ControlPage:
    """Gives a page of a host state's controls, newest first. Raises `RefusedError`: parameter_wrong."""
    at, control_id = _start(asked.start_key)
    rows = await pool.fetch(
        _SQL["page"],
        host,
        asked.since or datetime(2000, 1, 1, tzinfo=UTC),
        asked.until or datetime(3000, 1, 1, tzinfo=UTC),
        plate_key(asked.plate).key if asked.plate else None,
        at,
        control_id,
        asked.limit + 1,
    )
    controls = tuple(map(_control, rows[: asked.limit]))
    last = controls[-1] if len(rows) > asked.limit else None
    return ControlPage(controls, f"{last.at.isoformat()}_{last.control_id}" if last else None)


async def concerning(pool: asyncpg.Pool, versions: Sequence[Mapping[str, Any]]) -> tuple[Control, ...]:
    """Gives the controls of the host state that concern a declaration, oldest first."""
    newest = versions[-1]
    keys = {plate_key(plate).key for row in versions for plate in row["fleet_plates"] or ()}
    licence = _licence(newest["driver_licence_number"])
    found = await pool.fetch(
        _SQL["concerning"], newest["posting_country"], newest["declaration_id"], list(keys), licence
    )
    controls = map(_control, found)
    return tuple(control for control in controls if concerns(control, newest))


async def of_vehicle(pool: asyncpg.Pool, host: str, key: str, before: datetime) -> tuple[Control, ...]:
    """Gives the controls of a vehicle in a host state before an instant, oldest first."""
    return tuple(map(_control, await pool.fetch(_SQL["of_vehicle"], host, key, before)))


def concerns(control: Control, row: Mapping[str, Any]) -> bool:
    """Tells whether a control that met a declaration's vehicle or driver concerns the declaration."""
    if control.declaration_id is not None:
        return bool(control.declaration_id == row["declaration_id"])
    if control.driver_licence_number:
        return _licence(control.driver_licence_number) == _licence(row["driver_licence_number"])
    if control.driver_last_name:
        seen = f"{control.driver_first_name or ''} {control.driver_last_name}"
        return same_person(seen, f"{row['driver_first_name'] or ''} {row['driver_last_name'] or ''}")
    return True


def seen_before(
    controls: Sequence[Control], row: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> tuple[Control, ...]:
    """Gives the controls in the posting's period after which a version came, and before it the version `before`."""
    zone = ZoneInfo(COUNTRIES[row["posting_country"]].zone)
    since = before["accepted_at"] if before is not None else datetime.min.replace(tzinfo=UTC)
    last = max(row["end_date"], before["end_date"]) if before is not None else row["end_date"]
    return tuple(
        control
        for control in controls
        if since <= control.at < row["accepted_at"] and row["start_date"] <= control.at.astimezone(zone).date() <= last
    )


def earlier_control(control: Control) -> EarlierControl:
    """Gives what an answer says of a control that came before."""
    return EarlierControl(control.control_id, control.at, control.outcome, control.place)


def same_person(sought: str, name: str) -> bool:
    """Tells whether all words of a sought name are in a name, in any order, spelling and script."""
    has = words(name)
    wanted = words(sought)
    return bool(wanted) and all(any(spellings & one for one in has) for spellings in wanted)


def _control(row: Mapping[str, Any]) -> Control:
    return Control(**{name: row[name] for name in Control.__struct_fields__})


def _licence(number: str | None) -> str | None:
    return re.sub("[^A-Z0-9]", "", number.upper()) if number else None


def _start(key: str | None) -> tuple[datetime | None, UUID | None]:
    if key is None:
        return None, None
    at, _, control_id = key.partition("_")
    try:
        return datetime.fromisoformat(at), UUID(control_id)
    except ValueError as error:
        raise RefusedError("parameter_wrong", name="startKey", reason="it is not one that an answer gave") from error
