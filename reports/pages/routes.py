"""Routes of the officers' pages. Every page that shows what was declared is logged before it goes out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from reports.lookup import Question, present
from reports.pages import sessions, showing
from reports.pages.frame import MAY_AUDIT, PAGES, framed, say
from reports.pages.sessions import COOKIE, VISITOR_COOKIE, Session
from reports.refusal import RefusedError, problem_document
from reports.roadside import controls, declarations
from reports.roadside.asking import Ask, Asked, declaration_named
from reports.roadside.batch import Suggestion, near_misses
from reports.roadside.codes import code_answer
from reports.roadside.controls import OUTCOMES, ControlParameters, NewControl
from reports.texts import texts
from schemas import statements
from schemas.codes import COUNTRIES, REGISTRATION_COUNTRIES
from validate.plates import plate_key
from web.assets import static_files
from web.choice import language_of

if TYPE_CHECKING:
    from reports.app import Parts

_FOLDER = Path(__file__).parent
_SQL = statements.load("reports", "roadside_sessions")
#: Declarations on a page; more than these are summed up, and narrowed by the driver.
_SHOWN = 3
_MOST_PLATES = 40
_LOG_PAGE = 50
#: What the form of a control has; the last two are read before they are taken.
_CONTROL = (
    "plate",
    "plateCountry",
    "place",
    "driverLastName",
    "driverLicenceNumber",
    "outcome",
    "note",
    "at",
    "declaration",
)


@get("/", include_in_schema=False)
async def home() -> Redirect:
    """Leads to the look-up."""
    return Redirect("/roadside")


@get("/sign-in")
async def sign_in_page(request: Ask) -> Response[str]:
    """Asks for the officer's token."""
    return _sign_in(request)


@post("/sign-in", status_code=200)
async def sign_in(request: Ask) -> Response[Any]:
    """Takes the token and opens a session."""
    form = await request.form()
    if not sessions.is_ours(request.cookies.get(VISITOR_COOKIE, ""), form.get("_csrf_token")):
        return _sign_in(request, wrong="form_outdated")
    parts: Parts = request.app.state.parts
    try:
        officer = await parts.officers.identify(f"Bearer {str(form.get('token', '')).strip()}")
    except RefusedError:
        return _sign_in(request, wrong="token_wrong")
    secret = await sessions.open_session(parts.pool, officer)
    answer = Redirect("/roadside", status_code=303)
    answer.set_cookie(sessions.cookie(COOKIE, secret, https=_https(request)))
    return answer


@post("/sign-out", status_code=200)
async def sign_out(request: Ask) -> Response[Any]:
    """Ends the session."""
    await _form(request)
    parts: Parts = request.app.state.parts
    await sessions.close_session(parts.pool, request.cookies.get(COOKIE, ""))
    answer = Redirect("/sign-in", status_code=303)
    answer.set_cookie(sessions.cookie(COOKIE, "", https=_https(request)))
    return answer


@get("/roadside")
async def look_up(request: Ask) -> Response[str]:
    """The look-up, and below it the answer to what was asked."""
    who, session = await _signed_in(request)
    given = _given(request.query_params, "plate", "country", "driver", "at", "purpose", "after")
    shown: dict[str, Any] = {"given": given, "answer": None, "near": (), "wrong": "", "countries_asked": _SIGNED}
    if given["plate"]:
        try:
            shown |= await _judged(request, who, given)
        except ValueError:
            shown["wrong"] = "plate_wrong"
    return framed(request, session, "lookup.html", shown)


@get("/roadside/declarations/{declaration:str}")
async def one_declaration(request: Ask, declaration: str) -> Response[str]:
    """A declaration with its history."""
    who, session = await _signed_in(request)
    given = _given(request.query_params, "at", "purpose")
    at = _instant(given["at"], who.host) or present()
    named = await declaration_named(who.parts, declaration)
    told = named and await declarations.declaration(who.parts, named, who.host, at)
    await who.log("declaration", declaration, told.standing if told else "NOT_FOUND", given["purpose"] or None)
    if not told:
        raise RefusedError("not_found")
    language = language_of(request)
    shown = {
        "told": told,
        "declared": showing.declared_facts(told, language),
        "operator": showing.operator_facts(told, language),
        "since": [showing.change_text(change, language) for change in told.changed_since],
        "events": showing.events(told, language),
        "most_plates": _MOST_PLATES,
    }
    return framed(request, session, "declaration.html", shown)


@post("/roadside/code", status_code=200)
async def by_code(request: Ask) -> Response[Any]:
    """Says whether the scanned or pasted code is genuine; a number leads to its declaration."""
    who, session = await _signed_in(request)
    code = str((await _form(request)).get("code", ""))[:2_000].strip()
    named = await declaration_named(who.parts, code)
    if named is not None:
        return Redirect(f"/roadside/declarations/{named}", status_code=303)
    answer = await code_answer(who.parts, code, who.host)
    await who.log("code", answer.copy.number if answer.copy else code[-40:], answer.verdict, None)
    return framed(request, session, "code.html", {"answer": answer})


@get("/roadside/controls")
async def list_controls(request: Ask) -> Response[str]:
    """The form of a control, and the controls of the officer's state."""
    who, session = await _signed_in(request)
    given = _given(request.query_params, *_CONTROL, "driver", "saved", "startKey")
    return await _controls(request, who, session, given)


@post("/roadside/controls", status_code=200)
async def record_control(request: Ask) -> Response[Any]:
    """Keeps a control."""
    who, session = await _signed_in(request)
    form = await _form(request)
    given = _given(form, *_CONTROL, "driver", "saved", "startKey")
    said: dict[str, Any] = {name: given[name] for name in _CONTROL[:-2] if given[name]}
    if (at := _instant(given["at"], who.host)) is not None:
        said["at"] = at
    try:
        new = msgspec.convert(said, NewControl)
        named = await declaration_named(who.parts, given["declaration"]) if given["declaration"] else None
        await controls.record(who.parts.pool, who.officer, new, named)
    except (msgspec.ValidationError, RefusedError) as error:
        wrong = problem_document(error).detail if isinstance(error, RefusedError) else str(error)
        return await _controls(request, who, session, given, wrong)
    return Redirect("/roadside/controls?saved=1", status_code=303)


@get("/roadside/audit")
async def audit(request: Ask) -> Response[str]:
    """The log of what officers of the state read, for auditors."""
    who, session = await _signed_in(request)
    if who.officer.role not in MAY_AUDIT:
        raise RefusedError("role_missing", role=who.officer.role, roles=", ".join(MAY_AUDIT))
    given = _given(request.query_params, "sought", "before")
    before = int(given["before"]) if given["before"].isdigit() else None
    rows = await who.parts.pool.fetch(_SQL["log"], who.host, before, given["sought"] or None, _LOG_PAGE + 1)
    await who.log("audit", given["sought"] or "*", "READ", None)
    page = rows[:_LOG_PAGE]
    shown = {"rows": page, "given": given, "next": page[-1]["lookup_id"] if len(rows) > _LOG_PAGE else None}
    return framed(request, session, "audit.html", shown)


async def _judged(request: Ask, who: Asked, given: Mapping[str, str]) -> dict[str, Any]:
    """Looks a plate up as GET /lookup does. Raises `ValueError` for what can be no plate."""
    plate = plate_key(given["plate"])
    if not 2 <= len(plate.key) <= 15:
        raise ValueError(given["plate"])
    at = _instant(given["at"], who.host) or present()
    country = given["country"] if given["country"] in COUNTRIES else None
    question = Question(plate, who.host, at, _SHOWN, country, given["driver"] if len(given["driver"]) > 1 else None)
    judgement = await who.parts.lookup.judge(question)
    await who.log("plate", given["plate"], judgement.verdict.code, given["purpose"] or None)
    answer = await who.parts.lookup.answer(judgement)
    near: tuple[Suggestion, ...] = ()
    if answer.verdict == "NONE":
        near = (await near_misses(who.parts, given["plate"], who.host, at)).suggestions
    met = await controls.of_vehicle(who.parts.pool, who.host, plate.key, at)
    reasons = showing.reasons(answer, language_of(request))
    after = {}
    for declaration in answer.declarations:
        row = msgspec.structs.asdict(declaration)
        after[declaration.declaration_id] = controls.seen_before(
            [one for one in met if controls.concerns(one, row)], row
        )
    return {"answer": answer, "near": near, "reasons": reasons, "controls": met[-2:], "after": after}


async def _controls(
    request: Ask, who: Asked, session: Session, given: Mapping[str, str], wrong: str = ""
) -> Response[str]:
    parameters = ControlParameters(limit=20, start_key=given.get("startKey") or None)
    page = await controls.page(who.parts.pool, who.host, parameters)
    await who.log("controls", "*", "READ", None)
    shown = {"page": page, "given": given, "wrong": wrong, "outcomes": OUTCOMES}
    return framed(request, session, "controls.html", shown, status=422 if wrong else 200)


async def _signed_in(request: Ask) -> tuple[Asked, Session]:
    parts: Parts = request.app.state.parts
    session = await sessions.session(parts.pool, request.cookies.get(COOKIE))
    return Asked(parts, session.officer), session


async def _form(request: Ask) -> Mapping[str, Any]:
    """Reads a form that is ours. Raises `RefusedError`."""
    form = await request.form()
    if not sessions.is_ours(request.cookies.get(COOKIE, ""), form.get("_csrf_token")):
        raise RefusedError("unauthorised")
    return form


def _sign_in(request: Ask, wrong: str = "") -> Response[str]:
    secret = request.cookies.get(VISITOR_COOKIE) or sessions.new_secret()
    words = texts(language_of(request))
    shown = {
        "csrf_token": sessions.form_token(secret),
        "say": partial(say, words["page"]),
        "wrong": wrong,
        "session": None,
        "may_audit": False,
    }
    page = PAGES.page(request, "sign_in.html", shown, status=422 if wrong else 200)
    page.set_cookie(sessions.cookie(VISITOR_COOKIE, secret, https=_https(request)))
    return page


def _given(source: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: str(source.get(name) or "").strip()[:500] for name in names}


def _instant(text: str, host: str) -> datetime | None:
    """Reads an instant: of a form, by the host's clocks, or with its offset; None for nothing or what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(COUNTRIES[host].zone))).astimezone(UTC)


def _https(request: Ask) -> bool:
    return request.url.scheme == "https"


def refuse(request: Ask, error: RefusedError) -> Response[Any]:
    """Answers with a page instead of a problem document; who is not signed in is led to signing in."""
    if error.code == "unauthorised":
        return Redirect("/sign-in", status_code=303)
    document = problem_document(error)
    words = texts(language_of(request))["page"]
    title = words["not_found"] if document.status == 404 else document.title
    return PAGES.error(request, document.status, title, document.detail)


_SIGNED = [code for code in REGISTRATION_COUNTRIES if code in COUNTRIES]
_HANDLERS: list[HTTPRouteHandler] = [
    home,
    sign_in_page,
    sign_in,
    sign_out,
    look_up,
    one_declaration,
    by_code,
    list_controls,
    record_control,
    audit,
]
ROUTES: list[Router] = [
    Router("/", route_handlers=[*_HANDLERS], exception_handlers={RefusedError: refuse}),
    static_files(),
    create_static_files_router("/officers", directories=[_FOLDER / "static"], name="officers"),
]
