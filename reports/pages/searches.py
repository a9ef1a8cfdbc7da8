"""Declarations by driver and by operator, for who has no plate."""

from datetime import date

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from reports.desk.parts import identifier
from reports.pages.frame import framed
from reports.pages.roadside_visit import signed_in, typed
from reports.roadside import declarations
from reports.roadside.asking import Ask, Asked
from reports.roadside.declarations import DeclarationList
from web.catalogues import translations

_PAGE = 20
_NOTHING = DeclarationList(())


@get("/roadside/drivers")
async def of_driver(request: Ask) -> Response[str]:
    """A driver's declarations: by licence, or by name and date of birth."""
    who, session = await signed_in(request)
    given = typed(request.query_params, "licence", "name", "born", "purpose", "startKey")
    found, wrong = await _of_driver(who, given)
    shown = {"page": found, "given": given, "wrong": wrong, "asked": any(given.values())}
    return framed(request, session, "drivers.html", shown, status=422 if wrong else 200)


@get("/roadside/operators/{operator:str}")
async def of_operator(request: Ask, operator: str) -> Response[str]:
    """An operator's declarations for the officer's state."""
    who, session = await signed_in(request)
    given = typed(request.query_params, "purpose", "startKey")
    after = identifier(given["startKey"]) if given["startKey"] else None
    found = await declarations.of_operator(who.parts, who.host, identifier(operator), _PAGE, after)
    await who.log("operator", operator, "FOUND" if found.declarations else "NONE", given["purpose"] or None)
    return framed(request, session, "operator.html", {"page": found, "given": given})


async def _of_driver(who: Asked, given: dict[str, str]) -> tuple[DeclarationList, str]:
    """Gives what was found and what is wrong with what was typed."""
    after = identifier(given["startKey"]) if given["startKey"] else None
    born = _day(given["born"])
    if len(given["licence"]) > 2:
        found = await declarations.of_licence(who.parts, who.host, given["licence"], _PAGE, after)
        sought = given["licence"]
    elif len(given["name"]) > 1 and born is not None:
        found = await declarations.of_person(who.parts, who.host, given["name"], born, _PAGE, after)
        sought = f"{given['name']}, {born}"
    elif any(given[name] for name in ("licence", "name", "born")):
        _ = translations(who.language).gettext
        return _NOTHING, _("Give the driving licence number, or the name and the date of birth.")
    else:
        return _NOTHING, ""
    await who.log("driver", sought, "FOUND" if found.declarations else "NONE", given["purpose"] or None)
    return found, ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


HANDLERS: list[HTTPRouteHandler] = [of_driver, of_operator]
