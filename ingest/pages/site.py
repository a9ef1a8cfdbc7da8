"""Every page of the operators' side, and what shows it."""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from litestar import HttpMethod, Request, route
from litestar.datastructures import CacheControlHeader
from litestar.handlers import BaseRouteHandler
from litestar.router import Router
from litestar.static_files import create_static_files_router

from ingest.http import as_refusal
from ingest.intake import Intake
from ingest.pages import (
    account,
    approvals,
    copies,
    coverage,
    declarations,
    delegations,
    drivers,
    fleets,
    keys,
    matrix,
    overview,
    people,
    requests,
    selected,
    upload,
    vehicles,
    webhooks,
)
from ingest.pages.session import Envelope, begun
from ingest.pages.visit import AnyResponse, ForeignFormError, NotSignedInError, Visit, WaitsForApprovalError
from ingest.registry import KeyUnknownError, OperatorNotDelegatedError
from validate.problems import KINDS
from web.assets import static_files

Show = Callable[[Visit], Awaitable[AnyResponse]]
STATIC = Path(__file__).parent / "static"
#: A form may carry a file of this many bytes; larger ones go over the API.
_MOST_BYTES = 256 << 20

#: By path (a part in braces is a parameter), what answers each method.
SITE: dict[str, dict[HttpMethod, Show]] = {
    "/": {HttpMethod.GET: overview.show},
    "/sign-in": {HttpMethod.GET: account.ask_who, HttpMethod.POST: account.sign_in},
    "/sign-in/key": {HttpMethod.GET: account.ask_key, HttpMethod.POST: account.sign_in_with_key},
    "/sign-out": {HttpMethod.POST: account.sign_out},
    "/my/declarations": {HttpMethod.GET: declarations.show_list, HttpMethod.POST: declarations.search},
    "/my/declarations/new": {HttpMethod.GET: matrix.show, HttpMethod.POST: matrix.declare},
    "/my/declarations/upload": {HttpMethod.GET: upload.show, HttpMethod.POST: upload.take},
    "/my/declarations/selected": {HttpMethod.POST: selected.act},
    "/my/declarations/{declaration_id:str}": {HttpMethod.GET: declarations.show, HttpMethod.POST: declarations.change},
    "/my/declarations/{declaration_id:str}/copy": {HttpMethod.GET: copies.download},
    "/my/drivers": {HttpMethod.GET: drivers.show_list, HttpMethod.POST: drivers.search},
    "/my/drivers/new": {HttpMethod.GET: drivers.show_new, HttpMethod.POST: drivers.create},
    "/my/drivers/{driver_id:str}": {HttpMethod.GET: drivers.show, HttpMethod.POST: drivers.change},
    "/my/vehicles": {HttpMethod.GET: vehicles.show_list, HttpMethod.POST: vehicles.act},
    "/my/fleets/new": {HttpMethod.GET: fleets.show_new, HttpMethod.POST: fleets.create},
    "/my/fleets/{fleet_id:str}": {HttpMethod.GET: fleets.show, HttpMethod.POST: fleets.change},
    "/my/coverage": {HttpMethod.GET: coverage.show},
    "/my/requests": {HttpMethod.GET: requests.show_list},
    "/my/requests/{request_id:str}": {HttpMethod.GET: requests.show, HttpMethod.POST: requests.act},
    "/my/requests/{request_id:str}/{upload_id:str}": {HttpMethod.GET: requests.download},
    "/my/keys": {HttpMethod.GET: keys.show, HttpMethod.POST: keys.act},
    "/my/people": {HttpMethod.GET: people.show, HttpMethod.POST: people.act},
    "/my/delegations": {HttpMethod.GET: delegations.show, HttpMethod.POST: delegations.act},
    "/my/approvals": {HttpMethod.GET: approvals.show, HttpMethod.POST: approvals.act},
    "/my/webhooks": {HttpMethod.GET: webhooks.show_list, HttpMethod.POST: webhooks.create},
    "/my/webhooks/{webhook_id:str}": {HttpMethod.GET: webhooks.show, HttpMethod.POST: webhooks.act},
    "/c/{payload:str}": {HttpMethod.GET: copies.live},
    "/C/{payload:str}": {HttpMethod.GET: copies.live},
}


def pages(intake: Callable[[], Intake]) -> list[BaseRouteHandler | Router]:
    """Makes the routes of all pages; `intake` gives the parts of the process once it runs."""
    own_static = create_static_files_router(
        path="/my/static",
        directories=[STATIC],
        cache_control=CacheControlHeader(max_age=3600, public=True),
        name="operators-static",
    )
    return [*(_mounted(path, shows, intake) for path, shows in SITE.items()), static_files(), own_static]


def _mounted(path: str, shows: dict[HttpMethod, Show], intake: Callable[[], Intake]) -> BaseRouteHandler:
    @route(path, http_method=list(shows), name=f"page {path}", request_max_body_size=_MOST_BYTES, status_code=200)
    async def answer(request: Request[Any, Any, Any]) -> Any:
        parts = intake()
        visit = Visit(parts, _envelope(parts.number_secret), request)
        try:
            return await shows[HttpMethod(request.method)](visit)
        except Exception as error:
            return _refused(visit, error)

    return answer


@cache
def _envelope(secret: bytes) -> Envelope:
    return Envelope(secret)


def _refused(visit: Visit, error: Exception) -> AnyResponse:
    """Shows any error as a page; whoever is not signed in, or no longer, is sent to do so."""
    match error:
        case NotSignedInError() | KeyUnknownError() | OperatorNotDelegatedError():
            return visit.sign_in(begun(), "/sign-in")
        case WaitsForApprovalError():
            return visit.go("/my/approvals", said="asked")
        case ForeignFormError():
            return visit.page("stale.html", status=403)
    refusal = as_refusal(error)
    return visit.page("refused.html", {"found": visit.worded(refusal)}, status=KINDS[refusal.code].status)
