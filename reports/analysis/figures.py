"""Routes of the figures: performance indicators, facts, charts.

They are public, as the Scoreboard is; only officers have them computed anew.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from reports import figures, scoreboard
from reports.desk.parts import HEADERS, answer, parameters
from reports.figures import Facts
from reports.indicators import SetName, indicators, requests_behind
from reports.refusal import RefusedError
from reports.roadside.asking import Ask, asked
from reports.scoreboard import SPOKEN, Form, Page
from reports.scoreboard_charts import charts
from schemas.codes import country as iso_country
from web.choice import language_of

_MEDIA = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}
LONGEST_PERIOD = timedelta(days=5 * 366)
_FRESH = timedelta(hours=1)
_computing = asyncio.Lock()


class PeriodParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of indicators and facts: the days of the period, both included, form and language of the answer."""

    since: date
    until: date
    requests: SetName = "road"
    format: Form = "json"
    lang: str | None = None  # read as everywhere else, by `language_of`


@get("/indicators")
async def show_indicators(request: Ask) -> Response[bytes]:
    """Gives the five performance indicators of a period by Member State."""
    period = _period(request)
    async with request.app.state.parts.pool.acquire() as connection:
        table = await indicators(connection, period.requests, period.since, period.until, _today())
    return answer(table)


@get("/indicators/{member_state:str}/requests")
async def show_requests_behind(request: Ask, member_state: str) -> Response[bytes]:
    """Gives the requests behind a state's numbers: all of the officer's own state, else those that it sent."""
    asking = await asked(request)
    period = _period(request)
    state = iso_country(member_state.upper())
    async with request.app.state.parts.pool.acquire() as connection:
        behind = await requests_behind(connection, period.requests, period.since, period.until, _today(), state)
    own = [each for each in behind if asking.host in (state, each.requesting_country)]
    return answer(own)


@get("/facts")
async def show_facts(request: Ask) -> Response[bytes]:
    """Gives the scoreboard's page of a period: JSON, text, CSV, Parquet or PDF."""
    period = _period(request)
    facts = await _facts(request, period, None)
    async with request.app.state.parts.pool.acquire() as connection:
        table = await indicators(connection, period.requests, period.since, period.until, _today())
    return await written(Page(facts, table), period.format, language_of(request))


@get("/facts/own")
async def show_own_facts(request: Ask) -> Response[bytes]:
    """Gives the statistics of postings to the officer's host state, for social partners: no persons, no operators."""
    asking = await asked(request)
    period = _period(request)
    return await written(Page(await _facts(request, period, asking.host)), period.format, asking.language)


@get("/facts/charts/{name:str}")
async def show_chart(request: Ask, name: str) -> Response[bytes]:
    """Gives one of the charts of a period as SVG: origins, hosts or weeks."""
    facts = await _facts(request, _period(request), None)
    language = language_of(request)
    drawn = {chart.name: chart.svg for chart in charts(facts, language)}
    if name not in drawn:
        raise RefusedError("not_found")
    return _answer(drawn[name].encode(), "svg", language)


FIGURE_ROUTES: list[HTTPRouteHandler] = [
    show_indicators,
    show_requests_behind,
    show_facts,
    show_own_facts,
    show_chart,
]


async def _facts(request: Ask, period: PeriodParameters, host: str | None) -> Facts:
    """Gives kept facts; an officer has them computed when they are missing or no longer fresh, one period at a time.

    Raises `RefusedError`: not_found if they are missing, or not of whole years, and no officer asks.
    """
    if not figures.is_open(period.since, period.until):
        await asked(request)
    async with request.app.state.parts.pool.acquire() as connection:
        known = await figures.kept(connection, period.since, period.until, host)
    if known is not None and (known.made_at.date() > period.until or known.made_at > datetime.now(UTC) - _FRESH):
        return known
    if request.headers.get("authorization") is None:
        if known is None:
            raise RefusedError("not_found")
        return known
    await asked(request)
    options = request.app.state.options
    async with _computing:
        return await figures.facts(options.database_url, options.lake, period.since, period.until, host)


async def written(page: Page, form: Form, language: str, name: str = "") -> Response[bytes]:
    """Answers with a page in one form; with a `name` browsers keep it as a file of that name."""
    content = await asyncio.to_thread(scoreboard.write, page, form, language)
    answer = _answer(content, form, language if form in SPOKEN else None)
    if name:
        answer.headers["content-disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _period(request: Ask) -> PeriodParameters:
    period = parameters(request, PeriodParameters)
    if not timedelta(0) <= period.until - period.since <= LONGEST_PERIOD:
        raise RefusedError("parameter_wrong", name="until", reason="a period has 1 day to 5 years")
    return period


def _today() -> date:
    return datetime.now(UTC).date()


def _answer(content: bytes, form: str, language: str | None) -> Response[bytes]:
    spoken = {"content-language": language} if language else {}
    return Response(content, media_type=_MEDIA[form], headers=HEADERS | spoken)
