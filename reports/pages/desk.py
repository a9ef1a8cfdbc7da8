"""Every page of the desk: lists, exchanges, what is begun, alerts, what is one's own."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from exchange.record import ExchangeRefusedError
from reports.pages import desk_alerts, desk_begin, desk_exchange, desk_list, desk_move, desk_own
from reports.pages.desk_visit import refuse as refuse_exchange
from reports.pages.roadside_visit import refuse
from reports.refusal import RefusedError

_HANDLERS: list[HTTPRouteHandler] = [
    desk_list.listed,
    *desk_begin.ROUTES,
    *desk_exchange.ROUTES,
    *desk_move.ROUTES,
    *desk_alerts.ROUTES,
    *desk_own.ROUTES,
]
ROUTES: list[Router] = [
    Router(
        "/",
        route_handlers=[*_HANDLERS],
        exception_handlers={RefusedError: refuse, ExchangeRefusedError: refuse_exchange},
    )
]
