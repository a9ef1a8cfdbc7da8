"""Drafts: made, changed and deleted in Postgres, and submitted into the journal as version 1 (domain.md 3.5)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from ingest.actions import PREPARED, noted
from ingest.bodies import present, read_object
from ingest.declarations.answers import ANSWERED, content
from ingest.declarations.changes import answer_version, find, impossible, twice, version_guard
from ingest.declarations.judging import changed, judged, line_from
from ingest.declarations.lines import moment, version_of
from ingest.declarations.versions import Version, draft
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.journal import Guard
from ingest.mail import email_submitted
from ingest.metrics import accepted_total
from ingest.people import submits_prepared
from schemas import keys, statements
from schemas.failpoints import failpoint
from schemas.frame import Entry
from schemas.identity import declaration_id
from schemas.limits import LIMITS
from schemas.operator import OperatorCard
from store.postgres import POSTGRES_AWAY

_SQL = statements.load("ingest", "declarations")
_encode = msgspec.json.Encoder().encode
_MONTH = timedelta(days=31)


@noted(PREPARED)
async def create_draft(intake: Intake, request: Request) -> None:
    """Handles POST /declarations: a draft, judged as if it were submitted now."""
    credential, operator_id = await intake.caller(request, "prepare", "change")
    said = present(await read_object(request, ignored=ANSWERED))
    card = await intake.card(credential, str(said.get("operatorId") or operator_id))
    at, line = intake.now(), line_from(said)
    judgement, _ = await judged(intake, card, line, at)
    drafted = Entry(line, judgement, card, declaration_id(intake.fresh_id(), 1).bytes, 0, False, at, at)
    await answer_version(intake, request, await insert(intake, drafted), judgement.problems, 201)


@noted(PREPARED)
async def change_draft(intake: Intake, request: Request) -> None:
    """Handles PUT /declarations/{id}: what the body names is changed."""
    card = await intake.operator(request, "prepare", "change")
    said = await read_object(request, ignored=ANSWERED)
    known = await find(intake, request, card)
    if known.number:
        raise impossible(intake, known)
    request.check_if_match(known.etag(intake.today()))
    at, line = intake.now(), line_from(changed(msgspec.to_builtins(content(known)), said))
    judgement, _ = await judged(intake, card, line, at)
    drafted = Entry(line, judgement, card, known.declaration_id.bytes, 0, False, at, at)
    version = await replace(intake, known, drafted)
    if version is None:
        raise RefusedError("version_outdated", etag=(await find(intake, request, card)).etag(intake.today()))
    await answer_version(intake, request, version, judgement.problems)


@noted("draft.deleted")
async def delete_draft(intake: Intake, request: Request) -> None:
    """Handles DELETE /declarations/{id}: what is submitted can only be withdrawn."""
    card = await intake.operator(request, "prepare", "change")
    known = await find(intake, request, card)
    if known.number:
        raise impossible(intake, known)
    request.check_if_match(known.etag(intake.today()))
    await intake.pool.execute(_SQL["delete_draft"], UUID(bytes=card.operator_id), known.declaration_id)
    await request.answer(200, b"{}")


@noted("declaration.submitted")
@submits_prepared
async def submit_draft(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/{id}/submit.

    The version is in the journal before the draft goes. If this process dies in between, the draft is seen no
    more, and the same request sent again ends what was begun: it does not submit twice.
    """
    card = await intake.operator(request, "prepare", "change")
    await intake.journal.check_room()
    await twice(lambda: _submit(intake, request, card))


async def _submit(intake: Intake, request: Request, card: OperatorCard) -> None:
    operator_id, known = UUID(bytes=card.operator_id), await find(intake, request, card)
    drafted = await draft(intake, operator_id, known.declaration_id) if known.number else known
    if drafted is None:
        raise impossible(intake, known)
    request.check_if_match(known.etag(intake.today()))
    if not known.number:
        at, line = intake.now(), line_from(content(drafted))
        judgement, guards = await judged(intake, card, line, at)
        entry = Entry(line, judgement, card, known.declaration_id.bytes, 1, False, at, at)
        known = await submit(intake, entry, guards)
        await email_submitted(intake, known, request)
    else:
        await remove(intake, known)
    await answer_version(intake, request, known, ())


async def insert(intake: Intake, drafted: Entry, made_under: str | None = None) -> Version:
    """Keeps a new draft; `made_under` is a reference under which there is one draft alone.

    Raises asyncpg's `UniqueViolationError` if there is another.
    """
    version = _revised(drafted, 1)
    await intake.pool.execute(_SQL["add_draft"], _record(drafted, version, made_under))
    return version


async def replace(intake: Intake, known: Version, drafted: Entry) -> Version | None:
    """Puts a draft in the place of the one that was read; gives None if that is not the newest any more."""
    version = _revised(drafted, known.row["revision"] + 1)
    arguments = (known.row["operator_id"], known.declaration_id, known.row["revision"])
    record = _record(drafted, version, known.row["made_under"])
    replaced = await intake.pool.fetchval(_SQL["replace_draft"], *arguments, record)
    return version if replaced else None


async def submit(intake: Intake, entry: Entry, guards: Sequence[Guard]) -> Version:
    """Puts version 1 into the journal and takes its draft out. Raises `VersionConflictError` if it is there already."""
    shard = keys.shard_of(entry.card.operator_id, intake.journal.shards)
    once = version_guard(intake, entry.card, entry.declaration_id, 1)
    await intake.journal.add(shard, entry, guards=(once, *guards))
    failpoint("submit.journaled")
    accepted_total.inc()
    version = version_of(entry)
    await remove(intake, version)
    return version


async def remove(intake: Intake, submitted: Version) -> None:
    """Takes out the draft of what is submitted; if Postgres is away it stays, unseen, until somebody does it."""
    with suppress(*POSTGRES_AWAY):
        await intake.pool.execute(_SQL["delete_draft"], submitted.row["operator_id"], submitted.declaration_id)


async def sweep(intake: Intake, most: int) -> int:
    """Takes out up to `most` drafts that a crash left behind, or that are as old as what is no longer kept.

    Gives how many.
    """
    before = moment(intake.now()) - LIMITS.retention.months * _MONTH
    done = await intake.pool.execute(_SQL["sweep_drafts"], before, most)
    return int(done.split()[-1])


def _revised(drafted: Entry, revision: int) -> Version:
    version = version_of(drafted)
    version.row["revision"] = revision
    return version


def _record(drafted: Entry, version: Version, made_under: str | None) -> str:
    """Writes a draft as the row of its table."""
    fleet: Any = drafted.judged.fleet
    lists = {"plates": fleet.plates, "plate_keys": fleet.plate_keys, "weights": fleet.weights}
    return _encode(version.row | lists | {"made_under": made_under}).decode()
