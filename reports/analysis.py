"""Routes of the analyses: the worklist of hints, the risk card, performance indicators, facts and figures.

What concerns persons or single operators is shown to officers only, for their own host state, and each reading is
logged. Indicators and facts are public, as the Scoreboard is; only officers have them computed anew.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch
from litestar.datastructures import State
from litestar.response import Stream
from msgspec import Meta, Struct

from reports import figures, scoreboard
from reports.checks import hints
from reports.checks.catalogue import Severity, patterns
from reports.checks.hints import Format, Hint, HintUnknownError, Place, Run, Tally, Wanted
from reports.checks.hints import State as HintState
from reports.figures import Facts
from reports.indicators import SetName, indicators, requests_behind
from reports.lookup_log import Entry
from reports.officers import Officer
from reports.refusal import RefusedError
from reports.risk import risk_card
from reports.scoreboard import Form, Page
from schemas.codes import country as iso_country
from store.operators import OperatorUnknownError

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_MEDIA = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}
_LONGEST_PERIOD = timedelta(days=5 * 366)
_FRESH = timedelta(hours=1)
_MAY_JUDGE = ("desk", "coordinator", "administrator")
_computing = asyncio.Lock()
_encode = msgspec.json.Encoder().encode

Ask = Request[Any, Any, State]
T = TypeVar("T", bound=Struct)


class WorklistParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /hints: which hints, a page of them, and why they are read."""

    state: HintState | None = None
    pattern: Annotated[str, Meta(pattern=r"^P\d{2}$")] | None = None
    operator_id: UUID | None = None
    severity: Severity | None = None
    limit: Annotated[int, Meta(ge=1, le=250)] = 50
    after_weight: float | None = None
    after_id: int | None = None
    purpose: Annotated[str, Meta(max_length=500)] | None = None


class ExportParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /hints/export."""

    format: Format = "ndjson"
    state: HintState | None = None
    pattern: Annotated[str, Meta(pattern=r"^P\d{2}$")] | None = None
    operator_id: UUID | None = None
    severity: Severity | None = None
    purpose: Annotated[str, Meta(max_length=500)] | None = None


class PurposeParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of a reading that needs no more than its purpose."""

    purpose: Annotated[str, Meta(max_length=500)] | None = None


class HintChange(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /hints/{hint_id}."""

    state: HintState
    note: Annotated[str, Meta(max_length=2_000)] | None = None


class PeriodParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of indicators and facts: the days of the period, both included, and the form of the answer."""

    since: date
    until: date
    requests: SetName = "road"
    format: Form = "json"


class Worklist(Struct, frozen=True, rename="camel"):
    """A page of the worklist; `next` goes back as afterWeight and afterId."""

    hints: list[Hint]
    tallies: list[Tally]
    last_run: Run | None
    next: Place | None


class PatternShown(Struct, frozen=True, rename="camel"):
    """One pattern of the catalogue."""

    code: str
    title: str
    severity: Severity
    weight: float
    legal_basis: str
    description: str
    needs: str | None


@get("/patterns")
async def list_patterns() -> Response[bytes]:
    """Lists the patterns that the checks look for."""
    names = PatternShown.__struct_fields__
    shown = [PatternShown(*(getattr(pattern, name) for name in names)) for pattern in patterns().values()]
    return _answer(_encode(shown))


@get("/hints")
async def list_hints(request: Ask) -> Response[bytes]:
    """Gives a page of the officer's worklist, the heaviest hints first."""
    officer = await _officer(request)
    asked = _parameters(request, WorklistParameters)
    wanted = _wanted(officer, asked)
    after = None
    if asked.after_weight is not None and asked.after_id is not None:
        after = Place(asked.after_weight, asked.after_id)
    async with request.app.state.parts.pool.acquire() as connection:
        page = await hints.worklist(connection, wanted, after, asked.limit)
        tallies = await hints.tallies(connection, officer.host)
        run = await hints.last_run(connection)
    following = Place(page[-1].weight, page[-1].hint_id) if len(page) == asked.limit else None
    await _log(request, officer, "hints", str(asked.operator_id or asked.pattern or "all"), asked.purpose, len(page))
    return _answer(_encode(Worklist(page, tallies, run, following)))


@get("/hints/export")
async def export_hints(request: Ask) -> Stream:
    """Gives all hints of the officer's host state as NDJSON or CSV."""
    officer = await _officer(request)
    asked = _parameters(request, ExportParameters)
    await _log(request, officer, "hints", "export", asked.purpose, None)

    async def lines() -> AsyncIterator[bytes]:
        async with request.app.state.parts.pool.acquire() as connection:
            async for piece in hints.export(connection, _wanted(officer, asked), asked.format):
                yield piece

    return Stream(lines(), media_type=_MEDIA[asked.format], headers=_HEADERS)


@get("/hints/{hint_id:int}")
async def show_hint(request: Ask, hint_id: int) -> Response[bytes]:
    """Gives one hint with its evidence."""
    officer = await _officer(request)
    purpose = _parameters(request, PurposeParameters).purpose
    try:
        async with request.app.state.parts.pool.acquire() as connection:
            hint = await hints.hint_of(connection, hint_id, officer.host)
    except HintUnknownError:
        raise RefusedError("not_found") from None
    await _log(request, officer, "hint", str(hint_id), purpose, 1)
    return _answer(_encode(hint))


@patch("/hints/{hint_id:int}")
async def change_hint(request: Ask, hint_id: int) -> Response[bytes]:
    """Sets a hint's state and note."""
    officer = await _officer(request)
    if officer.role not in _MAY_JUDGE:
        raise RefusedError("role_missing", role=officer.role, roles=", ".join(_MAY_JUDGE))
    try:
        change = msgspec.json.decode(await request.body(), type=HintChange)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("parameter_wrong", name="body", reason=str(error)) from error
    try:
        async with request.app.state.parts.pool.acquire() as connection:
            hint = await hints.change(connection, hint_id, officer.host, change.state, change.note, officer.officer_id)
    except HintUnknownError:
        raise RefusedError("not_found") from None
    await _log(request, officer, "hint", str(hint_id), f"marked {change.state}", 1)
    return _answer(_encode(hint))


@get("/operators/{operator_id:uuid}/risk")
async def show_risk(request: Ask, operator_id: UUID) -> Response[bytes]:
    """Gives an operator's risk card: licence, managers, risk band, and the hints of the officer's host state."""
    officer = await _officer(request)
    purpose = _parameters(request, PurposeParameters).purpose
    try:
        async with request.app.state.parts.pool.acquire() as connection:
            card = await risk_card(connection, operator_id, officer.host, _today())
    except OperatorUnknownError:
        raise RefusedError("not_found") from None
    await _log(request, officer, "operator", str(operator_id), purpose, 1)
    return _answer(_encode(card))


@get("/indicators")
async def show_indicators(request: Ask) -> Response[bytes]:
    """Gives the five performance indicators of a period by Member State."""
    asked = _period(request)
    async with request.app.state.parts.pool.acquire() as connection:
        table = await indicators(connection, asked.requests, asked.since, asked.until, _today())
    return _answer(_encode(table))


@get("/indicators/{member_state:str}/requests")
async def show_requests_behind(request: Ask, member_state: str) -> Response[bytes]:
    """Gives the requests behind a state's numbers: all of the officer's own state, else those that it sent."""
    officer = await _officer(request)
    asked = _period(request)
    state = iso_country(member_state.upper())
    async with request.app.state.parts.pool.acquire() as connection:
        behind = await requests_behind(connection, asked.requests, asked.since, asked.until, _today(), state)
    own = [each for each in behind if officer.host in (state, each.requesting_country)]
    return _answer(_encode(own))


@get("/facts")
async def show_facts(request: Ask) -> Response[bytes]:
    """Gives the scoreboard's page of a period: JSON, text, CSV, Parquet or PDF."""
    asked = _period(request)
    facts = await _facts(request, asked, None)
    async with request.app.state.parts.pool.acquire() as connection:
        table = await indicators(connection, asked.requests, asked.since, asked.until, _today())
    return await _written(Page(facts, table), asked.format)


@get("/facts/own")
async def show_own_facts(request: Ask) -> Response[bytes]:
    """Gives the statistics of postings to the officer's host state, for social partners: no persons, no operators."""
    officer = await _officer(request)
    asked = _period(request)
    return await _written(Page(await _facts(request, asked, officer.host)), asked.format)


@get("/facts/charts/{name:str}")
async def show_chart(request: Ask, name: str) -> Response[bytes]:
    """Gives one of the charts of a period as SVG: origins, hosts or weeks."""
    facts = await _facts(request, _period(request), None)
    drawn = {chart.name: chart.svg for chart in scoreboard.charts(facts)}
    if name not in drawn:
        raise RefusedError("not_found")
    return _answer(drawn[name].encode(), "svg")


#: What reports/app.py adds to its routes.
ROUTES = [
    list_patterns,
    list_hints,
    export_hints,
    show_hint,
    change_hint,
    show_risk,
    show_indicators,
    show_requests_behind,
    show_facts,
    show_own_facts,
    show_chart,
]


async def _officer(request: Ask) -> Officer:
    officer: Officer = await request.app.state.parts.officers.identify(request.headers.get("authorization"))
    return officer


async def _facts(request: Ask, asked: PeriodParameters, host: str | None) -> Facts:
    """Gives kept facts; an officer has them computed when they are missing or no longer fresh, one period at a time.

    Raises `RefusedError`: not_found if they are missing and nobody is there for whom to compute them.
    """
    async with request.app.state.parts.pool.acquire() as connection:
        known = await figures.kept(connection, asked.since, asked.until, host)
    if known is not None and (known.made_at.date() > asked.until or known.made_at > datetime.now(UTC) - _FRESH):
        return known
    if request.headers.get("authorization") is None:
        if known is None:
            raise RefusedError("not_found")
        return known
    await _officer(request)
    options = request.app.state.options
    async with _computing:
        return await figures.facts(options.database_url, options.lake, asked.since, asked.until, host)


async def _written(page: Page, form: Form) -> Response[bytes]:
    return _answer(await asyncio.to_thread(scoreboard.write, page, form), form)


async def _log(request: Ask, officer: Officer, kind: str, sought: str, purpose: str | None, found: int | None) -> None:
    """Logs a reading; nothing is answered before it is on disk."""
    told = "export" if found is None else f"{found} found"
    await request.app.state.parts.log.add(Entry(officer.officer_id, officer.host, kind, sought, purpose, told))


def _wanted(officer: Officer, asked: WorklistParameters | ExportParameters) -> Wanted:
    severities = [asked.severity] if asked.severity else None
    return Wanted(officer.host, asked.state, asked.pattern, asked.operator_id, severities)


def _period(request: Ask) -> PeriodParameters:
    asked = _parameters(request, PeriodParameters)
    if not timedelta(0) <= asked.until - asked.since <= _LONGEST_PERIOD:
        raise RefusedError("parameter_wrong", name="until", reason="a period has 1 day to 5 years")
    return asked


def _parameters(request: Ask, kind: type[T]) -> T:
    given = dict(request.query_params.items())
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$.")
        raise RefusedError("parameter_wrong", name=where.rstrip("`") or "query", reason=text) from error


def _today() -> date:
    return datetime.now(UTC).date()


def _answer(body: bytes, form: str = "json") -> Response[bytes]:
    return Response(body, media_type=_MEDIA[form], headers=dict(_HEADERS))
