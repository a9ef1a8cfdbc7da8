"""The log of what officers read, for auditors."""

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from reports.pages.frame import framed
from reports.pages.roadside_visit import signed_in, typed
from reports.roadside.asking import MAY_AUDIT, Ask
from schemas import statements

_SQL = statements.load("reports", "roadside_sessions")
_PAGE = 50


@get("/roadside/audit")
async def audit(request: Ask) -> Response[str]:
    """The log of what officers of the state read; reading it is logged too."""
    who, session = await signed_in(request)
    who.of_role(*MAY_AUDIT)
    given = typed(request.query_params, "sought", "before")
    before = int(given["before"]) if given["before"].isdecimal() and len(given["before"]) < 19 else None
    rows = await who.parts.pool.fetch(_SQL["log"], who.host, before, given["sought"] or None, _PAGE + 1)
    await who.log("audit", given["sought"] or "*", "READ", None)
    page = rows[:_PAGE]
    shown = {"rows": page, "given": given, "next": page[-1]["lookup_id"] if len(rows) > _PAGE else None}
    return framed(request, session, "audit.html", shown)


HANDLERS: list[HTTPRouteHandler] = [audit]
