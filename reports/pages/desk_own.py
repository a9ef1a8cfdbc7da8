"""What is the officer's own and the authority's own: notices, subscriptions, templates, four eyes; the directory."""

from typing import Any

from litestar import Response, get, post

from exchange.directory import Sought, hit, set_four_eyes
from exchange.notes import drop_template, subscribe, subscriptions, templates, unsubscribe
from exchange.notices import mark_read, notices_of_officer
from exchange.record import ExchangeRefusedError
from exchange.texts import table
from reports.desk.parts import Ask, identifier
from reports.pages.desk_visit import Visit, visit
from schemas.codes import COUNTRIES

_NOTICES = 200
_AUTHORITIES = 40
_BEGUN_BY = ("open", "send")


@get("/desk/notices")
async def notices(request: Ask) -> Response[Any]:
    """Shows what the officer and the authority were told and nobody has read, or all of it."""
    who = await visit(request)
    every = bool(who.asked("all"))
    found = await notices_of_officer(who.parts.pool, who.officer, who.language, 0, _NOTICES, unread=not every)
    return who.page("notices.html", {"notices": list(reversed(found)), "every": every})


@post("/desk/notices", status_code=200)
async def read(request: Ask) -> Response[Any]:
    """Marks the notices that were shown as read."""
    who = await visit(request)
    form = await who.form()
    shown = [int(one) for one in form.getall("notice", []) if str(one).isdigit()]
    await mark_read(who.parts.pool, who.officer, shown)
    return who.go("/desk/notices", said="read")


@get("/desk/own")
async def own(request: Ask) -> Response[Any]:
    """Shows the officer's subscriptions, the authority's templates, and whether it wants four eyes."""
    who = await visit(request)
    kept = await templates(who.parts.pool, who.officer) if who.officer.authority else []
    moves = table(who.language, "move")
    found = await subscriptions(who.parts.pool, who.officer)
    context = {
        "subscriptions": found,
        "follows_all": next((one for one in found if one.exchange_id is None), None),
        "templates": [
            (one, moves[one.move], f"{one.procedure}.{one.module}" if one.move in _BEGUN_BY else "") for one in kept
        ],
        "modules": table(who.language, "module"),
    }
    return who.page("own.html", context)


@post("/desk/own", status_code=200)
async def change(request: Ask) -> Response[Any]:
    """Subscribes, ends a subscription, drops a template, sets four eyes."""
    who = await visit(request)
    form = await who.form()
    action = str(form.get("action", ""))
    match action:
        case "follow":
            await subscribe(who.parts.pool, who.officer, None, email=form.get("email") == "true")
        case "leave":
            named = str(form.get("exchange", ""))
            await unsubscribe(who.parts.pool, who.officer, identifier(named) if named else None)
        case "drop":
            await drop_template(who.parts.pool, who.officer, identifier(str(form.get("template", ""))))
        case "four_eyes":
            await _four_eyes(who, wanted=form.get("four_eyes") == "true")
    return who.go("/desk/own", said=action)


@get("/desk/authorities")
async def directory(request: Ask) -> Response[Any]:
    """Finds authorities by words in any language."""
    who = await visit(request)
    given = {name: who.asked(name) for name in ("q", "country", "competence")}
    competences = table(who.language, "competence")
    sought = Sought(
        given["q"],
        given["country"] if given["country"] in COUNTRIES else None,
        given["competence"] if given["competence"] in competences else None,
        limit=_AUTHORITIES,
    )
    found = (await who.parts.directory.newest()).search(sought) if any(given.values()) else []
    context = {
        "given": given,
        "found": [hit(one, who.language) for one in found],
        "competences": list(competences.items()),
        "country_codes": sorted(COUNTRIES),
    }
    return who.page("authorities.html", context)


async def _four_eyes(who: Visit, *, wanted: bool) -> None:
    if who.officer.role != "administrator" or who.officer.authority is None:
        raise ExchangeRefusedError("role_missing", role=who.officer.role, roles="administrator")
    await set_four_eyes(who.parts.pool, who.officer.authority, wanted=wanted)


ROUTES = [notices, read, own, change, directory]
