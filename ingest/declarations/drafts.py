"""Drafts: made, changed and deleted in Postgres, and submitted into the journal as version 1 (domain.md 3.5)."""

from typing import Any
from uuid import UUID

import msgspec

from ingest.bodies import present, read_object
from ingest.declarations.answers import ANSWERED, content
from ingest.declarations.changes import answer_version, find, impossible, twice, version_guard
from ingest.declarations.judging import changed, judged, line_from
from ingest.declarations.lines import version_of
from ingest.declarations.versions import Version, draft
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.metrics import accepted_total
from schemas import keys, statements
from schemas.failpoints import failpoint
from schemas.frame import Entry
from schemas.identity import declaration_id
from schemas.operator import OperatorCard

_SQL = statements.load("ingest", "declarations")
_encode = msgspec.json.Encoder().encode


async def create_draft(intake: Intake, request: Request) -> None:
    """Handles POST /declarations: a draft, judged as if it were submitted now."""
    credential, operator_id = await intake.caller(request, "submit", "change")
    said = present(await read_object(request, ignored=ANSWERED))
    card = await intake.card(credential, str(said.get("operatorId") or operator_id))
    at, line = intake.now(), line_from(said)
    judgement, _ = await judged(intake, card, line, at)
    drafted = Entry(line, judgement, card, declaration_id(intake.fresh_id(), 1).bytes, 0, False, at, at)
    version = _revised(drafted, 1)
    await intake.pool.execute(_SQL["add_draft"], _record(drafted, version))
    await answer_version(intake, request, version, judgement.problems, 201)


async def change_draft(intake: Intake, request: Request) -> None:
    """Handles PUT /declarations/{id}: what the body names is changed."""
    card = await intake.operator(request, "submit", "change")
    said = await read_object(request, ignored=ANSWERED)
    known = await find(intake, request, card)
    if known.number:
        raise impossible(intake, known)
    request.check_if_match(known.etag(intake.today()))
    at, line = intake.now(), line_from(changed(msgspec.to_builtins(content(known)), said))
    judgement, _ = await judged(intake, card, line, at)
    drafted = Entry(line, judgement, card, known.declaration_id.bytes, 0, False, at, at)
    version = _revised(drafted, known.row["revision"] + 1)
    arguments = (UUID(bytes=card.operator_id), known.declaration_id, known.row["revision"])
    if await intake.pool.fetchval(_SQL["replace_draft"], *arguments, _record(drafted, version)) is None:
        raise RefusedError("version_outdated", etag=(await find(intake, request, card)).etag(intake.today()))
    await answer_version(intake, request, version, judgement.problems)


async def delete_draft(intake: Intake, request: Request) -> None:
    """Handles DELETE /declarations/{id}: what is submitted can only be withdrawn."""
    card = await intake.operator(request, "submit", "change")
    known = await find(intake, request, card)
    if known.number:
        raise impossible(intake, known)
    request.check_if_match(known.etag(intake.today()))
    await intake.pool.execute(_SQL["delete_draft"], UUID(bytes=card.operator_id), known.declaration_id)
    await request.answer(200, b"{}")


async def submit_draft(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/{id}/submit.

    The version is in the journal before the draft goes. If this process dies in between, the draft is seen no
    more, and the same request sent again ends what was begun: it does not submit twice.
    """
    card = await intake.operator(request, "submit")
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
        guards.append(version_guard(intake, card, entry.declaration_id, 1))
        await intake.journal.add(keys.shard_of(card.operator_id, intake.journal.shards), entry, guards=guards)
        failpoint("submit.journaled")
        accepted_total.inc()
        known = version_of(entry)
    await intake.pool.execute(_SQL["delete_draft"], operator_id, known.declaration_id)
    await answer_version(intake, request, known, ())


def _revised(drafted: Entry, revision: int) -> Version:
    version = version_of(drafted)
    version.row["revision"] = revision
    return version


def _record(drafted: Entry, version: Version) -> str:
    """Writes a draft as the row of its table."""
    fleet: Any = drafted.judged.fleet
    lists = {"plates": fleet.plates, "plate_keys": fleet.plate_keys, "weights": fleet.weights}
    return _encode(version.row | lists).decode()
