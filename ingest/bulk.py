"""POST /declarations/bulk: an upload of any length, judged line by line, in the journal before the answer.

Up to some hundred thousand lines go into the journal in one commit, all or nothing. A longer upload goes in
by portions, with its progress in the same commits; broken off, it goes on when it is sent again with the same key.
"""

import asyncio
import codecs
import hashlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from uuid import UUID

import msgspec

from ingest.body import Block, blocks
from ingest.declarations.lines import judge_spelled_out
from ingest.findings import Findings
from ingest.http import RefusedError, Request
from ingest.idempotency import Claim, KeyReusedError
from ingest.intake import Intake, idempotency_key
from ingest.journal import FRAME_ROWS, Guard, JournalFullError, Lease, Record, SealedFrame, seal
from ingest.metrics import accepted_total, count_judged
from ingest.receipt import RECEIPT_SECONDS, Receipt, ReceiptBody, instant
from ingest.records import Records
from ingest.registry import Credential
from schemas import keys
from schemas.declaration import DeclarationLine
from schemas.frame import Entries
from schemas.identity import MAX_LINE, declaration_id, number_of, submission_id
from schemas.limits import LIMITS
from schemas.operator import OperatorCard
from schemas.problem import Problem
from validate.contract import explain
from validate.judge import is_suspicious
from validate.problems import problem

#: So much of frames waits in memory for one commit; about 250 000 declarations.
PORTION_BYTES = 16 << 20

_FULL_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2
_decoder = msgspec.json.Decoder(DeclarationLine)
_encode = msgspec.json.Encoder().encode


class Upload:
    """One upload under way: judges its blocks, gathers frames by shard, keeps count and digest."""

    def __init__(self, intake: Intake, credential: Credential, own: OperatorCard | None, claim: Claim) -> None:
        self._intake = intake
        self._credential = credential
        self._own = own
        self._claim = claim
        self._judge = intake.judge_on(claim.received_at)
        self._records = Records(intake.pool, intake.journal.shards)
        self._prefix = claim.submission_id.bytes[:12]
        self._entries: defaultdict[int, Entries] = defaultdict(Entries)
        self._body = hashlib.sha256()
        self._accepted_lines = self._body  # the same bytes until a line is refused, and hashed once till then
        self.sealed: defaultdict[int, list[SealedFrame]] = defaultdict(list)
        self.sealed_bytes = 0
        self.findings = Findings()
        self.lines = 0
        self.accepted = 0

    @property
    def digest(self) -> str:
        """SHA-256 over the accepted lines so far, each followed by a newline."""
        return self._accepted_lines.hexdigest()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that came so far."""
        return self._body.copy().hexdigest()

    async def take(self, block: Block) -> None:
        """Judges a block and gathers what it accepts. Raises `KeyReusedError` if the same key had other lines."""
        if block.too_long:
            self._hash(block.data, b"")
            self.lines += 1
            self._find(self.lines, (problem("line_too_long", maximum=LIMITS.line.bytes),))
            self.findings.end_block()
            return
        count = block.data.count(b"\n")
        if self.lines < self._claim.lines < self.lines + count:
            # The first try ended its last portion within this block: look there whether it had the same lines.
            cut = _after_lines(block.data, self._claim.lines - self.lines)
            await self.take(Block(block.data[:cut]))
            block, count = Block(block.data[cut:]), block.data.count(b"\n", cut)
        data = block.data
        if self.lines == 0 and data.startswith(codecs.BOM_UTF8):
            data = data[len(codecs.BOM_UTF8) :]  # a byte order mark before the first line is no part of it
        if self.lines + count > MAX_LINE:
            raise RefusedError("too_many_lines", maximum=MAX_LINE)
        decoded = self._decode_all(data, count)
        if decoded is None:
            accepted = await self._take_each(data)
        else:
            first = self.lines + 1
            self.lines += count
            accepted = await self._judge_lines(data, decoded, range(first, first + count))
        self._hash(block.data, accepted)
        self.findings.end_block()
        if self.lines == self._claim.lines and self.fingerprint != self._claim.prefix:
            raise KeyReusedError

    def _decode_all(self, data: bytes, count: int) -> list[DeclarationLine] | None:
        """Decodes a block in one call, or says None if a line is refused, empty or ended by CRLF."""
        if b"\r" in data or b"\n\n" in data or data.startswith(b"\n"):
            return None
        try:
            decoded = _decoder.decode_lines(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return decoded if len(decoded) == count else None

    def _hash(self, came: bytes, accepted: bytes) -> None:
        """Adds a block to both digests; they are one while every byte that came was accepted."""
        if self._accepted_lines is self._body and accepted is not came:
            self._accepted_lines = self._body.copy()
        self._body.update(came)
        if self._accepted_lines is not self._body:
            self._accepted_lines.update(accepted)

    async def _take_each(self, data: bytes) -> bytes:
        """Decodes a block line by line, so that a bad line is told from its good neighbours."""
        numbers, decoded, kept = [], [], []
        for line in data[:-1].split(b"\n"):
            self.lines += 1
            line = line.removesuffix(b"\r")
            if not line.strip():
                self.findings.skip(self.lines)
                continue
            try:
                decoded.append(_decoder.decode(line))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                self._find(self.lines, explain(line))
            else:
                numbers.append(self.lines)
                kept.append(line)
        return await self._judge_lines(b"".join(line + b"\n" for line in kept), decoded, numbers)

    async def _judge_lines(self, data: bytes, decoded: Sequence[DeclarationLine], numbers: Sequence[int]) -> bytes:
        """Judges decoded lines; `data` are their bytes, each with a newline, `numbers` their places.

        Returns the bytes of those that are accepted.
        """
        cards = await self._cards(decoded)
        records, suspicious = self._records, is_suspicious(data)
        naming = await records.load(decoded, cards)
        judge = partial(judge_spelled_out, self._judge) if naming else self._judge.judge
        journaled, prefix = self._claim.lines, self._prefix
        shards, refused = self._intake.journal.shards, []
        for place, (line, number, card) in enumerate(zip(decoded, numbers, cards, strict=True)):
            if card is None:
                refused.append(place)
                self._find(number, (self._not_delegated(line),))
                continue
            if naming and (found := records.spell_out(line, card)):
                refused.append(place)
                self._find(number, found)
                continue
            judgement = judge(line, card.country, suspicious=suspicious)
            if judgement.problems:
                self.findings.add(number, not judgement.refused, judgement.problems)
                count_judged(not judgement.refused, judgement.problems)
                if judgement.refused:
                    refused.append(place)
                    continue
            if number > journaled:
                shard = card.operator_id[15] % shards
                entries = self._entries[shard]
                entries.add_first(line, judgement, card, prefix + number.to_bytes(4))
                if len(entries.declarations) >= FRAME_ROWS:
                    self._seal(shard)
        self.accepted += len(decoded) - len(refused)
        return _without(data, refused) if refused else data

    async def _cards(self, decoded: Sequence[DeclarationLine]) -> list[OperatorCard | None]:
        """Finds the operator of each line: the one it names, or the caller's."""
        names = [line.operator_id for line in decoded]
        distinct = set(names)
        if distinct == {None}:
            return [self._own] * len(names)
        distinct.discard(None)
        known = await self._intake.registry.cards(self._credential, distinct)  # type: ignore[arg-type]
        return [self._own if name is None else known.get(name) for name in names]

    def _not_delegated(self, line: DeclarationLine) -> Problem:
        if line.operator_id is None:
            return problem("operator_missing", "/operatorId")
        return problem("operator_not_delegated", "/operatorId", operator=line.operator_id)

    def _find(self, number: int, problems: tuple[Problem, ...]) -> None:
        self.findings.add(number, False, problems)
        count_judged(False, problems)

    def _seal(self, shard: int) -> None:
        entries = self._entries.pop(shard)
        entries.finish_first(self._claim.received_at)
        frame = seal(entries)
        self.sealed[shard].append(frame)
        self.sealed_bytes += len(frame.data) + len(frame.index)

    def portion(self) -> tuple[dict[int, list[SealedFrame]], list[Guard]]:
        """Seals all that was gathered and hands it over, with what must not have changed meanwhile."""
        for shard in [shard for shard, entries in self._entries.items() if entries]:
            self._seal(shard)
        frames, self.sealed, self.sealed_bytes = dict(self.sealed), defaultdict(list), 0
        return frames, self._records.guards()


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
        stack.callback(upload.findings.close)
        async for block in blocks(request.receive, request.header(b"content-encoding").lower()):
            await upload.take(block)
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


def _without(data: bytes, refused: Sequence[int]) -> bytes:
    """Gives the lines of a block without those at the places `refused`."""
    gone = set(refused)
    return b"".join(line + b"\n" for place, line in enumerate(data[:-1].split(b"\n")) if place not in gone)


def _after_lines(data: bytes, lines: int) -> int:
    """Gives the place in a block after its first `lines` lines."""
    at = 0
    for _ in range(lines):
        at = data.index(b"\n", at) + 1
    return at
