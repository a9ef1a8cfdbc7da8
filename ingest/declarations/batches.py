"""Some declarations of one operator under one submission: judged one by one, submitted in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ingest.declarations.lines import judge_spelled_out, version_of
from ingest.declarations.versions import Version
from ingest.intake import Intake
from ingest.journal import FRAME_ROWS, Guard, Lease, Record, SealedFrame, seal
from ingest.metrics import accepted_total, count_judged
from ingest.records import Records
from schemas import keys
from schemas.declaration import DeclarationLine
from schemas.frame import Entries, Entry
from schemas.identity import declaration_id
from schemas.operator import OperatorCard
from schemas.problem import Problem


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found out about one line; `version` is what it becomes, None if it is refused."""

    version: Version | None
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Batch:
    """Lines judged at an instant (microseconds since 1970), in order, ready for one commit."""

    submission: UUID
    judged: list[Judged] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)


async def judge_all(
    intake: Intake, card: OperatorCard, lines: Sequence[DeclarationLine | None], submission: UUID, at: int
) -> Batch:
    """Judges lines, each by itself; None among them keeps its place and is neither accepted nor refused."""
    batch, judge = Batch(submission), intake.judge_on(at)
    records = Records(intake.pool, intake.journal.shards)
    named = [line for line in lines if line is not None]
    await records.load(named, [card] * len(named))
    for number, line in enumerate(lines, 1):
        if line is None:
            batch.judged.append(Judged(None, ()))
            continue
        if found := records.spell_out(line, card):
            batch.judged.append(Judged(None, found))
            continue
        judgement = judge_spelled_out(judge, line, card.country, suspicious=False)
        if judgement.refused:
            batch.judged.append(Judged(None, judgement.problems))
            continue
        entry = Entry(line, judgement, card, declaration_id(submission, number).bytes, 1, False, at, at)
        batch.entries.append(entry)
        batch.judged.append(Judged(version_of(entry), judgement.problems))
    batch.guards = records.guards()
    return batch


async def submit_all(
    intake: Intake,
    card: OperatorCard,
    batch: Batch,
    records: Sequence[Record] = (),
    lease: Lease | None = None,
    guards: Sequence[Guard] = (),
) -> None:
    """Puts all that was accepted into the journal, or nothing. Raises what the journal's commit raises."""
    for one in batch.judged:
        if one.problems:
            count_judged(one.version is not None, one.problems)
    frames: list[SealedFrame] = []
    for at in range(0, len(batch.entries), FRAME_ROWS):
        entries = Entries()
        for entry in batch.entries[at : at + FRAME_ROWS]:
            entries.add(entry)
        frames.append(seal(entries))
    shard = keys.shard_of(card.operator_id, intake.journal.shards)
    by_shard = {shard: frames} if frames else {}
    await intake.journal.commit(by_shard, records, lease, [*batch.guards, *guards])
    accepted_total.inc(len(batch.entries))
