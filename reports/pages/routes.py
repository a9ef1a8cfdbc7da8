"""Routes of the officers' pages. Every page that shows what was declared is logged before it goes out."""

from pathlib import Path

from litestar import Router, get
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from reports.pages import audit, controls, desk, lookups, offline, openid, searches, signing_in
from reports.pages.roadside_visit import refuse
from reports.refusal import RefusedError
from web.assets import COMPRESSED, static_files


@get("/", include_in_schema=False)
async def home() -> Redirect:
    """Leads to the look-up."""
    return Redirect("/roadside")


_HANDLERS = [
    home,
    *signing_in.HANDLERS,
    *openid.HANDLERS,
    *lookups.HANDLERS,
    *searches.HANDLERS,
    *controls.HANDLERS,
    *audit.HANDLERS,
    *offline.HANDLERS,
]
ROUTES: list[Router] = [
    Router("/", route_handlers=[*_HANDLERS], exception_handlers={RefusedError: refuse}),
    *desk.ROUTES,
    static_files(),
    create_static_files_router(
        "/officers", directories=[Path(__file__).parent / "static"], middleware=[COMPRESSED], name="officers"
    ),
]
