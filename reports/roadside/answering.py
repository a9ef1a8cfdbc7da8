"""The answer to a look-up with what came before and after: controls of the vehicle, and what was changed since."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from reports.answer import Change, FoundDeclaration, LookupAnswer
from reports.lookup import Judgement, Question
from reports.roadside import controls
from reports.roadside.controls import Control, concerns, earlier_control, seen_before
from reports.roadside.history import changes
from schemas import statements

if TYPE_CHECKING:
    from reports.app import Parts

_SQL = statements.load("reports", "roadside")
_SHOWN = 2


async def judged(parts: "Parts", question: Question) -> tuple[Judgement, tuple[Control, ...]]:
    """Judges, and gives the controls of the vehicle before the instant, oldest first: Postgres finds them meanwhile.

    Raises what `Lookup.judge` raises, and asyncpg's errors.
    """
    met = asyncio.create_task(controls.of_vehicle(parts.pool, question.host, question.plate.key, question.at))
    try:
        judgement = await parts.lookup.judge(question)
    except BaseException:
        met.cancel()
        raise
    return judgement, await met


async def answered(parts: "Parts", judgement: Judgement, met: Sequence[Control], language: str) -> LookupAnswer:
    """Says what a look-up found, `met` being earlier controls. Raises what `Lookup.answer` raises, asyncpg's errors."""
    answer = await parts.lookup.answer(judgement, language)
    changed = await _changed(parts, answer)
    if not met and not changed:
        return answer
    return msgspec.structs.replace(
        answer,
        declarations=tuple(_marked(one, met, changed.get(one.declaration_id, ())) for one in answer.declarations),
        controls=tuple(map(earlier_control, met[-_SHOWN:])),
    )


async def _changed(parts: "Parts", answer: LookupAnswer) -> dict[UUID, tuple[Change, ...]]:
    """Says what was changed since the instant, by declaration."""
    stood = {one.declaration_id: one.version for one in answer.declarations if one.newest_version > one.version}
    if not stood:
        return {}
    rows = await parts.pool.fetch(_SQL["versions"], list(stood), answer.host)
    found = {}
    for declaration_id, group in groupby(rows, key=lambda row: row["declaration_id"]):
        versions: list[Any] = list(group)
        then = next((row for row in versions if row["version"] == stood[declaration_id]), None)
        if then is not None:  # a version that was erased meanwhile tells nothing
            found[declaration_id] = changes(then, versions[-1])
    return found


def _marked(found: FoundDeclaration, met: Sequence[Control], changed: tuple[Change, ...]) -> FoundDeclaration:
    row = {name: getattr(found, name) for name in found.__struct_fields__}
    earlier = seen_before([one for one in met if concerns(one, row)], row)
    return msgspec.structs.replace(found, changed_since=changed, after_controls=tuple(map(earlier_control, earlier)))
