"""An upload under way: each block of lines is judged and gathered for the journal by shard.

Nearly all lines are plain (schemas/columns.py): they are judged as columns, and no Python runs for one of them alone.
The others, with escapes, with errors, with names of recorded drivers and fleets, are looked at one by one.
"""

import codecs
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress

import msgspec
import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from ingest.body import Block
from ingest.findings import Findings
from ingest.http import RefusedError
from ingest.idempotency import Claim, KeyReusedError
from ingest.intake import Intake
from ingest.journal import FRAME_ROWS, Guard, SealedFrame, seal
from ingest.metrics import count_judged
from ingest.records import Records
from ingest.registry import Credential
from schemas.columns import PLACE, Columns, columns_of
from schemas.declaration import DeclarationLine
from schemas.distinct import distinct
from schemas.frame import Entries
from schemas.gathered import Gathered, Piece
from schemas.identity import MAX_LINE
from schemas.keys import shard_of
from schemas.limits import LIMITS
from schemas.operator import OperatorCard
from schemas.problem import Problem
from validate.block import BlockJudgements
from validate.contract import explain
from validate.facts import Facts
from validate.judge import is_suspicious
from validate.problems import NOTHING, Found, problem, refuses
from validate.repeats import repeated

_UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
#: Stands for the operator of a line for whom the caller may not speak.
_NOBODY = OperatorCard(bytes(16), "")
_NO_SHARD = -1
_OPERATOR = "operator_id"
_NAMES_A_RECORD = [PLACE["driver_id"], PLACE["named_fleet_id"]]
_decode = msgspec.json.Decoder(DeclarationLine).decode


@dataclass(slots=True)
class _Verdict:
    """What is said of some lines, and how many they are."""

    found: Found
    accepted: bool
    lines: int = 0


class Upload:
    """One upload under way: judges its blocks, gathers frames by shard, keeps count and digest."""

    def __init__(self, intake: Intake, credential: Credential, own: OperatorCard | None, claim: Claim) -> None:
        self._intake = intake
        self._credential = credential
        self._own = own
        self._claim = claim
        self._judge = intake.judge_on(claim.received_at)
        self._block_judge = intake.block_judge_on(claim.received_at)
        self._records = Records(intake.pool, intake.journal.shards)
        self._operators = Facts[str | None](
            (_OPERATOR,),
            lambda columns, lines, _: columns.texts(lines, _OPERATOR),
            lambda _: NOTHING,
            LIMITS.memory.facts,
            LIMITS.memory.plate_bytes,
        )
        self._prefix = claim.submission_id.bytes[:12]
        self._gathered: dict[int, Gathered] = {}
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
        columns = columns_of(data)
        count = len(columns)
        if self.lines < self._claim.lines < self.lines + count:
            # The first try ended its last portion within this block: look there whether it had the same lines.
            cut = _after_lines(block.data, self._claim.lines - self.lines)
            await self.take(Block(block.data[:cut]))
            await self.take(Block(block.data[cut:]))
            return
        if self.lines + count > MAX_LINE:
            raise RefusedError("too_many_lines", maximum=MAX_LINE)
        first = self.lines + 1
        self.lines += count
        refused = await self._take_plain(first, columns)
        others = np.flatnonzero(~columns.plain)
        kept = await self._take_others(first, columns, others) if len(others) else {}
        if refused or len(others):
            data = _accepted(data, columns, refused, kept)
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

    async def _take_plain(self, first: int, columns: Columns) -> set[int]:
        """Judges the plain lines of a block and gathers what is accepted; gives the places of the refused.

        Lines that must be looked at one by one after all are plain no more afterwards.
        """
        columns.plain[columns.spans[:, _NAMES_A_RECORD, 0].any(1)] = False
        operators = self._operators.of(columns, columns.plain)
        names = self._operators.facts
        named, operator_of = distinct(operators, len(names))
        cards = await self._cards([names[place] if place >= 0 else None for place in named])
        if _NOBODY in cards:
            columns.plain[np.array([card is _NOBODY for card in cards])[operator_of]] = False
        if not columns.plain.any():
            return set()
        judged = self._block_judge.judge(columns, [card.country for card in cards], operator_of)
        refused = self._tell(first, judged.problems)
        accepted = columns.plain.copy()
        accepted[list(refused)] = False
        self.accepted += int(np.count_nonzero(accepted))
        accepted[: max(0, self._claim.lines - first + 1)] = False  # an earlier try has put them into the journal
        shards = np.array([self._shard(card.operator_id) for card in cards])[operator_of]
        for shard in set(shards[accepted].tolist()):
            lines = np.flatnonzero(accepted & (shards == shard))
            self._gather(shard, _piece(columns, lines, first, cards, operator_of, judged))
        return refused

    def _gather(self, shard: int, piece: Piece) -> None:
        gathered = self._gathered.get(shard)
        if gathered is None:
            gathered = self._gathered[shard] = Gathered(self._prefix, self._claim.received_at)
        gathered.add(piece)
        if len(gathered) >= FRAME_ROWS:
            self._seal_gathered(shard)

    async def _take_others(self, first: int, columns: Columns, others: NDArray[np.int64]) -> dict[int, bytes]:
        """Looks at lines one by one; gives the accepted among them by their place, as they were judged."""
        places, lines, decoded = [], [], []
        for place in others.tolist():
            line = columns.line(place).removesuffix(b"\r")
            if not line.strip():
                self.findings.skip(first + place)
                continue
            try:
                decoded.append(_decode(line))
            except _UNDECODABLE:
                self._find(first + place, explain(line))
            else:
                places.append(place)
                lines.append(line)
        if not decoded:
            return {}
        refused = await self._judge_each([first + place for place in places], lines, decoded)
        return {place: line for at, (place, line) in enumerate(zip(places, lines, strict=True)) if at not in refused}

    async def _judge_each(
        self, numbers: Sequence[int], lines: Sequence[bytes], decoded: Sequence[DeclarationLine]
    ) -> set[int]:
        """Judges decoded lines and gathers what is accepted for the journal; gives the places of the refused."""
        data = _joined(lines)
        twice = repeated(data, lines, list(map(astuple, decoded)))
        cards = await self._cards([line.operator_id for line in decoded])
        unnamed = await self._spell_out(decoded, cards)
        rows = list(map(astuple, decoded))
        establishments = [card.country for card in cards]
        judged = self._judge.judge_all(rows, establishments, suspicious=is_suspicious(data), spelled_out=True)
        problems = judged.problems | unnamed
        for place, found in twice.items():
            problems[place] = problems.get(place, NOTHING) + found
        refused = self._tell(0, problems, numbers)
        self.accepted += len(decoded) - len(refused)
        shards = [self._shard(card.operator_id) for card in cards]
        earlier = (place for place, number in enumerate(numbers) if number <= self._claim.lines)
        for place in chain(refused, earlier):
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
                self._seal_entries(shard)
        return refused

    async def _cards(self, names: Sequence[str | None]) -> list[OperatorCard]:
        """Finds the operator of each name: the one named or the caller's, `_NOBODY` where it may not be."""
        distinct = {name for name in names if name is not None}
        known = await self._intake.registry.cards(self._credential, distinct)
        own = self._own or _NOBODY
        return [own if name is None else known.get(name, _NOBODY) for name in names]

    async def _spell_out(self, decoded: Sequence[DeclarationLine], cards: Sequence[OperatorCard]) -> dict[int, Found]:
        """Writes out on the lines what they name.

        Gives what is said where the caller may not, or nothing has the name, by the place of the line.
        """
        problems: dict[int, Found] = {}
        if await self._records.load(decoded, cards):
            found = map(self._records.spell_out, decoded, cards)
            problems.update((place, about) for place, about in enumerate(found) if about)
        if _NOBODY in cards:
            nobodys = (place for place, card in enumerate(cards) if card is _NOBODY)
            problems.update((place, (self._not_delegated(decoded[place]),)) for place in nobodys)
        return problems

    def _tell(
        self, first: int, problems: Mapping[int, tuple[Problem, ...]], numbers: Sequence[int] | None = None
    ) -> set[int]:
        """Keeps what was found on lines, by their places, and counts it; gives the places of the refused.

        A line's number is the one at its place in `numbers`, or its place counted from `first`.
        """
        refused = set()
        verdicts: dict[int, _Verdict] = {}  # lines of which the same is said share it
        for place, found in problems.items():
            verdict = verdicts.get(id(found))
            if verdict is None:
                verdict = verdicts[id(found)] = _Verdict(found, not refuses(found))
            verdict.lines += 1
            self.findings.add(numbers[place] if numbers else first + place, verdict.accepted, found)
            if not verdict.accepted:
                refused.add(place)
        for verdict in verdicts.values():
            count_judged(verdict.accepted, verdict.found, verdict.lines)
        return refused

    def _shard(self, operator_id: bytes) -> int:
        return shard_of(operator_id, self._intake.journal.shards)

    def _not_delegated(self, line: DeclarationLine) -> Problem:
        if line.operator_id is None:
            return problem("operator_missing", "/operatorId")
        return problem("operator_not_delegated", "/operatorId", operator=line.operator_id)

    def _find(self, number: int, problems: tuple[Problem, ...]) -> None:
        self.findings.add(number, False, problems)
        count_judged(False, problems)

    def _seal_gathered(self, shard: int) -> None:
        gathered = self._gathered.pop(shard)
        self._keep(shard, SealedFrame(len(gathered), *gathered.seal()))

    def _seal_entries(self, shard: int) -> None:
        self._keep(shard, seal(self._entries.pop(shard)))

    def _keep(self, shard: int, frame: SealedFrame) -> None:
        self.sealed[shard].append(frame)
        self.sealed_bytes += len(frame.data) + len(frame.index)

    def portion(self) -> tuple[dict[int, list[SealedFrame]], list[Guard]]:
        """Seals all that was gathered and hands it over, with what must not have changed meanwhile."""
        for shard in list(self._gathered):
            self._seal_gathered(shard)
        for shard in [shard for shard, entries in self._entries.items() if entries]:
            self._seal_entries(shard)
        frames, self.sealed, self.sealed_bytes = dict(self.sealed), defaultdict(list), 0
        return frames, self._records.guards()


def _piece(
    columns: Columns,
    lines: NDArray[np.int64],
    first: int,
    cards: Sequence[OperatorCard],
    operator_of: NDArray[np.int64],
    judged: BlockJudgements,
) -> Piece:
    """Gives accepted lines as a piece of a frame."""
    carriages, carriage_of = distinct(judged.carriage_of[lines], len(judged.carriages))
    kinds = np.array([judged.carriages[place][:4] for place in carriages], np.bool_)
    fleets, fleet_of = distinct(judged.fleet_of[lines], len(judged.fleets))
    return Piece(
        columns,
        lines,
        (lines + first).astype(np.uint32),
        cards,
        operator_of[lines],
        kinds[carriage_of],
        [judged.fleets[place].written for place in fleets],
        fleet_of,
    )


def _accepted(data: bytes, columns: Columns, refused: set[int], kept: Mapping[int, bytes]) -> bytes:
    """Gives the accepted lines of a block, each followed by a newline; the block itself if those are all."""
    plain = columns.plain.tolist()
    lines = [
        columns.line(place) if plain[place] else kept[place]
        for place in range(len(columns))
        if (place not in refused if plain[place] else place in kept)
    ]
    accepted = _joined(lines)
    return data if accepted == data else accepted


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"".join([line + b"\n" for line in lines])


def _after_lines(data: bytes, lines: int) -> int:
    """Gives the place in a block after its first `lines` lines."""
    at = 0
    for _ in range(lines):
        at = data.index(b"\n", at) + 1
    return at
