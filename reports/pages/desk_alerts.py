"""Alerts and notifications between authorities as pages: sent, read, acknowledged, taken back."""

from typing import Any, cast

import msgspec
from litestar import Response, get, post

from exchange.alerts import NewAlert, acknowledge_alert, alert_of, page_of_alerts, send_alert, withdraw_alert
from exchange.catalogue import codes, modules
from exchange.directory import Sought, hit
from exchange.record import ExchangeRefusedError, Words
from exchange.texts import table
from reports.desk.parts import Ask, identifier
from reports.pages.desk_form import Filled, filled
from reports.pages.desk_visit import MAY_ACT, Visit, Wrong, visit

_PAGE = 25
_CANDIDATES = 60
_DIRECTIONS = ("received", "sent")


@get("/desk/alerts")
async def listed(request: Ask) -> Response[Any]:
    """Shows the alerts that the officer's Member State sent and received."""
    who = await visit(request)
    direction, before = who.asked("direction"), who.asked("before")
    found = await page_of_alerts(
        who.parts.pool,
        who.officer,
        who.language,
        direction=cast(Any, direction) if direction in _DIRECTIONS else "all",
        unacknowledged=True if who.asked("open") else None,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        limit=_PAGE + 1,
    )
    await who.log("alerts", direction or "all", f"{len(found[:_PAGE])} FOUND")
    given = {"direction": direction, "open": who.asked("open")}
    following = found[_PAGE - 1].number if len(found) > _PAGE else None
    return who.page("alerts.html", {"rows": found[:_PAGE], "given": given, "next": following})


@get("/desk/alerts/new")
async def begin(request: Ask) -> Response[Any]:
    """Shows the form of an alert."""
    who = await visit(request)
    who.needs(MAY_ACT)
    return await _form(who, Filled())


@post("/desk/alerts/new", status_code=200)
async def send(request: Ask) -> Response[Any]:
    """Sends an alert, or a notification to one authority."""
    who = await visit(request)
    who.needs(MAY_ACT)
    form = filled(await who.form())
    if form.text("action") == "find":
        return await _form(who, form)
    kind = next((kind for kind, listed in codes().alert.items() if form.text("category") in listed), "alert")
    known = {name for module in modules().values() for name in module.form}
    said: dict[str, Any] = {
        "kind": kind,
        "category": form.text("category"),
        "fields": {name: value for name in known if (value := form.text(f"field.{name}"))},
        "to": [form.text("authority")] if form.text("authority") else [],
        "words": _words(form),
    }
    try:
        alert_id = await send_alert(who.parts.pool, who.officer, msgspec.convert(said, NewAlert), who.at)
    except msgspec.ValidationError as error:
        return await _form(who, form, Wrong("category", str(error)))
    except ExchangeRefusedError as error:
        path = error.pointer.strip("/")
        field = f"field.{path.partition('/')[2]}" if path.startswith("fields/") else {"to": "authority"}.get(path, path)
        return await _form(who, form, Wrong(field or "category", who.worded(error)))
    return who.go(f"/desk/alerts/{alert_id}", said="sent")


@get("/desk/alerts/{alert_id:str}")
async def show(request: Ask, alert_id: str) -> Response[Any]:
    """Shows one alert."""
    return await _shown(await visit(request), alert_id)


@post("/desk/alerts/{alert_id:str}", status_code=200)
async def act(request: Ask, alert_id: str) -> Response[Any]:
    """Acknowledges an alert, or takes an own one back."""
    who = await visit(request)
    who.needs(MAY_ACT)
    form = filled(await who.form())
    try:
        if form.text("action") == "acknowledge":
            await acknowledge_alert(who.parts.pool, who.officer, identifier(alert_id))
        else:
            words = _words(form)
            if words is None:
                raise ExchangeRefusedError("content_missing", "/words", member="text")
            said = msgspec.convert(words, Words)
            await withdraw_alert(who.parts.pool, who.officer, identifier(alert_id), said)
    except ExchangeRefusedError as error:
        return await _shown(who, alert_id, Wrong("text", who.worded(error)))
    return who.go(f"/desk/alerts/{alert_id}", said=form.text("action"))


async def _shown(who: Visit, alert_id: str, wrong: Wrong | None = None) -> Response[Any]:
    alert = await alert_of(who.parts.pool, who.officer, identifier(alert_id), who.language)
    await who.log("alert", str(alert.number), "READ")
    asked = who.asked("translate") and alert.words
    context = {
        "alert": alert,
        "own": alert.authority == who.officer.authority,
        "translated": await who.parts.translations.one(alert.words, who.language) if asked and alert.words else None,
        "own_language": who.officer.language,
        "wrong": [wrong] if wrong else [],
    }
    return who.page("alert.html", context, status=422 if wrong else 200)


async def _form(who: Visit, form: Filled, wrong: Wrong | None = None) -> Response[Any]:
    words = table(who.language, "alert")
    names = dict.fromkeys(name for module in modules().values() for name in module.form)
    find = form.text("find") or who.asked("find")
    found = (await who.parts.directory.newest()).search(Sought(find, limit=_CANDIDATES)) if find else []
    hits = [hit(one, who.language) for one in found if one.country != who.officer.country]
    context = {
        "categories": [
            (kind, words[kind], [(code, words[code]) for code in codes().alert[kind]]) for kind in codes().alert
        ],
        "fields": [(name, table(who.language, "field")[name], name == "operator_name") for name in names],
        "authorities": [(one.code, f"{one.name} – {one.place}, {one.country_name}") for one in hits],
        "find": find,
        "form": form,
        "own_language": form.text("language") or who.officer.language,
        "wrong": [wrong] if wrong else [],
    }
    return who.page("new_alert.html", context, status=422 if wrong else 200)


def _words(form: Filled) -> dict[str, str] | None:
    return {"text": form.text("text"), "language": form.text("language", "en")} if form.text("text") else None


ROUTES = [listed, begin, send, show, act]
