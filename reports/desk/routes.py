"""Every address of the desk, and what answers it."""

from litestar.handlers import HTTPRouteHandler

from reports.desk import alerts, authorities, exchanges, files, notices

ROUTES: list[HTTPRouteHandler] = [
    *authorities.ROUTES,
    *exchanges.ROUTES,
    *files.ROUTES,
    *alerts.ROUTES,
    *notices.ROUTES,
]
