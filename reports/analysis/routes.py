"""What the application adds to its routes for the analyses."""

from litestar.handlers import HTTPRouteHandler

from reports.analysis.figures import FIGURE_ROUTES
from reports.analysis.hints import HINT_ROUTES

ROUTES: list[HTTPRouteHandler] = [*HINT_ROUTES, *FIGURE_ROUTES]
