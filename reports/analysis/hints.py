"""Routes of the checks: patterns, the worklist of hints, the risk card.

What concerns operators and drivers is shown to officers only, for their own host state, and each reading is logged.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, patch
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec import Meta, Struct

from reports.checks import hints
from reports.checks.catalogue import Severity, patterns
from reports.checks.hints import Format, Hint, HintUnknownError, Place, Run, Tally, Wanted
from reports.checks.hints import State as HintState
from reports.desk.parts import HEADERS, answer, body, parameters
from reports.officers import Officer
from reports.refusal import RefusedError
from reports.risk import risk_card
from reports.roadside.asking import Ask, Asked, asked
from store.operators import OperatorUnknownError
from web.choice import language_of

_MEDIA = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
#: Who marks hints and asks for runs of the checks; who takes all hints away as a file.
MAY_JUDGE = ("desk", "coordinator", "administrator")
MAY_EXPORT = (*MAY_JUDGE, "auditor")


class WorklistParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /hints: which hints, a page of them, and why they are read."""

    state: HintState | None = None
    pattern: Annotated[str, Meta(pattern=r"^P\d{2}$")] | None = None
    operator_id: UUID | None = None
    severity: Severity | None = None
    operator: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    driver: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    plate: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
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
    operator: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    driver: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    plate: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    purpose: Annotated[str, Meta(max_length=500)] | None = None


class PurposeParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of a reading that needs no more than its purpose."""

    purpose: Annotated[str, Meta(max_length=500)] | None = None


class HintChange(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /hints/{hint_id}."""

    state: HintState
    note: Annotated[str, Meta(max_length=2_000)] | None = None


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
async def list_patterns(request: Ask) -> Response[bytes]:
    """Lists the patterns that the checks look for."""
    language = language_of(request)
    names = PatternShown.__struct_fields__
    shown = [PatternShown(*(getattr(pattern, name) for name in names)) for pattern in patterns(language).values()]
    return answer(shown, headers={"content-language": language})


@get("/hints")
async def list_hints(request: Ask) -> Response[bytes]:
    """Gives a page of the officer's worklist, the heaviest hints first."""
    asking = await asked(request)
    query = parameters(request, WorklistParameters)
    wanted = _wanted(asking.host, query)
    after = None
    if query.after_weight is not None and query.after_id is not None:
        after = Place(query.after_weight, query.after_id)
    async with asking.parts.pool.acquire() as connection:
        page = await hints.worklist(connection, wanted, after, query.limit)
        tallies = await hints.tallies(connection, asking.host)
        run = await hints.last_run(connection)
    following = Place(page[-1].weight, page[-1].hint_id) if len(page) == query.limit else None
    await asking.log("hints", str(query.operator_id or query.pattern or "all"), f"{len(page)} found", query.purpose)
    return answer(Worklist(page, tallies, run, following))


@get("/hints/export")
async def export_hints(request: Ask) -> Stream:
    """Gives all hints of the officer's host state as NDJSON or CSV."""
    asking = await asked(request)
    query = parameters(request, ExportParameters)
    return await exported(asking, _wanted(asking.host, query), query.format, query.purpose)


@get("/hints/{hint_id:int}")
async def show_hint(request: Ask, hint_id: int) -> Response[bytes]:
    """Gives one hint with its evidence."""
    asking = await asked(request)
    purpose = parameters(request, PurposeParameters).purpose
    try:
        async with asking.parts.pool.acquire() as connection:
            hint = await hints.hint_of(connection, hint_id, asking.host)
    except HintUnknownError:
        raise RefusedError("not_found") from None
    await asking.log("hint", str(hint_id), "1 found", purpose)
    return answer(hint)


@patch("/hints/{hint_id:int}")
async def change_hint(request: Ask, hint_id: int) -> Response[bytes]:
    """Sets a hint's state and note."""
    asking = await asked(request)
    of_role(asking.officer, MAY_JUDGE)
    change = await body(request, HintChange)
    try:
        async with asking.parts.pool.acquire() as connection:
            hint = await hints.change(
                connection, hint_id, asking.host, change.state, change.note, asking.officer.officer_id
            )
    except HintUnknownError:
        raise RefusedError("not_found") from None
    await asking.log("hint", str(hint_id), "1 found", f"marked {change.state}")
    return answer(hint)


@get("/operators/{operator_id:uuid}/risk")
async def show_risk(request: Ask, operator_id: UUID) -> Response[bytes]:
    """Gives an operator's risk card: licence, managers, risk band, and the hints of the officer's host state."""
    asking = await asked(request)
    purpose = parameters(request, PurposeParameters).purpose
    try:
        async with asking.parts.pool.acquire() as connection:
            card = await risk_card(connection, operator_id, asking.host, datetime.now(UTC).date())
    except OperatorUnknownError:
        raise RefusedError("not_found") from None
    await asking.log("operator", str(operator_id), "1 found", purpose)
    return answer(card)


HINT_ROUTES: list[HTTPRouteHandler] = [
    list_patterns,
    list_hints,
    export_hints,
    show_hint,
    change_hint,
    show_risk,
]


def _wanted(host: str, query: WorklistParameters | ExportParameters) -> Wanted:
    severities = [query.severity] if query.severity else None
    about = (query.operator, query.driver, query.plate)
    return Wanted(host, query.state, query.pattern, query.operator_id, severities, *about)


def of_role(officer: Officer, roles: tuple[str, ...]) -> None:
    """Raises `RefusedError`, role_missing, if an officer has none of the roles."""
    if officer.role not in roles:
        raise RefusedError("role_missing", role=officer.role, roles=", ".join(roles))


async def exported(asking: Asked, wanted: Wanted, form: Format, purpose: str | None) -> Stream:
    """Gives all wanted hints as a file, and logs that they were taken. Raises `RefusedError`."""
    of_role(asking.officer, MAY_EXPORT)
    await asking.log("hints", "export", "export", purpose)

    async def lines() -> AsyncIterator[bytes]:
        async with asking.parts.pool.acquire() as connection:
            async for piece in hints.export(connection, wanted, form):
                yield piece

    named = {"content-disposition": f'attachment; filename="hints-{asking.host}.{form}"'}
    return Stream(lines(), media_type=_MEDIA[form], headers=HEADERS | named)
