"""The first page: what ends soon, what waits to be submitted, what authorities ask for."""

from datetime import timedelta

from ingest.declarations.reading import list_declarations
from ingest.pages.declarations import Declarations
from ingest.pages.visit import AnyResponse, Visit
from ingest.requests import RequestPage, list_requests

#: Days ahead in which an end is soon.
SOON = 30
_SHOWN = 10


async def show(visit: Visit) -> AnyResponse:
    """Shows what there is to do."""
    if not visit.signed_in:
        return visit.go("/sign-in")
    last = visit.intake.today() + timedelta(days=SOON)
    wanted = {"status": "SUBMITTED", "endDateTo": str(last)}
    ending = await _read(visit, wanted)
    drafts = await _read(visit, {"status": "DRAFT"})
    active = await _read(visit, {"status": "SUBMITTED"})
    asked = await visit.read(list_requests, RequestPage, query={"limit": str(_SHOWN), "running": "true"})
    soonest = sorted(ending.items, key=lambda one: one.end_date)[:_SHOWN]
    return visit.page(
        "overview.html",
        {
            "ending": soonest,
            "ending_count": ending,
            "all_ending": visit.seal(wanted),
            "drafts": drafts.items[:_SHOWN],
            "drafts_count": drafts,
            "all_drafts": visit.seal({"status": "DRAFT"}),
            "asked": asked.items,
            "active_count": active,
            "all_active": visit.seal({"status": "SUBMITTED"}),
        },
    )


async def _read(visit: Visit, wanted: dict[str, str]) -> Declarations:
    return await visit.read(list_declarations, Declarations, query=wanted | {"limit": "250", "fields": "full"})
