"""Alerts and notifications over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from msgspec import Meta, Struct

from exchange.alerts import NewAlert, acknowledge_alert, alert_of, page_of_alerts, send_alert, withdraw_alert
from exchange.record import Words
from reports.desk.parts import Ask, Asked, answer, asked, body, identifier, parameters


class AlertQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /alerts; `before` begins the next page."""

    direction: Literal["all", "sent", "received"] = "all"
    unacknowledged: bool | None = None
    before: Annotated[int, Meta(ge=1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Withdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """Why an alert is taken back."""

    words: Words


@get("/alerts")
async def listed(request: Ask) -> Response[bytes]:
    """Lists the alerts that the officer's Member State sent and received."""
    who, query = await asked(request), parameters(request, AlertQuery)
    found = await page_of_alerts(
        who.parts.pool,
        who.officer,
        who.language,
        direction=query.direction,
        unacknowledged=query.unacknowledged,
        before=query.before,
        limit=query.limit,
    )
    await who.log("alerts", msgspec.json.encode(query).decode(), f"{len(found)} FOUND")
    next_before = found[-1].number if len(found) == query.limit else None
    return answer({"items": found, "nextBefore": next_before})


@post("/alerts")
async def send(request: Ask) -> Response[bytes]:
    """Sends an alert or a notification."""
    who, new = await asked(request), await body(request, NewAlert)
    return await _shown(who, await send_alert(who.parts.pool, who.officer, new), status=201)


@get("/alerts/{alert_id:str}")
async def read(request: Ask, alert_id: str) -> Response[bytes]:
    """Gives one alert."""
    who = await asked(request)
    return await _shown(who, identifier(alert_id))


@post("/alerts/{alert_id:str}/acknowledge")
async def acknowledge(request: Ask, alert_id: str) -> Response[bytes]:
    """Says that the officer's authority has taken note."""
    who = await asked(request)
    await acknowledge_alert(who.parts.pool, who.officer, identifier(alert_id))
    return await _shown(who, identifier(alert_id))


@post("/alerts/{alert_id:str}/withdraw")
async def withdraw(request: Ask, alert_id: str) -> Response[bytes]:
    """Takes an alert back."""
    who, said = await asked(request), await body(request, Withdrawal)
    await withdraw_alert(who.parts.pool, who.officer, identifier(alert_id), said.words)
    return await _shown(who, identifier(alert_id))


async def _shown(who: Asked, alert_id: UUID, status: int = 200) -> Response[bytes]:
    alert = await alert_of(who.parts.pool, who.officer, alert_id, who.language)
    await who.log("alert", str(alert.number), "READ")
    return answer(alert, status)


ROUTES = [listed, send, read, acknowledge, withdraw]
