"""/plate-numbers: the vehicle register that RTPD has since 2026 (domain.md 3.3, 3.4)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from ingest.actions import noted
from ingest.bodies import Said, converted, merged, present, read_object
from ingest.declarations.lines import moment
from ingest.events import note
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import MOST, answer_page, page_of
from ingest.references import reference_of
from ingest.revisions import answer_read, answer_record, etag
from schemas import statements
from schemas.codes import country
from schemas.limits import LIMITS
from schemas.vehicle import RecordedVehicle, Vehicle
from validate.plates import plate_key
from validate.problems import problem

_SQL = statements.load("ingest", "vehicles")
_FIELDS = Vehicle.__struct_fields__
_ANSWERED = frozenset({"plateNumberId", "operatorId"})
Row = Mapping[str, Any]


async def list_vehicles(intake: Intake, request: Request) -> None:
    """Handles GET /plate-numbers."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked = request.parameters()
    page = page_of(asked, default=MOST)
    term = asked.get("term")
    rows = await intake.pool.fetch(
        _SQL["page"],
        operator_id,
        page.after,
        page.limit + 1,
        plate_key(term).key if term else None,
        asked.get("externalReference") or None,
    )
    shown = rows[: page.limit]
    last_key = shown[-1]["plate_number_id"] if len(rows) > page.limit else None
    await answer_page(request, [_recorded(row) for row in shown], last_key)


@noted("vehicle.created")
async def create_vehicle(intake: Intake, request: Request) -> None:
    """Handles POST /plate-numbers."""
    operator_id = UUID(bytes=(await intake.operator(request, "prepare", "change")).operator_id)
    await _create(intake, request, operator_id, await read_object(request, ignored=_ANSWERED))


@noted("vehicle.put")
async def put_vehicle_by_reference(intake: Intake, request: Request) -> None:
    """Handles PUT /plate-numbers/by-reference/{ref}: registers the vehicle, or changes what the body names."""
    operator_id = UUID(bytes=(await intake.operator(request, "prepare", "change")).operator_id)
    reference = reference_of(request)
    said = await read_object(request, ignored=_ANSWERED) | {"externalReference": reference}
    known = await intake.pool.fetchval(_SQL["by_reference"], operator_id, reference)
    if known is None:
        await _create(intake, request, operator_id, said)
    else:
        await _put(intake, request, operator_id, known, said)


async def read_vehicle_by_reference(intake: Intake, request: Request) -> None:
    """Handles GET /plate-numbers/by-reference/{ref}."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    known = await intake.pool.fetchval(_SQL["by_reference"], operator_id, reference_of(request))
    if known is None:
        raise RefusedError("not_found")
    await _answer(intake, request, operator_id, known)


async def read_vehicle(intake: Intake, request: Request) -> None:
    """Handles GET /plate-numbers/{id}."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    await _answer(intake, request, operator_id, request.identifier("plate_number_id"))


@noted("vehicle.changed")
async def change_vehicle(intake: Intake, request: Request) -> None:
    """Handles PUT /plate-numbers/{id}: what the body names is changed. Declarations keep what they declared."""
    operator_id = UUID(bytes=(await intake.operator(request, "prepare", "change")).operator_id)
    said = await read_object(request, ignored=_ANSWERED)
    await _put(intake, request, operator_id, request.identifier("plate_number_id"), said)


@noted("vehicle.deleted")
async def delete_vehicle(intake: Intake, request: Request) -> None:
    """Handles DELETE /plate-numbers/{id}. Declarations keep what they declared."""
    operator_id = UUID(bytes=(await intake.operator(request, "prepare", "change")).operator_id)
    row = await _one(intake, operator_id, request.identifier("plate_number_id"))
    request.check_if_match(etag(row))
    async with intake.pool.acquire() as connection, connection.transaction():
        await connection.execute(_SQL["delete"], operator_id, row["plate_number_id"])
        await note(connection, operator_id, "vehicle.deleted", moment(intake.now()), row["plate_number_id"])
    await request.answer(200, b"{}")


async def _answer(intake: Intake, request: Request, operator_id: UUID, vehicle_id: UUID) -> None:
    row = await _one(intake, operator_id, vehicle_id)
    await answer_read(request, _recorded(row), row)


async def _create(intake: Intake, request: Request, operator_id: UUID, said: Said) -> None:
    vehicle = judged(present(said))
    now, vehicle_id = moment(intake.now()), intake.fresh_id()
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_SQL["add"], operator_id, vehicle_id, now, *columns(vehicle))
            await note(connection, operator_id, "vehicle.created", now, vehicle_id)
    except asyncpg.UniqueViolationError as error:
        raise await _taken(intake, operator_id, vehicle, error) from error
    await answer_record(request, 201, _recorded(row), row)


async def _put(intake: Intake, request: Request, operator_id: UUID, vehicle_id: UUID, said: Said) -> None:
    row = await _one(intake, operator_id, vehicle_id)
    request.check_if_match(etag(row))
    vehicle, now = judged(merged(msgspec.to_builtins(_vehicle(row)), said)), moment(intake.now())
    arguments = (operator_id, vehicle_id, now, row["revision"], *columns(vehicle))
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            changed = await connection.fetchrow(_SQL["change"], *arguments)
            if changed is not None:
                await note(connection, operator_id, "vehicle.changed", now, vehicle_id)
    except asyncpg.UniqueViolationError as error:
        raise await _taken(intake, operator_id, vehicle, error) from error
    if changed is None:
        raise RefusedError("version_outdated", etag=etag(await _one(intake, operator_id, vehicle_id)))
    await answer_record(request, 200, _recorded(changed), changed)


def judged(said: dict[str, Any]) -> Vehicle:
    """Makes a vehicle of what was said; a bus has no weight class. Raises `RefusedError`."""
    vehicle = converted(said, Vehicle)
    vehicle.registration_country = country(vehicle.registration_country)
    vehicle.plate_number = vehicle.plate_number.strip()
    key, length = plate_key(vehicle.plate_number).key, LIMITS.plate
    if len(key) < length.shortest_key:
        found = problem("plate_too_short", "/plateNumber", plate=vehicle.plate_number, minimum=length.shortest_key)
        raise RefusedError("content_refused", found)
    if len(key) > length.longest_key:
        found = problem("plate_too_long", "/plateNumber", plate=vehicle.plate_number, maximum=length.longest_key)
        raise RefusedError("content_refused", found)
    if vehicle.transport_type == "CARRIAGE_OF_PASSENGERS":
        vehicle.vehicle_weight = ""
    elif not vehicle.vehicle_weight:
        raise RefusedError("content_refused", problem("weight_missing", "/vehicleWeight"))
    return vehicle


def columns(vehicle: Vehicle) -> tuple[str | None, ...]:
    """Gives what a vehicle is in the register, its plate's key after its plate."""
    plate, *others = msgspec.structs.astuple(vehicle)
    return plate, plate_key(plate).key, *others


async def _one(intake: Intake, operator_id: UUID, vehicle_id: UUID) -> Row:
    row: Row | None = await intake.pool.fetchrow(_SQL["one"], operator_id, vehicle_id)
    if row is None:
        raise RefusedError("not_found")
    return row


async def _taken(
    intake: Intake, operator_id: UUID, vehicle: Vehicle, error: asyncpg.UniqueViolationError
) -> RefusedError:
    if error.constraint_name == "vehicle_reference":
        other = await intake.pool.fetchval(_SQL["by_reference"], operator_id, vehicle.external_reference)
        return RefusedError("reference_taken", reference=vehicle.external_reference, id=other)
    plate, key, land, *_ = columns(vehicle)
    other = await intake.pool.fetchval(_SQL["same"], operator_id, key, land, plate)
    return RefusedError("plate_registered", plate=plate, id=other)


def _vehicle(row: Row) -> Vehicle:
    return Vehicle(**{name: row[name] for name in _FIELDS})


def _recorded(row: Row) -> RecordedVehicle:
    return RecordedVehicle(**{name: row[name] for name in _FIELDS}, plate_number_id=str(row["plate_number_id"]))
