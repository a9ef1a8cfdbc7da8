"""The coverage calendar: a row for each driver and country, drawn as a bar of days."""

from datetime import timedelta

from ingest.coverage import read_coverage
from ingest.pages.visit import AnyResponse, Visit
from schemas.coverage import CoverageAnswer

#: Days that the calendar shows from today on.
DAYS = 90
_ROWS = 300


async def show(visit: Visit) -> AnyResponse:
    """Shows which days are covered, all rows or only those with gaps."""
    start = visit.intake.today()
    end = start + timedelta(days=DAYS - 1)
    gaps = visit.request.query_params.get("gaps") == "true"
    query = {"from": str(start), "to": str(end), "uncovered": "true" if gaps else "false"}
    found = await visit.read(read_coverage, CoverageAnswer, query=query)
    days = [start + timedelta(days=number) for number in range(DAYS)]
    months = [(number, day) for number, day in enumerate(days) if day.day == 1]
    rows = sorted(found.items, key=lambda one: (one.driver_full_name, one.posting_country))[:_ROWS]
    context = {"found": found, "rows": rows, "days": DAYS, "months": months, "gaps": gaps, "most": _ROWS}
    return visit.page("coverage.html", context)
