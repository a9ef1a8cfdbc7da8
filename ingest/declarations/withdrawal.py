"""The last version of a declaration, which says that it no longer counts."""

from uuid import UUID

from ingest.actions import noted
from ingest.declarations.changes import answer_version, journal_version, next_version, submitted, twice
from ingest.declarations.lines import judge_spelled_out, line_of, version_of
from ingest.http import Request
from ingest.intake import Intake
from ingest.standing import stop_of_withdrawn
from schemas.frame import Entry


@noted("declaration.withdrawn")
async def withdraw(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/{id}/withdraw."""
    card = await intake.operator(request, "submit", "change")

    async def attempt() -> None:
        version = await submitted(intake, request, card)
        at, line = intake.now(), line_of(version)
        judgement = judge_spelled_out(intake.judge_on(at), line, card.country, suspicious=False)
        entry = next_version(version, Entry(line, judgement, card, b"", 0, True, at, 0))
        await journal_version(intake, entry)
        await stop_of_withdrawn(intake, UUID(bytes=card.operator_id), version.declaration_id)
        await answer_version(intake, request, version_of(entry), ())

    await twice(attempt)
