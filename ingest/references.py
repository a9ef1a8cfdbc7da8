"""/declarations/by-reference/{ref}: found and put by what a transport-management system calls a declaration.

Putting the same twice makes one declaration. It lives under its reference until it is withdrawn or has expired;
the next put makes a new one then.
"""

import hashlib
from uuid import UUID

import asyncpg
import msgspec

from ingest.actions import noted
from ingest.bodies import Said, present, read_object
from ingest.declarations import drafts
from ingest.declarations.answers import ANSWERED, detail
from ingest.declarations.changes import AMENDABLE, amended, answer_version, twice
from ingest.declarations.filters import Filters
from ingest.declarations.judging import judged, line_from
from ingest.declarations.versions import Version, every_version
from ingest.http import RefusedError, Request
from ingest.intake import Intake, approved
from ingest.journal import Guard, VersionConflictError
from ingest.mail import email_submitted
from ingest.paging import flag
from schemas import keys
from schemas.declaration import WIRE_NAMES
from schemas.frame import Entry
from schemas.identity import declaration_id
from schemas.operator import OperatorCard
from schemas.problem import Problem

_encode = msgspec.json.Encoder().encode
_LONGEST = 100
Made = tuple[Version, tuple[Problem, ...], int]


async def read_by_reference(intake: Intake, request: Request) -> None:
    """Handles GET /declarations/by-reference/{ref}: the one that lives under it, else the last that did."""
    operator_id, today = UUID(bytes=(await intake.operator(request, "read")).operator_id), intake.today()
    living, versions = await _under(intake, operator_id, reference_of(request))
    if not versions:
        raise RefusedError("not_found")
    found = living or versions[-1]
    await request.answer_unless_known(_encode(detail(found, today)), found.etag(today))


@noted("declaration.put")
async def put_by_reference(intake: Intake, request: Request) -> None:
    """Handles PUT /declarations/by-reference/{ref}: makes it or changes it, and submits it unless `draft` is asked."""
    as_draft = flag(request.parameters(), "draft")
    credential, named = await intake.caller(request, "prepare" if as_draft else "submit", "change")
    card, reference = await intake.card(credential, named), reference_of(request)
    said = present(await read_object(request, ignored=ANSWERED | {"operatorId"}))
    said[WIRE_NAMES["external_reference"]] = reference

    async def attempt() -> None:
        await intake.journal.check_room()
        living, versions = await _under(intake, UUID(bytes=card.operator_id), reference)
        if living is not None:
            request.check_if_match(living.etag(intake.today()))
        elif request.header(b"if-match"):
            raise RefusedError("not_found")
        if living is not None and living.number:
            if credential.under_four_eyes and not approved(request):
                raise RefusedError("operator_wants_four_eyes")  # it would change what is submitted
            # What the body does not say is not said any more.
            whole: Said = dict.fromkeys(AMENDABLE) | said
            version, warnings = await amended(intake, card, living, whole, registered=False)
            await answer_version(intake, request, version, warnings)
            return
        times = sum(bool(version.number) for version in versions)
        version, warnings, status = await _make(intake, card, said, living, times, as_draft=as_draft)
        if version.number:
            await email_submitted(intake, version, request)
        await answer_version(intake, request, version, warnings, status)

    await twice(attempt)


def reference_of(request: Request) -> str:
    """Gives the reference in the path. Raises `RefusedError` if it is too long for one."""
    reference = str(request.scope["path_params"]["reference"]).removeprefix("/")
    if not 1 <= len(reference) <= _LONGEST:
        raise RefusedError("not_found")
    return reference


async def _make(
    intake: Intake, card: OperatorCard, said: Said, known: Version | None, times: int, *, as_draft: bool
) -> Made:
    """Makes what was said a draft, or submits it; `known` is the draft that lives under the reference."""
    at, line = intake.now(), line_from(said)
    reference = said[WIRE_NAMES["external_reference"]]
    judgement, guards = await judged(intake, card, line, at, registered=False)
    identifier = known.declaration_id if known else declaration_id(intake.fresh_id(), 1)
    status = 200 if known else 201
    if not as_draft:
        entry = Entry(line, judgement, card, identifier.bytes, 1, False, at, at)
        shard = keys.shard_of(card.operator_id, intake.journal.shards)
        digest = hashlib.sha256(reference.encode()).hexdigest()
        once = Guard(keys.reference(shard, UUID(bytes=card.operator_id), digest), times + 1)
        return await drafts.submit(intake, entry, (once, *guards)), judgement.problems, status
    drafted = Entry(line, judgement, card, identifier.bytes, 0, False, at, at)
    if known is not None:
        replaced = await drafts.replace(intake, known, drafted)
        if replaced is None:
            raise VersionConflictError(frozenset())
        return replaced, judgement.problems, status
    try:
        return await drafts.insert(intake, drafted, reference), judgement.problems, status
    except asyncpg.UniqueViolationError as error:
        raise VersionConflictError(frozenset()) from error


async def _under(intake: Intake, operator_id: UUID, reference: str) -> tuple[Version | None, list[Version]]:
    """Finds the declaration that lives under a reference, and all that ever did, in the order of their making."""
    found = [
        version
        async for versions in every_version(intake, operator_id, Filters(reference=reference))
        for version in versions
    ]
    by_state = {version.state(intake.today()): version for version in found}
    return by_state.get("SUBMITTED") or by_state.get("DRAFT"), found
