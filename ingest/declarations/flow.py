"""A change of a driver's or fleet's record on its way into the active declarations that name it.

First the record changes in Postgres, then its revision in the journal's guards: who spelled out the old record and
is not in the journal by then is refused and reads again; who is in the journal is found here. So none slips
through, and all of them become new versions in one commit. If this process dies in between, the record's
`flowed_revision` says that the way is not over, and the worker goes it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from ingest.declarations.changes import twice, version_guard
from ingest.declarations.filters import Filters
from ingest.declarations.lines import judge_spelled_out, line_of, microseconds, version_of
from ingest.declarations.versions import Version, every_version
from ingest.intake import Intake
from ingest.journal import FRAME_ROWS, Guard, SealedFrame, VersionConflictError, seal
from schemas import keys
from schemas.declaration import DeclarationLine
from schemas.frame import Entries, Entry
from schemas.operator import OperatorCard
from schemas.problem import Problem
from validate.problems import problem

Change = Callable[[DeclarationLine], None]
_UNCOMPARED = ("version", "accepted_at")
_MOST_REFUSALS = 25
#: No request is at work for longer than this.
LONGEST = timedelta(minutes=2)


@dataclass(slots=True)
class Flow:
    """What a change does: the versions `before` and `after` it, and why some would be refused."""

    before: list[Version] = field(default_factory=list)
    after: list[Version] = field(default_factory=list)
    refusals: list[Problem] = field(default_factory=list)
    frames: list[SealedFrame] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)


def active(intake: Intake, *, driver_id: UUID | None = None, named_fleet_id: UUID | None = None) -> Filters:
    """Lets through the declarations that count now or later, of a driver or with a fleet."""
    return Filters(
        withdrawn=False, end_from=intake.today(), driver_id=driver_id, named_fleet_id=named_fleet_id, drafts=False
    )


async def any_active(intake: Intake, operator_id: UUID, filters: Filters) -> bool:
    """Says whether `filters` let any declaration through."""
    async for versions in every_version(intake, operator_id, filters, plates=False):
        if versions:
            return True
    return False


async def plan(intake: Intake, card: OperatorCard, filters: Filters, change: Change) -> Flow:
    """Finds what a change does to the declarations that `filters` let through; nothing is written."""
    at, flow, entries = intake.now(), Flow(), Entries()
    judge = intake.judge_on(at)
    async for versions in every_version(intake, UUID(bytes=card.operator_id), filters):
        for version in versions:
            line = line_of(version)
            change(line)
            judgement = judge_spelled_out(judge, line, card.country, suspicious=False)
            entry = Entry(
                line,
                judgement,
                card,
                version.declaration_id.bytes,
                version.number + 1,
                False,
                at,
                microseconds(version.row["submitted_at"]),
            )
            after = version_of(entry)
            if judgement.refused and len(flow.refusals) < _MOST_REFUSALS:
                flow.refusals.append(_would_be_refused(version, judgement.problems))
            if judgement.refused or _same(version, after):
                continue
            flow.before.append(version)
            flow.after.append(after)
            flow.guards.append(version_guard(intake, card, entry.declaration_id, entry.version))
            entries.add(entry)
            if len(entries) == FRAME_ROWS:
                flow.frames.append(seal(entries))
                entries = Entries()
    if len(entries):
        flow.frames.append(seal(entries))
    return flow


async def commit(intake: Intake, card: OperatorCard, flow: Flow) -> None:
    """Puts all new versions into the journal, or none. Raises `VersionConflictError`."""
    if flow.frames:
        shard = keys.shard_of(card.operator_id, intake.journal.shards)
        await intake.journal.commit({shard: flow.frames}, guards=flow.guards)


async def announce(intake: Intake, card: OperatorCard, record_id: UUID, revision: int) -> None:
    """Makes a record's revision the one that new declarations must have read; a newer one stays."""
    shard = keys.shard_of(card.operator_id, intake.journal.shards)
    try:
        await intake.journal.commit({}, guards=[Guard(keys.revision(shard, record_id), revision)])
    except VersionConflictError:
        return


async def carry(
    intake: Intake, card: OperatorCard, record_id: UUID, revision: int, filters: Filters, change: Change
) -> None:
    """Carries a record's revision into what `filters` let through, as new versions in one commit.

    Raises `VersionConflictError` if the declarations keep changing meanwhile.
    """
    await announce(intake, card, record_id, revision)

    async def attempt() -> None:
        await commit(intake, card, await plan(intake, card, filters, change))

    await twice(attempt)


def _would_be_refused(version: Version, found: tuple[Problem, ...]) -> Problem:
    (first, *_) = (one for one in found if one.severity == "reject")
    return problem("change_refused", first.pointer, declaration=version.declaration_id, reason=first.text)


def _same(before: Version, after: Version) -> bool:
    return all(before.row[name] == value for name, value in after.row.items() if name not in _UNCOMPARED)
