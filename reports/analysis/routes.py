"""What the application adds to its routes for the analyses: for programs, and as pages."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from reports.analysis.figures import FIGURE_ROUTES
from reports.analysis.hints import HINT_ROUTES
from reports.pages import analysis, analysis_figures
from reports.pages.roadside_visit import refuse
from reports.refusal import RefusedError

_PAGES = Router(
    "/",
    route_handlers=[*analysis.HANDLERS, *analysis_figures.HANDLERS],
    exception_handlers={RefusedError: refuse},
)
ROUTES: list[HTTPRouteHandler | Router] = [*HINT_ROUTES, *FIGURE_ROUTES, _PAGES]
