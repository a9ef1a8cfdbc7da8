"""The page of controls: record one, see those of the officer's state."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from reports.pages.frame import framed
from reports.pages.roadside_visit import instant, own_form, signed_in, typed
from reports.pages.sessions import Session
from reports.refusal import RefusedError, problem_document
from reports.roadside import controls
from reports.roadside.asking import Ask, Asked, declaration_named
from reports.roadside.controls import OUTCOMES, ControlParameters, NewControl

#: What goes into a control as it was typed.
_AS_TYPED = ("plate", "plateCountry", "place", "driverLastName", "driverLicenceNumber", "outcome", "note")
_FORM = (*_AS_TYPED, "at", "declaration", "driver", "saved", "startKey")


@get("/roadside/controls")
async def list_controls(request: Ask) -> Response[str]:
    """The form of a control, and the controls of the officer's state."""
    who, session = await signed_in(request)
    return await _controls(request, who, session, typed(request.query_params, *_FORM))


@post("/roadside/controls", status_code=200)
async def record_control(request: Ask) -> Response[Any]:
    """Keeps a control."""
    who, session = await signed_in(request)
    given = typed(await own_form(request), *_FORM)
    said: dict[str, Any] = {name: given[name] for name in _AS_TYPED if given[name]}
    if (at := instant(given["at"], who.host)) is not None:
        said["at"] = at
    try:
        new = msgspec.convert(said, NewControl)
        named = await declaration_named(who.parts, given["declaration"]) if given["declaration"] else None
        await controls.record(who.parts.pool, who.officer, new, named)
    except (msgspec.ValidationError, RefusedError) as error:
        if isinstance(error, RefusedError) and error.code == "role_missing":
            raise
        wrong = problem_document(error, who.language).detail if isinstance(error, RefusedError) else str(error)
        return await _controls(request, who, session, given, wrong)
    return Redirect("/roadside/controls?saved=1", status_code=303)


async def _controls(
    request: Ask, who: Asked, session: Session, given: Mapping[str, str], wrong: str = ""
) -> Response[str]:
    parameters = ControlParameters(limit=20, start_key=given["startKey"] or None)
    page = await controls.page(who.parts.pool, who.host, parameters)
    await who.log("controls", "*", "READ", None)
    shown = {"page": page, "given": given, "wrong": wrong, "outcomes": OUTCOMES}
    return framed(request, session, "controls.html", shown, status=422 if wrong else 200)


HANDLERS: list[HTTPRouteHandler] = [list_controls, record_control]
