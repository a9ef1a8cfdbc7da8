"""POST /declarations/bulk: an upload of any length, judged line by line, in the journal before the answer.

Up to some hundred thousand lines go into the journal in one commit, all or nothing. A longer upload goes in
by portions, with its progress in the same commits; broken off, it goes on when it is sent again with the same key.
"""

import asyncio
import codecs
import hashlib
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import chain, compress
from uuid import UUID

import msgspec
from msgspec.structs import astuple

from ingest.body import Block, blocks, parts
from ingest.findings import Findings
from ingest.http import RefusedError, Request
from ingest.idempotency import Claim, KeyReusedError
from ingest.intake import Intake, idempotency_key
from ingest.journal import FRAME_ROWS, Guard, JournalFullError, Lease, Record, SealedFrame, seal
from ingest.language import language_of
from ingest.metrics import accepted_total, count_judged
from ingest.receipt import RECEIPT_SECONDS, Receipt, ReceiptBody, instant
from ingest.records import Records
from ingest.registry import Credential
from schemas import keys
from schemas.declaration import DeclarationLine
from schemas.frame import Entries
from schemas.identity import MAX_LINE, declaration_id, number_of, submission_id
from schemas.keys import shard_of
from schemas.limits import LIMITS
from schemas.operator import OperatorCard
from schemas.problem import Problem
from validate.contract import explain
from validate.judge import Row, is_suspicious
from validate.problems import NOTHING, Found, problem, refuses
from validate.repeats import repeated

#: So much of frames waits in memory for one commit; about 250 000 declarations.
PORTION_BYTES = 16 << 20

_FULL_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2
_UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
#: Stands for the operator of a line for whom the caller may not speak.
_NOBODY = OperatorCard(bytes(16), "")
_NO_SHARD = -1
_decode = msgspec.json.Decoder(DeclarationLine).decode
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
        data = block.data
        if self.lines == 0 and data.startswith(codecs.BOM_UTF8):
            data = data[len(codecs.BOM_UTF8) :]  # a byte order mark before the first line is no part of it
        lines = data.split(b"\n")
        lines.pop()  # the last newline ends a line and begins none
        if self.lines < self._claim.lines < self.lines + len(lines):
            # The first try ended its last portion within this block: look there whether it had the same lines.
            cut = _after_lines(block.data, self._claim.lines - self.lines)
            await self.take(Block(block.data[:cut]))
            await self.take(Block(block.data[cut:]))
            return
        if self.lines + len(lines) > MAX_LINE:
            raise RefusedError("too_many_lines", maximum=MAX_LINE)
        numbers: Sequence[int] = range(self.lines + 1, self.lines + 1 + len(lines))
        self.lines += len(lines)
        suspicious = is_suspicious(data)
        decoded = _decode_all(data, lines)
        if decoded is None:
            numbers, lines, decoded = self._decode_each(numbers, lines)
            data = _joined(lines)
        rows = list(map(astuple, decoded))
        twice = repeated(data, lines, rows) if decoded else {}
        refused = await self._judge_lines(numbers, decoded, rows, twice, suspicious=suspicious) if decoded else ()
        if refused:
            data = _joined([line for place, line in enumerate(lines) if place not in refused])
        self._hash(block.data, data)
        self.findings.end_block()
        if self.lines == self._claim.lines and self.fingerprint != self._claim.prefix:
            raise KeyReusedError

    def _hash(self, came: bytes, accepted: bytes) -> None:
        """Adds a block to both digests; they are one while every byte that came was accepted."""
        if self._accepted_lines is self._body and accepted is not came:
            self._accepted_lines = self._body.copy()
        self._body.update(came)
        if self._accepted_lines is not self._body:
            self._accepted_lines.update(accepted)

    def _decode_each(
        self, numbers: Sequence[int], lines: Sequence[bytes]
    ) -> tuple[list[int], list[bytes], list[DeclarationLine]]:
        """Decodes line by line, so that a bad line is told from its good neighbours; gives those that are good."""
        good, kept, decoded = [], [], []
        for number, line in zip(numbers, lines, strict=True):
            line = line.removesuffix(b"\r")
            if not line.strip():
                self.findings.skip(number)
                continue
            try:
                decoded.append(_decode(line))
            except _UNDECODABLE:
                self._find(number, explain(line))
            else:
                good.append(number)
                kept.append(line)
        return good, kept, decoded

    async def _judge_lines(
        self,
        numbers: Sequence[int],
        decoded: Sequence[DeclarationLine],
        rows: Sequence[Row],
        twice: dict[int, Found],
        *,
        suspicious: bool,
    ) -> set[int]:
        """Judges decoded lines and gathers what is accepted for the journal; gives the places of the refused.

        `rows` are the lines taken apart, `twice` what is said of fields that stand twice on them.
        """
        cards = await self._cards(decoded)
        unnamed, spelled_out = await self._spell_out(decoded, cards)
        if spelled_out:
            rows = list(map(astuple, decoded))
        establishments = [card.country for card in cards]
        judged = self._judge.judge_all(rows, establishments, suspicious=suspicious, spelled_out=True)
        problems = judged.problems | unnamed
        for place, found in twice.items():
            problems[place] = problems.get(place, NOTHING) + found
        refused = self._tell(numbers, problems)
        self.accepted += len(decoded) - len(refused)
        shards = self._shards(cards)
        for place in chain(refused, range(bisect_right(numbers, self._claim.lines))):
            shards[place] = _NO_SHARD  # it is refused, or an earlier try has put it into the journal
        ids = [self._prefix + number.to_bytes(4) for number in numbers]
        for shard in set(shards) - {_NO_SHARD}:
            mine = [each == shard for each in shards]
            entries = self._entries[shard]
            entries.add_first(
                self._claim.received_at,
                compress(rows, mine),
                compress(judged.carriages, mine),
                compress(judged.fleets, mine),
                compress(cards, mine),
                compress(ids, mine),
            )
            if len(entries) >= FRAME_ROWS:
                self._seal(shard)
        return refused

    async def _cards(self, decoded: Sequence[DeclarationLine]) -> list[OperatorCard]:
        """Finds the operator of each line: the one it names or the caller's, `_NOBODY` where it may not be."""
        names = [line.operator_id for line in decoded]
        distinct = {name for name in names if name is not None}
        known = await self._intake.registry.cards(self._credential, distinct)
        own = self._own or _NOBODY
        return [own if name is None else known.get(name, _NOBODY) for name in names]

    async def _spell_out(
        self, decoded: Sequence[DeclarationLine], cards: Sequence[OperatorCard]
    ) -> tuple[dict[int, Found], bool]:
        """Writes out on the lines what they name, and says whether any named something.

        Gives what is said where the caller may not, or nothing has the name, by the place of the line.
        """
        problems: dict[int, Found] = {}
        if spelled_out := await self._records.load(decoded, cards):
            found = map(self._records.spell_out, decoded, cards)
            problems.update((place, about) for place, about in enumerate(found) if about)
        if _NOBODY in cards:
            nobodys = (place for place, card in enumerate(cards) if card is _NOBODY)
            problems.update((place, (self._not_delegated(decoded[place]),)) for place in nobodys)
        return problems, spelled_out

    def _tell(self, numbers: Sequence[int], problems: Mapping[int, tuple[Problem, ...]]) -> set[int]:
        """Keeps what was found on lines, by their places, and counts it; gives the places of the refused."""
        refused = set()
        for place, found in problems.items():
            accepted = not refuses(found)
            self.findings.add(numbers[place], accepted, found)
            count_judged(accepted, found)
            if not accepted:
                refused.add(place)
        return refused

    def _shards(self, cards: Sequence[OperatorCard]) -> list[int]:
        operators = [card.operator_id for card in cards]
        shards = {operator: shard_of(operator, self._intake.journal.shards) for operator in set(operators)}
        return [shards[operator] for operator in operators]

    def _not_delegated(self, line: DeclarationLine) -> Problem:
        if line.operator_id is None:
            return problem("operator_missing", "/operatorId")
        return problem("operator_not_delegated", "/operatorId", operator=line.operator_id)

    def _find(self, number: int, problems: tuple[Problem, ...]) -> None:
        self.findings.add(number, False, problems)
        count_judged(False, problems)

    def _seal(self, shard: int) -> None:
        frame = seal(self._entries.pop(shard))
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


def _decode_all(data: bytes, lines: Sequence[bytes]) -> list[DeclarationLine] | None:
    """Decodes the lines of a block, or says None if one is refused, empty or ended by CRLF."""
    if b"\r" in data:
        return None
    try:
        return list(map(_decode, lines))
    except _UNDECODABLE:
        return None


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"".join([line + b"\n" for line in lines])


def _after_lines(data: bytes, lines: int) -> int:
    """Gives the place in a block after its first `lines` lines."""
    at = 0
    for _ in range(lines):
        at = data.index(b"\n", at) + 1
    return at
