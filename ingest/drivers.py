"""/drivers: the drivers that an operator records once and names on its declarations (domain.md 3.3, 3.4)."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ingest.actions import noted
from ingest.bodies import Said, converted, merged, present, read_object
from ingest.declarations import flow
from ingest.declarations.lines import moment
from ingest.declarations.versions import waiting_of
from ingest.events import note
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import answer_page, day, flag, page_of
from ingest.records import DRIVER_FIELDS
from ingest.references import reference_of
from ingest.revisions import answer_read, answer_record, etag
from schemas import statements
from schemas.codes import country
from schemas.declaration import DeclarationLine
from schemas.driver import WIRE_NAMES, Driver, RecordedDriver
from schemas.operator import OperatorCard
from store.pending import distinct_ids
from validate import driver as rules
from validate.problems import refuses

_SQL = statements.load("ingest", "drivers")
_FIELDS = Driver.__struct_fields__
#: What only answers have; clients that send back what they read send it too (domain.md 3.4a).
_ANSWERED = frozenset(WIRE_NAMES[name] for name in RecordedDriver.__struct_fields__ if name not in _FIELDS)
_RULED = tuple(name for name in rules.Driver._fields if name in _FIELDS)
Row = Mapping[str, Any]


async def list_drivers(intake: Intake, request: Request) -> None:
    """Handles GET /drivers."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked = request.parameters()
    page = page_of(asked)
    waiting = (await waiting_of(intake, operator_id)).versions
    today = intake.today()
    rows = await intake.pool.fetch(
        _SQL["page"],
        operator_id,
        page.after,
        page.limit + 1,
        asked.get("term") or None,
        flag(asked, "byLastName"),
        day(asked, "dateOfBirth"),
        today if flag(asked, "withActiveDeclarations") else None,
        distinct_ids(waiting["driver_id"]),
        distinct_ids(waiting.filter(_active(waiting, today))["driver_id"]),
        distinct_ids(waiting.filter(pc.greater(waiting["version"], 1))["declaration_id"]),
        asked.get("externalReference") or None,
    )
    shown = rows[: page.limit]
    last_key = shown[-1]["driver_id"] if len(rows) > page.limit else None
    await answer_page(request, [_recorded(row, row["has_declarations"]) for row in shown], last_key)


@noted("driver.created")
async def create_driver(intake: Intake, request: Request) -> None:
    """Handles POST /drivers."""
    card = await intake.operator(request, "prepare", "change")
    await _create(intake, request, card, await read_object(request, ignored=_ANSWERED))


@noted("driver.put")
async def put_driver_by_reference(intake: Intake, request: Request) -> None:
    """Handles PUT /drivers/by-reference/{ref}: records the driver, or changes what the body names."""
    card = await intake.operator(request, "submit", "change")
    reference = reference_of(request)
    said = await read_object(request, ignored=_ANSWERED) | {WIRE_NAMES["external_reference"]: reference}
    known = await intake.pool.fetchval(_SQL["by_reference"], UUID(bytes=card.operator_id), reference)
    await (_create(intake, request, card, said) if known is None else _put(intake, request, card, known, said))


async def read_driver_by_reference(intake: Intake, request: Request) -> None:
    """Handles GET /drivers/by-reference/{ref}."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    known = await intake.pool.fetchval(_SQL["by_reference"], operator_id, reference_of(request))
    if known is None:
        raise RefusedError("not_found")
    await _answer(intake, request, operator_id, known)


async def read_driver(intake: Intake, request: Request) -> None:
    """Handles GET /drivers/{id}."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    await _answer(intake, request, operator_id, request.identifier("driver_id"))


@noted("driver.changed")
async def change_driver(intake: Intake, request: Request) -> None:
    """Handles PUT /drivers/{id}: what the body names is changed."""
    card = await intake.operator(request, "submit", "change")
    said = await read_object(request, ignored=_ANSWERED)
    await _put(intake, request, card, request.identifier("driver_id"), said)


@noted("driver.deleted")
async def delete_driver(intake: Intake, request: Request) -> None:
    """Handles DELETE /drivers/{id}: refused while there is a declaration of the driver."""
    card = await intake.operator(request, "prepare", "change")
    operator_id, driver_id = UUID(bytes=card.operator_id), request.identifier("driver_id")
    row = await _one(intake, operator_id, driver_id)
    request.check_if_match(etag(row))
    if row["has_declarations"] or await _waits(intake, operator_id, driver_id):
        raise RefusedError("driver_has_declarations")
    touched = await intake.pool.fetchrow(_SQL["touch"], operator_id, driver_id)
    if touched is None:
        raise RefusedError("not_found")
    # Who has read the driver and is not in the journal yet must read again, and finds none.
    await flow.announce(intake, card, driver_id, touched["revision"])
    if await _waits(intake, operator_id, driver_id):
        raise RefusedError("driver_has_declarations")
    async with intake.pool.acquire() as connection, connection.transaction():
        if await connection.execute(_SQL["delete"], operator_id, driver_id) == "DELETE 0":
            raise RefusedError("driver_has_declarations")
        await note(connection, operator_id, "driver.deleted", moment(intake.now()), driver_id)
    await request.answer(200, b"{}")


async def _answer(intake: Intake, request: Request, operator_id: UUID, driver_id: UUID) -> None:
    row = await _one(intake, operator_id, driver_id)
    has = row["has_declarations"] or await _waits(intake, operator_id, driver_id)
    await answer_read(request, _recorded(row, has), row)


def judged(intake: Intake, card: OperatorCard, said: dict[str, Any]) -> Driver:
    """Makes a driver of what was said, countries as ISO codes. Raises `RefusedError` by the rules of declarations."""
    driver = converted(said, Driver)
    for name in ("driver_document_country", "driver_country", "driver_applicable_law"):
        setattr(driver, name, country(getattr(driver, name)))
    facts = rules.Driver(
        **{name: getattr(driver, name) for name in _RULED},
        driver_id=None,
        start_date=intake.today(),
        establishment=card.country,
    )
    found = tuple(one for rule in rules.RULES for one in rule(facts))
    if refuses(found):
        raise RefusedError("content_refused", *found)
    return driver


async def spread_unfinished(intake: Intake) -> None:
    """Ends changes of drivers that were cut off on their way into the declarations."""
    for row in await intake.pool.fetch(_SQL["on_their_way"], moment(intake.now()) - flow.LONGEST):
        await spread(intake, OperatorCard(row["operator_id"].bytes, row["country"]), row)


async def _create(intake: Intake, request: Request, card: OperatorCard, said: Said) -> None:
    driver = judged(intake, card, present(said))
    operator_id, driver_id = UUID(bytes=card.operator_id), intake.fresh_id()
    now = moment(intake.now())
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_SQL["add"], operator_id, driver_id, now, *msgspec.structs.astuple(driver))
            await note(connection, operator_id, "driver.created", now, driver_id)
    except asyncpg.UniqueViolationError as error:
        raise await _reference_taken(intake, operator_id, driver) from error
    await answer_record(request, 201, _recorded(row, has_declarations=False), row)


async def _put(intake: Intake, request: Request, card: OperatorCard, driver_id: UUID, said: Said) -> None:
    operator_id = UUID(bytes=card.operator_id)
    row = await _one(intake, operator_id, driver_id)
    request.check_if_match(etag(row))
    driver = judged(intake, card, merged(msgspec.to_builtins(_driver(row)), said))
    changed = row
    if driver != _driver(row):
        await _check(intake, card, driver_id, driver)
        changed = await _change(intake, operator_id, row, driver)
    await spread(intake, card, changed)
    has = row["has_declarations"] or await _waits(intake, operator_id, driver_id)
    await answer_record(request, 200, _recorded(changed, has), changed)


async def spread(intake: Intake, card: OperatorCard, row: Row) -> None:
    """Carries a driver's details into all active declarations, as new versions in one commit.

    Does nothing if they are there; raises `VersionConflictError` if the declarations keep changing meanwhile.
    """
    if row["flowed_revision"] == row["revision"]:
        return
    names = flow.active(intake, driver_id=row["driver_id"])
    await flow.carry(intake, card, row["driver_id"], row["revision"], names, partial(_spell_out, row))
    await intake.pool.execute(_SQL["flowed"], row["operator_id"], row["driver_id"], row["revision"])


async def _check(intake: Intake, card: OperatorCard, driver_id: UUID, driver: Driver) -> None:
    """Refuses details with which an active declaration would be refused."""
    await intake.journal.check_room()
    details = msgspec.structs.asdict(driver)
    names = flow.active(intake, driver_id=driver_id)
    planned = await flow.plan(intake, card, names, partial(_spell_out, details))
    if planned.refusals:
        raise RefusedError("content_refused", *planned.refusals)


def _spell_out(details: Row, line: DeclarationLine) -> None:
    for name in DRIVER_FIELDS:
        setattr(line, name, details[name])


async def _change(intake: Intake, operator_id: UUID, row: Row, driver: Driver) -> Row:
    """Puts new details in the place of those that were read."""
    now, driver_id = moment(intake.now()), row["driver_id"]
    arguments = (operator_id, driver_id, now, row["revision"], *msgspec.structs.astuple(driver))
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            changed: Row | None = await connection.fetchrow(_SQL["change"], *arguments)
            if changed is not None:
                await connection.execute(_SQL["change_drafts"], operator_id, driver_id)
                await note(connection, operator_id, "driver.changed", now, driver_id)
    except asyncpg.UniqueViolationError as error:
        raise await _reference_taken(intake, operator_id, driver) from error
    if changed is None:
        raise RefusedError("version_outdated", etag=etag(await _one(intake, operator_id, driver_id)))
    return changed


async def _one(intake: Intake, operator_id: UUID, driver_id: UUID) -> Row:
    row: Row | None = await intake.pool.fetchrow(_SQL["one"], operator_id, driver_id)
    if row is None:
        raise RefusedError("not_found")
    return row


async def _waits(intake: Intake, operator_id: UUID, driver_id: UUID) -> bool:
    """Says whether a declaration of the driver waits in the journal."""
    return driver_id.bytes in (await waiting_of(intake, operator_id)).versions["driver_id"].to_pylist()


async def _reference_taken(intake: Intake, operator_id: UUID, driver: Driver) -> RefusedError:
    other = await intake.pool.fetchval(_SQL["by_reference"], operator_id, driver.external_reference)
    return RefusedError("reference_taken", reference=driver.external_reference, id=other)


def _active(versions: pa.Table, today: date) -> pa.ChunkedArray:
    return pc.and_(pc.invert(versions["withdrawn"]), pc.greater_equal(versions["end_date"], pa.scalar(today)))


def _driver(row: Row) -> Driver:
    return Driver(**{name: row[name] for name in _FIELDS})


def _recorded(row: Row, has_declarations: bool) -> RecordedDriver:
    return RecordedDriver(
        **{name: row[name] for name in _FIELDS},
        driver_id=str(row["driver_id"]),
        driver_operator_id=str(row["operator_id"]),
        driver_full_name=f"{row['driver_first_name']} {row['driver_last_name']}",
        driver_has_declarations=has_declarations,
    )
