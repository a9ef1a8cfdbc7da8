"""The pages that officers look at: the look-up, a declaration with its history, the code on a copy."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from reports.lookup import Question, present
from reports.pages import showing
from reports.pages.frame import framed
from reports.pages.roadside_visit import instant, own_form, signed_in, typed
from reports.refusal import RefusedError
from reports.roadside import declarations
from reports.roadside.answering import answered, judged
from reports.roadside.asking import Ask, Asked, declaration_named
from reports.roadside.batch import Suggestion, near_misses
from reports.roadside.codes import code_answer
from reports.roadside.routes import copy_answer
from schemas.codes import COUNTRIES, REGISTRATION_COUNTRIES
from validate.plates import plate_key
from web.catalogues import translations

#: Declarations on a page; more than these are summed up, and narrowed by the driver.
_SHOWN = 3
_MOST_PLATES = 40
_SIGNED = [code for code in REGISTRATION_COUNTRIES if code in COUNTRIES]


@get("/roadside")
async def look_up(request: Ask) -> Response[str]:
    """The look-up, and below it the answer to what was asked."""
    who, session = await signed_in(request)
    given = typed(request.query_params, "plate", "country", "driver", "at", "purpose")
    shown: dict[str, Any] = {"given": given, "answer": None, "near": (), "wrong": "", "countries_asked": _SIGNED}
    if given["plate"]:
        try:
            shown |= await _judged(who, given)
        except ValueError:
            shown["wrong"] = translations(who.language).gettext("A plate has 2 to 15 letters and digits.")
    return framed(request, session, "lookup.html", shown)


@get("/roadside/declarations/{declaration:str}")
async def one_declaration(request: Ask, declaration: str) -> Response[str]:
    """A declaration with its history."""
    who, session = await signed_in(request)
    given = typed(request.query_params, "at", "purpose")
    at = instant(given["at"], who.host) or present()
    named = await declaration_named(who.parts, declaration)
    told = named and await declarations.declaration(who.parts, named, who.host, at)
    await who.log("declaration", declaration, told.standing if told else "NOT_FOUND", given["purpose"] or None)
    if not told:
        raise RefusedError("not_found")
    shown = {
        "told": told,
        "declared": showing.declared_facts(told, who.language),
        "operator": showing.operator_facts(told, who.language),
        "since": [showing.change_text(change, who.language) for change in told.changed_since],
        "events": showing.events(told, who.language),
        "most_plates": _MOST_PLATES,
        "given": given,
    }
    return framed(request, session, "declaration.html", shown)


@get("/roadside/declarations/{declaration:str}/copy")
async def copy(request: Ask, declaration: str) -> Response[bytes]:
    """The driver's copy of a declaration as it stood, as a PDF."""
    who, _ = await signed_in(request)
    given = typed(request.query_params, "at", "purpose")
    return await copy_answer(who, declaration, instant(given["at"], who.host) or present(), given["purpose"] or None)


@post("/roadside/code", status_code=200)
async def by_code(request: Ask) -> Response[Any]:
    """Says whether the scanned or pasted code is genuine; a number leads to its declaration."""
    who, session = await signed_in(request)
    code = str((await own_form(request)).get("code", ""))[:2_000].strip()
    named = await declaration_named(who.parts, code)
    if named is not None:
        return Redirect(f"/roadside/declarations/{named}", status_code=303)
    answer = await code_answer(who.parts, code, who.host)
    await who.log("code", answer.copy.number if answer.copy else code[-40:], answer.verdict, None)
    return framed(request, session, "code.html", {"answer": answer})


async def _judged(who: Asked, given: Mapping[str, str]) -> dict[str, Any]:
    """Looks a plate up as GET /lookup does. Raises `ValueError` for what can be no plate."""
    plate = plate_key(given["plate"])
    if not 2 <= len(plate.key) <= 15:
        raise ValueError(given["plate"])
    at = instant(given["at"], who.host) or present()
    country = given["country"] if given["country"] in COUNTRIES else None
    question = Question(plate, who.host, at, _SHOWN, country, given["driver"] if len(given["driver"]) > 1 else None)
    judgement, met = await judged(who.parts, question)
    await who.log("plate", given["plate"], judgement.verdict.code, given["purpose"] or None)
    answer = await answered(who.parts, judgement, met, who.language)
    near: tuple[Suggestion, ...] = ()
    if answer.verdict == "NONE":
        near = (await near_misses(who.parts, given["plate"], who.host, at)).suggestions
    since = {
        one.declaration_id: [showing.change_text(change, who.language) for change in one.changed_since]
        for one in answer.declarations
    }
    return {"answer": answer, "near": near, "since": since}


HANDLERS: list[HTTPRouteHandler] = [look_up, one_declaration, copy, by_code]
