"""POST /declarations/bulk: an upload of any length, judged line by line, in the journal before the answer.

Up to some hundred thousand lines go into the journal in one commit, all or nothing. A longer upload goes in
by portions, with its progress in the same commits; broken off, it goes on when it is sent again with the same key.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from uuid import UUID

import msgspec

from ingest.body import blocks, parts
from ingest.findings import Findings
from ingest.http import RefusedError, Request
from ingest.idempotency import Claim, KeyReusedError
from ingest.intake import Intake, idempotency_key
from ingest.journal import JournalFullError, Lease, Record
from ingest.language import language_of
from ingest.metrics import accepted_total
from ingest.receipt import RECEIPT_SECONDS, Receipt, ReceiptBody, instant
from ingest.registry import Credential
from ingest.upload import Upload
from schemas import keys
from schemas.identity import declaration_id, number_of, submission_id

#: So much of frames waits in memory for one commit; about 250 000 declarations.
PORTION_BYTES = 16 << 20

_FULL_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2
_encode = msgspec.json.Encoder().encode


async def submit_bulk(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/bulk."""
    credential, operator_id = await intake.caller(request, "submit", "bulk")
    own = (await intake.registry.cards(credential, (operator_id,))).get(operator_id)
    if own is None and operator_id != str(credential.operator_id):
        raise RefusedError("operator_not_delegated", operator=operator_id)
    dry_run = request.asks(b"dryRun")
    if not dry_run:
        await intake.journal.check_room()
    fresh_id = submission_id(intake.clock.next(), intake.number_secret)
    received_at = intake.now()
    key = idempotency_key(request) or str(fresh_id)
    request.submission_id = str(fresh_id)
    async with AsyncExitStack() as stack:
        if dry_run:
            claim = _unclaimed(fresh_id, received_at)
        else:
            claim = await intake.idempotency.claim(credential.credential_id, key, fresh_id, received_at)
            await stack.enter_async_context(intake.idempotency.held(claim))
            request.submission_id = str(claim.submission_id)
        upload = Upload(intake, credential, own, claim)
        upload.findings.language = language_of(request)
        stack.callback(upload.findings.close)
        async for block in blocks(request.receive, request.header(b"content-encoding").lower()):
            for part in parts(block) if intake.turns.crowded else (block,):
                await intake.turns.take()
                await upload.take(part)
            if upload.sealed_bytes > PORTION_BYTES and claim.receipt is None and not dry_run:
                await _commit_portion(intake, upload, claim)
        receipt = await _finish(intake, credential, upload, claim, dry_run=dry_run)
        await _answer(request, upload, claim, receipt, dry_run=dry_run)


def _unclaimed(fresh_id: UUID, received_at: int) -> Claim:
    """A claim on nothing, for a dry run."""
    return Claim(Lease("", b""), fresh_id, received_at, 0, "", "", None)


async def _commit_portion(intake: Intake, upload: Upload, claim: Claim) -> None:
    """Puts what a long upload has gathered into the journal, with how far it came; waits while that is full."""
    patience = time.monotonic() + _FULL_PATIENCE_SECONDS
    while True:
        try:
            await intake.journal.check_room()
        except JournalFullError:
            if time.monotonic() > patience:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            break
    progress = claim.progress(upload.lines, upload.fingerprint)
    frames, guards = upload.portion()
    await intake.journal.commit(frames, [progress], claim.lease, guards)


async def _finish(intake: Intake, credential: Credential, upload: Upload, claim: Claim, *, dry_run: bool) -> Receipt:
    """Commits the last portion with the receipt, or finds the receipt that the same upload had before."""
    if claim.receipt is not None:
        if claim.fingerprint != upload.fingerprint:
            raise KeyReusedError
        return msgspec.json.decode(claim.receipt, type=Receipt)
    if upload.lines < claim.lines:
        raise KeyReusedError
    if upload.accepted + upload.findings.refused == 0:
        raise RefusedError("body_empty")
    body = ReceiptBody(
        str(claim.submission_id),
        instant(claim.received_at),
        upload.accepted,
        upload.findings.refused,
        upload.digest,
    )
    receipt = intake.signer.receipt(body, upload.findings.warned)
    if not dry_run:
        stored = _encode(receipt)
        fields = {"receipt": stored, "credential": credential.credential_id.bytes}
        by_id = Record(keys.submission(claim.submission_id), fields, RECEIPT_SECONDS)
        records = [claim.done(upload.fingerprint, stored), by_id]
        frames, guards = upload.portion()
        await intake.journal.commit(frames, records, claim.lease, guards)
        accepted_total.inc(receipt.accepted)
    return receipt


async def _answer(request: Request, upload: Upload, claim: Claim, receipt: Receipt, *, dry_run: bool) -> None:
    status = 200 if dry_run else 202
    if "return=representation" in request.header(b"prefer"):
        verdicts = _verdicts(claim.submission_id, upload)
        await request.stream(status, verdicts, b"application/x-ndjson")
    else:
        await request.stream(status, _receipt_pieces(receipt, upload.findings), b"application/json")


def _receipt_pieces(receipt: Receipt, findings: Findings) -> Iterator[bytes]:
    yield _encode(receipt)[:-1] + b',"problems":['
    yield from findings.array(accepted=False)
    yield b'],"warnings":['
    yield from findings.array(accepted=True)
    yield b"]}"


async def _verdicts(submission: UUID, upload: Upload) -> AsyncIterator[bytes]:
    """Writes one verdict a line, in order: accepted with its id and number, or refused with its problems."""
    findings = iter(upload.findings)
    found = next(findings, None)
    piece = bytearray()
    for number in range(1, upload.lines + 1):
        verdict: dict[str, object] = {"line": number, "accepted": True}
        if found is not None and found.line == number:
            verdict |= {"accepted": found.accepted, "problems": found.problems}
            found = next(findings, None)
            if not verdict["problems"]:
                continue  # an empty line
        if verdict["accepted"]:
            declaration = declaration_id(submission, number)
            verdict |= {"declarationId": str(declaration), "declarationNumber": number_of(declaration)}
        piece += _encode(verdict) + b"\n"
        if len(piece) > 64 << 10:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
