"""/fleets: named sets of plates; a change of one makes new versions of all active declarations that name it."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from ingest.actions import noted
from ingest.bodies import Said, converted, merged, present, read_object
from ingest.declarations import flow
from ingest.declarations.lines import moment, raw_list
from ingest.events import note
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import MOST, answer_page, flag, page_of
from ingest.references import reference_of
from ingest.revisions import answer_read, answer_record, etag
from schemas import statements
from schemas.declaration import DeclarationLine
from schemas.fleet import ChangedDeclaration, FleetPreview, NamedFleet, RecordedFleet
from schemas.operator import OperatorCard
from validate.fleet import Fleet, read_fleet
from validate.problems import refuses

_SQL = statements.load("ingest", "fleets")
_encode = msgspec.json.Encoder().encode
_FIELDS = NamedFleet.__struct_fields__
_LISTS = ("plates", "plates_light", "plates_heavy")
_NO_PLATES: dict[str, list[str]] = {name: [] for name in _LISTS}
_ANSWERED = frozenset({"fleetId", "operatorId"})
_SHOWN = 100
Row = Mapping[str, Any]


async def list_fleets(intake: Intake, request: Request) -> None:
    """Handles GET /fleets."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked = request.parameters()
    page = page_of(asked, default=MOST)
    filters = (asked.get("term") or None, asked.get("externalReference") or None)
    rows = await intake.pool.fetch(_SQL["page"], operator_id, page.after, page.limit + 1, *filters)
    shown = rows[: page.limit]
    last_key = shown[-1]["named_fleet_id"] if len(rows) > page.limit else None
    await answer_page(request, [_recorded(row) for row in shown], last_key)


@noted("fleet.created")
async def create_fleet(intake: Intake, request: Request) -> None:
    """Handles POST /fleets."""
    card = await intake.operator(request, "prepare", "change")
    await _create(intake, request, card, await read_object(request, ignored=_ANSWERED))


@noted("fleet.put")
async def put_fleet_by_reference(intake: Intake, request: Request) -> None:
    """Handles PUT /fleets/by-reference/{ref}: keeps the fleet, or changes what the body names."""
    card = await intake.operator(request, _scope(request), "change")
    reference = reference_of(request)
    said = await read_object(request, ignored=_ANSWERED) | {"externalReference": reference}
    known = await intake.pool.fetchval(_SQL["by_reference"], UUID(bytes=card.operator_id), reference)
    await (_create(intake, request, card, said) if known is None else _put(intake, request, card, known, said))


async def read_fleet_record_by_reference(intake: Intake, request: Request) -> None:
    """Handles GET /fleets/by-reference/{ref}."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    known = await intake.pool.fetchval(_SQL["by_reference"], operator_id, reference_of(request))
    if known is None:
        raise RefusedError("not_found")
    await _answer(intake, request, operator_id, known)


async def read_fleet_record(intake: Intake, request: Request) -> None:
    """Handles GET /fleets/{id}."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    await _answer(intake, request, operator_id, request.identifier("fleet_id"))


@noted("fleet.changed")
async def change_fleet(intake: Intake, request: Request) -> None:
    """Handles PUT /fleets/{id}: what the body names is changed; with `dryRun` it is only said what that would do."""
    card = await intake.operator(request, _scope(request), "change")
    said = await read_object(request, ignored=_ANSWERED)
    await _put(intake, request, card, request.identifier("fleet_id"), said)


@noted("fleet.deleted")
async def delete_fleet(intake: Intake, request: Request) -> None:
    """Handles DELETE /fleets/{id}: refused while an active declaration or a draft names it."""
    card = await intake.operator(request, "prepare", "change")
    operator_id, fleet_id = UUID(bytes=card.operator_id), request.identifier("fleet_id")
    row = await _one(intake, operator_id, fleet_id)
    request.check_if_match(etag(row))
    row = await intake.pool.fetchrow(_SQL["touch"], operator_id, fleet_id)
    if row is None:
        raise RefusedError("not_found")
    # Who has read the fleet and is not in the journal yet must read it again, and finds none.
    await flow.announce(intake, card, fleet_id, row["revision"])
    if await flow.any_active(intake, operator_id, flow.active(intake, named_fleet_id=fleet_id)):
        raise RefusedError("fleet_in_use")
    async with intake.pool.acquire() as connection, connection.transaction():
        if await connection.execute(_SQL["delete"], operator_id, fleet_id) == "DELETE 0":
            raise RefusedError("fleet_in_use")
        await note(connection, operator_id, "fleet.deleted", moment(intake.now()), fleet_id)
    await request.answer(200, b"{}")


async def spread_unfinished(intake: Intake) -> None:
    """Ends changes of fleets that were cut off on their way into the declarations."""
    for row in await intake.pool.fetch(_SQL["on_their_way"], moment(intake.now()) - flow.LONGEST):
        await spread(intake, OperatorCard(row["operator_id"].bytes, row["country"]), row)


async def _answer(intake: Intake, request: Request, operator_id: UUID, fleet_id: UUID) -> None:
    row = await _one(intake, operator_id, fleet_id)
    await answer_read(request, _recorded(row), row)


async def _create(intake: Intake, request: Request, card: OperatorCard, said: Said) -> None:
    kept = converted(present(said), NamedFleet)
    _judged(kept, card)
    if flag(request.parameters(), "dryRun"):
        await request.answer(200, _encode(_preview(flow.Flow(), msgspec.structs.replace(kept, **_NO_PLATES), kept)))
        return
    operator_id, fleet_id, now = UUID(bytes=card.operator_id), intake.fresh_id(), moment(intake.now())
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_SQL["add"], operator_id, fleet_id, now, *msgspec.structs.astuple(kept))
            await note(connection, operator_id, "fleet.created", now, fleet_id)
    except asyncpg.UniqueViolationError as error:
        raise await _taken(intake, operator_id, kept, error) from error
    await answer_record(request, 201, _recorded(row), row)


async def _put(intake: Intake, request: Request, card: OperatorCard, fleet_id: UUID, said: Said) -> None:
    operator_id = UUID(bytes=card.operator_id)
    row = await _one(intake, operator_id, fleet_id)
    request.check_if_match(etag(row))
    known = _kept(row)
    kept = converted(merged(msgspec.to_builtins(known), said), NamedFleet)
    judged = _judged(kept, card)
    await intake.journal.check_room()
    names = flow.active(intake, named_fleet_id=fleet_id)
    planned = await flow.plan(intake, card, names, partial(_spell_out, msgspec.structs.asdict(kept)))
    if planned.refusals:
        raise RefusedError("content_refused", *planned.refusals)
    if flag(request.parameters(), "dryRun"):
        await request.answer(200, _encode(_preview(planned, known, kept)))
        return
    changed = row if kept == known else await _change(intake, operator_id, row, kept, judged)
    await spread(intake, card, changed)
    await answer_record(request, 200, _recorded(changed), changed)


async def spread(intake: Intake, card: OperatorCard, row: Row) -> None:
    """Carries a fleet's plates into all active declarations that name it, as new versions in one commit.

    Does nothing if they are there; raises `VersionConflictError` if the declarations keep changing meanwhile.
    """
    if row["flowed_revision"] == row["revision"]:
        return
    names = flow.active(intake, named_fleet_id=row["named_fleet_id"])
    await flow.carry(intake, card, row["named_fleet_id"], row["revision"], names, partial(_spell_out, row))
    await intake.pool.execute(_SQL["flowed"], row["operator_id"], row["named_fleet_id"], row["revision"])


def _scope(request: Request) -> str:
    """Gives what a change needs; to see what it would do, less."""
    return "prepare" if flag(request.parameters(), "dryRun") else "submit"


def _judged(kept: NamedFleet, card: OperatorCard) -> Fleet:
    """Judges the plates as those of lorries and buses alike. Raises `RefusedError`."""
    plates, light, heavy = (bytes(raw_list(*getattr(kept, name))) for name in _LISTS)
    judged = read_fleet(plates, light, heavy, goods=True, passengers=False, establishment=card.country)
    if not judged.plates or refuses(judged.problems):
        raise RefusedError("content_refused", *judged.problems)
    return judged


async def _change(intake: Intake, operator_id: UUID, row: Row, kept: NamedFleet, judged: Fleet) -> Row:
    now, fleet_id = moment(intake.now()), row["named_fleet_id"]
    content_id = UUID(bytes=judged.fleet_id) if judged.fleet_id else None
    drafts = (operator_id, fleet_id, content_id, judged.plates, judged.plate_keys, judged.weights)
    arguments = (operator_id, fleet_id, now, row["revision"], *msgspec.structs.astuple(kept))
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            changed: Row | None = await connection.fetchrow(_SQL["change"], *arguments)
            if changed is not None:
                await connection.execute(_SQL["change_drafts"], *drafts)
                await note(connection, operator_id, "fleet.changed", now, fleet_id)
    except asyncpg.UniqueViolationError as error:
        raise await _taken(intake, operator_id, kept, error) from error
    if changed is None:
        raise RefusedError("version_outdated", etag=etag(await _one(intake, operator_id, fleet_id)))
    return changed


def _preview(planned: flow.Flow, known: NamedFleet, kept: NamedFleet) -> FleetPreview:
    before, after = ({plate for name in _LISTS for plate in getattr(fleet, name)} for fleet in (known, kept))
    changed = [
        ChangedDeclaration(str(one.declaration_id), one.row["posting_country"], one.row["end_date"])
        for one in planned.after[:_SHOWN]
    ]
    by_country = Counter(one.row["posting_country"] for one in planned.after)
    return FleetPreview(len(planned.after), dict(by_country), changed, sorted(after - before), sorted(before - after))


def _spell_out(lists: Row, line: DeclarationLine) -> None:
    for name in _LISTS:
        setattr(line, name, raw_list(*lists[name]))


async def _one(intake: Intake, operator_id: UUID, fleet_id: UUID) -> Row:
    row: Row | None = await intake.pool.fetchrow(_SQL["one"], operator_id, fleet_id)
    if row is None:
        raise RefusedError("not_found")
    return row


async def _taken(
    intake: Intake, operator_id: UUID, kept: NamedFleet, error: asyncpg.UniqueViolationError
) -> RefusedError:
    if error.constraint_name == "named_fleet_name":
        other = await intake.pool.fetchval(_SQL["same"], operator_id, kept.name, None)
        return RefusedError("name_taken", name=kept.name, id=other)
    other = await intake.pool.fetchval(_SQL["same"], operator_id, None, kept.external_reference)
    return RefusedError("reference_taken", reference=kept.external_reference, id=other)


def _kept(row: Row) -> NamedFleet:
    return NamedFleet(**{name: row[name] for name in _FIELDS})


def _recorded(row: Row) -> RecordedFleet:
    return RecordedFleet(**{name: row[name] for name in _FIELDS}, named_fleet_id=str(row["named_fleet_id"]))
