"""Pages of the figures: facts and figures of a period with charts, and the performance indicators.

Like the Scoreboard they are public. Officers also see the statistics of their own Member State and the exchanges behind
the indicators, and have a period reckoned that nobody has asked for yet.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from reports import demands, figures
from reports.analysis.figures import LONGEST_PERIOD, written
from reports.analysis.hints import MAY_JUDGE, of_role
from reports.demands import FactsScope
from reports.indicators import SetName, definitions, indicators, requests_behind
from reports.pages.frame import framed
from reports.pages.roadside_visit import own_form, signed_in, typed
from reports.pages.sessions import COOKIE, Session
from reports.refusal import RefusedError
from reports.roadside.asking import Ask, Asked
from reports.scoreboard import Form, Page
from reports.scoreboard_charts import charts
from reports.scoreboard_words import by_name, message
from schemas.codes import POSTING_COUNTRIES
from schemas.codes import country as iso_country
from schemas.writing import number
from web.choice import language_of

_DOWNLOADS: tuple[Form, ...] = ("pdf", "csv", "parquet", "json")


class Period(Struct, frozen=True):
    """What a page of figures is about: days, both included; `own` are the statistics of the officer's state."""

    since: date
    until: date
    own: bool = False
    requests: SetName = "road"

    def query(self, **changes: str) -> str:
        """Gives the period as the query of an address."""
        said = {"since": str(self.since), "until": str(self.until), "requests": self.requests}
        if self.own:
            said["of"] = "own"
        return "?" + "&".join(f"{name}={value}" for name, value in (said | changes).items())


@get("/analysis")
async def home(request: Ask) -> Redirect:
    """Leads officers to their worklist, everybody else to the facts."""
    who, _ = await _who(request)
    return Redirect("/analysis/hints" if who else "/analysis/facts", status_code=303)


@get("/analysis/facts")
async def show_facts(request: Ask) -> Response[Any]:
    """Facts and figures of a period: page, or one of its files."""
    who, session = await _who(request)
    period, language = _period(request), language_of(request)
    if period.own and who is None:
        raise RefusedError("unauthorised")
    host = who.host if who and period.own else None
    pool = request.app.state.parts.pool
    async with pool.acquire() as connection:
        is_shown = who is not None or figures.is_open(period.since, period.until)
        known = await figures.kept(connection, period.since, period.until, host) if is_shown else None
        periods = [one for one in await figures.kept_periods(connection, host) if who or figures.is_open(*one)]
        asker = who.host if who else ""
        is_asked = bool(who) and await demands.is_unmet(connection, asker, _scope(period, host))
        if form := _form_asked(request):
            if known is None:
                raise RefusedError("not_found")
            table = None if period.own else await indicators(connection, *_indicated(period))
            name = f"facts-{host or 'all'}-{period.since}-{period.until}"
            return await written(Page(known, table), form, language, name)
    shown = {
        "period": period,
        "facts": known,
        "message": message(known, language, _written) if known else "",
        "periods": periods,
        "is_asked": is_asked,
        "is_final": known is not None and known.made_at.date() > period.until,
        "may_ask": who is not None and who.officer.role in MAY_JUDGE,
        "charts": {chart.name: chart for chart in charts(known, language, _written)} if known else {},
        "downloads": _DOWNLOADS,
        "monday": date.fromisoformat,
    }
    return framed(request, session, "analysis/facts.html", shown)


@post("/analysis/facts", status_code=200)
async def ask_for_facts(request: Ask) -> Redirect:
    """Has the facts of a period reckoned by the lake worker."""
    who, _ = await signed_in(request)
    form = await own_form(request)
    of_role(who.officer, MAY_JUDGE)
    period = _read(typed(form, "since", "until", "of", "requests"))
    scope = _scope(period, who.host if period.own else None)
    async with who.parts.pool.acquire() as connection:
        await demands.ask(connection, who.host, who.officer.officer_id, scope)
    return Redirect("/analysis/facts" + period.query(), status_code=303)


@get("/analysis/indicators")
async def show_indicators(request: Ask) -> Response[str]:
    """The five performance indicators as the traffic-light table."""
    _, session = await _who(request)
    period, language = _period(request), language_of(request)
    async with request.app.state.parts.pool.acquire() as connection:
        table = await indicators(connection, *_indicated(period))
    shown = {
        "period": period,
        "found": table,
        "states": by_name(table.states, language),
        "definitions": definitions(language),
    }
    return framed(request, session, "analysis/indicators.html", shown)


@get("/analysis/indicators/{member_state:str}")
async def show_requests(request: Ask, member_state: str) -> Response[str]:
    """The exchanges behind a state's numbers: all of the officer's own state, of others those that it sent."""
    who, session = await signed_in(request)
    period = _period(request)
    state = iso_country(member_state.upper())
    if state not in POSTING_COUNTRIES:
        raise RefusedError("not_found")
    async with who.parts.pool.acquire() as connection:
        table = await indicators(connection, *_indicated(period))
        behind = await requests_behind(connection, *_indicated(period), state)
    own = [one for one in behind if who.host in (state, one.requesting_country)]
    await who.log("indicators", state, f"{len(own)} found", None)
    shown = {
        "period": period,
        "state": state,
        "values": next((one for one in table.states if one.country == state), None),
        "requests": own,
        "all": len(behind),
    }
    return framed(request, session, "analysis/requests.html", shown)


HANDLERS: list[HTTPRouteHandler] = [home, show_facts, ask_for_facts, show_indicators, show_requests]


async def _who(request: Ask) -> tuple[Asked | None, Session | None]:
    """Finds who is signed in; everybody may read."""
    if COOKIE not in request.cookies:
        return None, None
    try:
        return await signed_in(request)
    except RefusedError:
        return None, None


def _period(request: Ask) -> Period:
    return _read(typed(request.query_params, "since", "until", "of", "requests"))


def _read(given: dict[str, str]) -> Period:
    """Reads a period, this year if none is given. Raises `RefusedError` for what is none."""
    today = datetime.now(UTC).date()
    try:
        since = date.fromisoformat(given["since"]) if given["since"] else today.replace(month=1, day=1)
        until = date.fromisoformat(given["until"]) if given["until"] else since.replace(month=12, day=31)
    except ValueError:
        raise RefusedError("parameter_wrong", name="since", reason="it is no day") from None
    if not timedelta(0) <= until - since <= LONGEST_PERIOD:
        raise RefusedError("parameter_wrong", name="until", reason="a period has 1 day to 5 years")
    return Period(since, until, given["of"] == "own", "scoreboard" if given["requests"] == "scoreboard" else "road")


def _indicated(period: Period) -> tuple[SetName, date, date, date]:
    return period.requests, period.since, period.until, datetime.now(UTC).date()


def _scope(period: Period, host: str | None) -> FactsScope:
    return FactsScope(period.since, period.until, host)


def _form_asked(request: Ask) -> Form | None:
    form = typed(request.query_params, "format")["format"]
    return next((one for one in _DOWNLOADS if one == form), None)


def _written(value: int | None, language: str) -> str:
    """Writes a number as the tables of the pages do."""
    return "–" if value is None else number(value, language)
