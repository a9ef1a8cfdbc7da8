"""POST /declarations/submit: one self-contained declaration, submitted at once."""

import hashlib
from typing import NamedTuple
from uuid import UUID

import msgspec

from ingest.body import whole
from ingest.declarations.lines import judge_spelled_out
from ingest.http import RefusedError, Request
from ingest.idempotency import Claim, KeyReusedError
from ingest.intake import Intake, idempotency_key
from ingest.journal import Guard, VersionConflictError
from ingest.language import worded
from ingest.metrics import accepted_total, count_judged
from ingest.receipt import instant
from ingest.records import Records
from schemas.declaration import DeclarationLine
from schemas.frame import Entry
from schemas.identity import declaration_id, number_of, submission_id
from schemas.keys import shard_of
from schemas.limits import LIMITS
from schemas.operator import OperatorCard
from schemas.problem import Problem
from validate.contract import explain
from validate.judge import is_suspicious
from validate.repeats import repeated_alone

_decode = msgspec.json.Decoder(DeclarationLine).decode
_encode = msgspec.json.Encoder().encode
_JSON_CODES = frozenset({"not_json", "empty_line", "invalid_utf8", "byte_order_mark", "nesting_too_deep"})


class Submitted(msgspec.Struct, rename="camel", omit_defaults=True):
    """The answer to a submission: from `receivedAt` on the declaration is on disk."""

    submission_id: str
    declaration_id: str
    declaration_number: str
    received_at: str
    warnings: tuple[Problem, ...] = ()


async def submit_single(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/submit."""
    with intake.turns.short():
        await _submit(intake, request)


async def _submit(intake: Intake, request: Request) -> None:
    credential, operator_id = await intake.caller(request, "submit", "submit")
    card = await intake.card(credential, operator_id)
    await intake.journal.check_room()
    body = await whole(request.receive, LIMITS.line.bytes, request.announced_length)
    line = _decoded(body)
    if line.operator_id is not None and line.operator_id != operator_id:
        card = await intake.card(credential, line.operator_id)
    fresh_id = submission_id(intake.clock.next(), intake.number_secret)
    received_at = intake.now()
    key = idempotency_key(request)
    if not key:
        answer = await _accept(intake, line, card, body, _Moment(fresh_id, received_at, request), None)
    else:
        claim = await intake.idempotency.claim(credential.credential_id, key, fresh_id, received_at)
        if claim.receipt is not None:
            if claim.fingerprint != hashlib.sha256(body).hexdigest():
                raise KeyReusedError
            answer = claim.receipt
        else:
            moment = _Moment(claim.submission_id, claim.received_at, request)
            async with intake.idempotency.held(claim):
                answer = await _accept(intake, line, card, body, moment, claim)
    await request.answer(202, answer)


class _Moment(NamedTuple):
    """A submission's id, its instant in microseconds since 1970, and the request with which it came."""

    submission: UUID
    received_at: int
    request: Request


def _decoded(body: bytes) -> DeclarationLine:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        found = explain(body)
        malformed = any(one.code in _JSON_CODES for one in found)
        count_judged(False, found)
        raise RefusedError("declaration_malformed" if malformed else "declaration_refused", *found) from error


async def _accept(
    intake: Intake, line: DeclarationLine, card: OperatorCard, body: bytes, moment: _Moment, claim: Claim | None
) -> bytes:
    """Journals the declaration; tries again once if what it names was changed between reading and writing."""
    try:
        return await _journal(intake, line, card, body, moment, claim)
    except VersionConflictError:
        return await _journal(intake, _decoded(body), card, body, moment, claim)


async def _journal(
    intake: Intake, line: DeclarationLine, card: OperatorCard, body: bytes, moment: _Moment, claim: Claim | None
) -> bytes:
    """Judges the declaration, puts it into the journal with its receipt, and gives the answer."""
    guards: list[Guard] = []
    twice = repeated_alone(body, line)  # before anything is written on the line that the body does not say
    if line.driver_id or line.named_fleet_id:
        records = Records(intake.pool, intake.journal.shards)
        await records.load([line], [card])
        if found := records.spell_out(line, card):
            count_judged(False, found)
            raise RefusedError("declaration_refused", *found)
        guards = records.guards()
    judge = intake.judge_on(moment.received_at)
    judgement = judge_spelled_out(judge, line, card.country, suspicious=is_suspicious(body))
    found = judgement.problems + twice
    if found:
        count_judged(not judgement.refused, found)
    if judgement.refused:
        raise RefusedError("declaration_refused", *found)
    declaration = declaration_id(moment.submission, 1)
    answer = _encode(
        Submitted(
            str(moment.submission),
            str(declaration),
            number_of(declaration),
            instant(moment.received_at),
            worded(found, moment.request),
        )
    )
    at = moment.received_at
    entry = Entry(line, judgement, card, declaration.bytes, 1, False, at, at)
    record = claim.done(hashlib.sha256(body).hexdigest(), answer) if claim else None
    await intake.journal.add(shard_of(card.operator_id, intake.journal.shards), entry, record, guards)
    accepted_total.inc()
    return answer
