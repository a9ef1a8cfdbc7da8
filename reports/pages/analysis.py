"""Pages of the checks: the worklist of hints, one hint with its evidence, an operator's risk card, runs on demand.

All for the officer's own Member State, and each reading is logged before it is answered.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect, Stream

from reports import demands
from reports.analysis.hints import MAY_EXPORT, MAY_JUDGE, exported, of_role
from reports.checks import hints
from reports.checks.catalogue import Severity, patterns
from reports.checks.hints import Format, HintUnknownError, Place, Wanted
from reports.checks.hints import State as HintState
from reports.checks.scope import Scope
from reports.demands import Demand
from reports.pages import analysis_showing as showing
from reports.pages.frame import framed
from reports.pages.roadside_visit import instant, own_form, signed_in, typed
from reports.refusal import RefusedError
from reports.risk import FORMULA, risk_card
from reports.roadside.asking import Ask, Asked
from store.operators import OperatorUnknownError
from web.choice import language_of

_PAGE = 25
_FILTERS = ("state", "pattern", "severity", "operator", "driver", "plate", "purpose", "confirmedSince")
_ALL = "all"
_LONGEST_NOTE = 2_000


@get("/analysis/hints")
async def list_hints(request: Ask) -> Response[str]:
    """The worklist: the heaviest hints first, narrowed by filters."""
    who, session = await signed_in(request)
    given = _given(request)
    place = typed(request.query_params, "afterWeight", "afterId")
    async with who.parts.pool.acquire() as connection:
        page = await hints.worklist(connection, _wanted(who, given), _place(place), _PAGE)
        tallies = await hints.tallies(connection, who.host)
        run = await hints.last_run(connection)
    await who.log("hints", _sought(given), f"{len(page)} found", given["purpose"] or None)
    shown = {
        "hints": page,
        "given": given,
        "since": instant(given["confirmedSince"], who.host),
        "open": {tally.pattern: tally.hints for tally in tallies if tally.state == "open"},
        "patterns": patterns(language_of(request)),
        "severities": get_args(Severity),
        "states": get_args(HintState),
        "run": run,
        "unknown": [outcome.pattern for outcome in run.results if outcome.status == "unknown"] if run else [],
        "next": _next(given, page[-1]) if len(page) == _PAGE else "",
        "query": urlencode({name: value for name, value in given.items() if value}),
        "may_export": who.officer.role in MAY_EXPORT,
        "may_judge": who.officer.role in MAY_JUDGE,
    }
    return framed(request, session, "analysis/hints.html", shown)


@get("/analysis/hints/export")
async def export_hints(request: Ask) -> Stream:
    """All hints that the filters choose, as a file."""
    who, _ = await signed_in(request)
    of_role(who.officer, MAY_EXPORT)
    given = _given(request)
    form = typed(request.query_params, "format")["format"]
    if form not in get_args(Format):
        raise RefusedError("parameter_wrong", name="format", reason="it is ndjson or csv")
    return await exported(who, _wanted(who, given), form, given["purpose"] or None)  # type: ignore[arg-type]


@get("/analysis/hints/{hint_id:int}")
async def one_hint(request: Ask, hint_id: int) -> Response[str]:
    """One hint: what it is, on which law it stands, its evidence with the declarations behind it."""
    who, session = await signed_in(request)
    given = typed(request.query_params, "purpose", "saved")
    hint = await _hint(who, hint_id)
    await who.log("hint", str(hint_id), "1 found", given["purpose"] or None)
    shown = {
        "hint": hint,
        "pattern": patterns(language_of(request))[hint.pattern],
        "details": await showing.details(who.parts.pool, hint),
        "evidence": showing.evidence(hint),
        "states": get_args(HintState),
        "saved": bool(given["saved"]),
        "may_judge": who.officer.role in MAY_JUDGE,
    }
    return framed(request, session, "analysis/hint.html", shown)


@post("/analysis/hints/{hint_id:int}", status_code=200)
async def mark_hint(request: Ask, hint_id: int) -> Redirect:
    """Sets a hint's state and note."""
    who, _ = await signed_in(request)
    form = await own_form(request)
    of_role(who.officer, MAY_JUDGE)
    state, note = str(form.get("state")), str(form.get("note") or "").strip()[:_LONGEST_NOTE]
    if state not in get_args(HintState):
        raise RefusedError("parameter_wrong", name="state", reason="it is open, seen or closed")
    await _hint(who, hint_id)
    async with who.parts.pool.acquire() as connection:
        marked: HintState = state  # type: ignore[assignment]
        await hints.change(connection, hint_id, who.host, marked, note or None, who.officer.officer_id)
    await who.log("hint", str(hint_id), "1 found", f"marked {state}")
    return Redirect(f"/analysis/hints/{hint_id}?saved=1", status_code=303)


@get("/analysis/operators/{operator_id:uuid}")
async def one_operator(request: Ask, operator_id: UUID) -> Response[str]:
    """An operator's risk card: the band with everything that goes into it, licence, managers, hints."""
    who, session = await signed_in(request)
    purpose = typed(request.query_params, "purpose")["purpose"]
    try:
        async with who.parts.pool.acquire() as connection:
            card = await risk_card(connection, operator_id, who.host, datetime.now(UTC).date())
    except OperatorUnknownError:
        raise RefusedError("not_found") from None
    await who.log("operator", str(operator_id), "1 found", purpose or None)
    shown = {
        "card": card,
        "formula": FORMULA,
        "patterns": patterns(language_of(request)),
        "may_judge": who.officer.role in MAY_JUDGE,
    }
    return framed(request, session, "analysis/operator.html", shown)


@post("/analysis/checks", status_code=200)
async def ask_for_checks(request: Ask) -> Response[Any]:
    """Asks for a run of the checks over one operator, driver or plate, or over the officer's Member State."""
    who, session = await signed_in(request)
    form = await own_form(request)
    of_role(who.officer, MAY_JUDGE)
    given = typed(form, "about", "sought")
    scope = await _scope(who, **given)
    if scope is None:
        return framed(request, session, "analysis/check.html", {"demand": None, "given": given}, status=422)
    async with who.parts.pool.acquire() as connection:
        demand_id = await demands.ask(connection, who.host, who.officer.officer_id, scope)
    await who.log("checks", given["sought"] or given["about"], "ASKED", None)
    return Redirect(f"/analysis/checks/{demand_id}", status_code=303)


@get("/analysis/checks/{demand_id:int}")
async def one_demand(request: Ask, demand_id: int) -> Response[str]:
    """How a run stands that was asked for; the page asks again until it has ended."""
    who, session = await signed_in(request)
    async with who.parts.pool.acquire() as connection:
        demand = await demands.standing(connection, demand_id, who.host)
    if demand is None or demand.kind != "checks":
        raise RefusedError("not_found")
    shown = {"demand": demand, "given": {}, "found_at": _found_at(demand)}
    return framed(request, session, "analysis/check.html", shown)


HANDLERS: list[HTTPRouteHandler] = [
    list_hints,
    export_hints,
    one_hint,
    mark_hint,
    one_operator,
    ask_for_checks,
    one_demand,
]


async def _hint(who: Asked, hint_id: int) -> hints.Hint:
    try:
        async with who.parts.pool.acquire() as connection:
            return await hints.hint_of(connection, hint_id, who.host)
    except (HintUnknownError, asyncpg.DataError):
        raise RefusedError("not_found") from None


def _given(request: Ask) -> dict[str, str]:
    given = typed(request.query_params, *_FILTERS)
    return given | {"state": given["state"] or "open"}


def _wanted(who: Asked, given: Mapping[str, str]) -> Wanted:
    """Reads the filters; a code that there is not asks for nothing less than all."""
    state: Any = given["state"] if given["state"] in get_args(HintState) else None
    pattern = given["pattern"] if given["pattern"] in patterns() else None
    severities: Any = [given["severity"]] if given["severity"] in get_args(Severity) else None
    operator_id = _uuid(given["operator"])
    operator = None if operator_id else given["operator"] or None
    about = (operator, given["driver"] or None, given["plate"] or None)
    since = instant(given["confirmedSince"], who.host)
    return Wanted(who.host, state, pattern, operator_id, severities, *about, since)


def _place(given: Mapping[str, str]) -> Place | None:
    try:
        return Place(float(given["afterWeight"]), int(given["afterId"]))
    except ValueError:
        return None


def _next(given: Mapping[str, str], last: hints.Hint) -> str:
    filters = {name: value for name, value in given.items() if value}
    return "?" + urlencode(filters | {"afterWeight": last.weight, "afterId": last.hint_id})


def _sought(given: Mapping[str, str]) -> str:
    return " ".join(given[name] for name in ("operator", "driver", "plate", "pattern") if given[name]) or _ALL


async def _scope(who: Asked, about: str, sought: str) -> Scope | None:
    """Reads what a run is to be about; None if there is no such operator, or nothing was named."""
    if about == "host":
        return Scope(host=who.host)
    if not sought:
        return None
    if about == "driver":
        return Scope(driver=sought)
    if about == "plate":
        return Scope(plate=sought)
    operator_id = await showing.operator_named(who.parts.pool, sought)
    return Scope(operator_id=operator_id) if operator_id else None


def _found_at(demand: Demand) -> str:
    """Gives the worklist of what a run found, or found again."""
    return "/analysis/hints?" + urlencode({"state": _ALL, "confirmedSince": demand.asked_at.isoformat()})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
