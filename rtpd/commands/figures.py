"""`rtpd figures`: the performance indicators, facts and figures of a period, and the page with both."""

import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import asyncpg
from cyclopts import App, Parameter
from cyclopts.validators import Number

from reports import figures, scoreboard
from reports.figures import Facts
from reports.indicators import Indicators, SetName, indicators, requests_behind
from reports.scoreboard import Form, Page
from rtpd.addresses import Addresses, addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from schemas.codes import country as iso_country
from schemas.languages import SOURCE
from schemas.languages import language as known_language

app = App(name="figures", help="Performance indicators, facts and figures.")

_Year = Annotated[int, Parameter(validator=Number(gte=2022, lte=2099))]
_Scale = Annotated[float, Parameter(validator=Number(gt=0, lte=2))]


class PeriodError(ValueError):
    """The period is not one."""


@app.command(name="indicators")
async def show_indicators(
    *,
    year: _Year | None = None,
    since: date | None = None,
    until: date | None = None,
    requests: SetName = "road",
    country: str | None = None,
    language: str = SOURCE,
    json: Json = False,
) -> None:
    """Show the five performance indicators by Member State, or the requests behind those of one state.

    Example: `rtpd figures indicators --year 2023`

    Parameters
    ----------
    year: Requests sent in this calendar year; by default the present one.
    since: First day, instead of a year.
    until: Last day, instead of a year.
    requests: Which requests count: those of road transport, or the Scoreboard's own areas.
    country: Show the requests behind the numbers of this state.
    language: Language of the table (ISO 639-1).
    """
    first, last = _period(year, since, until)
    today = datetime.now(UTC).date()
    connection = await asyncpg.connect(_addresses().database_url)
    try:
        if country:
            behind = await requests_behind(connection, requests, first, last, today, iso_country(country.upper()))
        else:
            table = await indicators(connection, requests, first, last, today)
    finally:
        await connection.close()
    if json:
        print_json(behind if country else table)
    elif country:
        names = ("number", "module", "from", "sent", "accepted", "agreed", "answered", "7 days", "days", "by date")
        rows = [
            (
                each.number,
                each.module,
                each.requesting_country,
                each.sent_on,
                each.accepted_on,
                each.agreed_due,
                each.answered_on,
                each.accepted_in_time,
                each.days_to_answer,
                each.answered_by_date,
            )
            for each in behind
        ]
        print_table(f"Requests to {iso_country(country.upper())}", names, rows)
    else:
        print("\n".join(scoreboard.indicator_lines(table, known_language(language))))


@app.command
async def facts(
    *,
    year: _Year | None = None,
    since: date | None = None,
    until: date | None = None,
    host: str | None = None,
    form: Annotated[Form, Parameter(name="--format")] = "text",
    language: str = SOURCE,
    output: Path | None = None,
    kept: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> None:
    """Give the scoreboard's page of a period: key messages, indicators, facts and figures.

    With a host state it gives that state's statistics, as social partners may have them: no persons, no
    operators, no small cells (Directive (EU) 2020/1057, Article 1; domain.md 1.5).

    Example: `rtpd figures facts --year 2023 --format pdf --language pl --output scoreboard-2023.pdf`

    Parameters
    ----------
    year: Calendar year; by default the present one.
    since: First day, instead of a year.
    until: Last day, instead of a year.
    host: Only postings to this host state.
    form: Text, JSON, CSV or Parquet (the tables, as open data), or PDF with charts.
    language: Language of the text and the PDF (ISO 639-1).
    output: File to write, instead of the standard output.
    kept: Take the figures as they were computed last, if they were.
    json: The same as --format json.
    """
    first, last = _period(year, since, until)
    spoken = known_language(language)
    host = host and iso_country(host.upper())
    addresses = _addresses()
    page = await _page(addresses, first, last, host, kept=kept)
    _write(scoreboard.write(page, "json" if json else form, spoken), output)


@app.command
def demo(
    *,
    scale: _Scale = 1.0,
    year: _Year = 2023,
    form: Annotated[Form, Parameter(name="--format")] = "text",
    language: str = SOURCE,
    output: Path | None = None,
    folder: Path | None = None,
    json: Json = False,
) -> None:
    """Make up two years of Europe's declarations, 32 million at scale 1, and give the page of one of them.

    Nothing of the running system is read or changed. At scale 1 it takes some minutes and 300 MB.

    Example: `rtpd figures demo --scale 0.1`

    Parameters
    ----------
    scale: 1 for all of Europe.
    year: 2022 or 2023.
    form: Text, JSON, CSV, Parquet or PDF.
    language: Language of the text and the PDF (ISO 639-1).
    output: File to write, instead of the standard output.
    folder: Keep the made-up lake there.
    json: The same as --format json.
    """
    spoken = known_language(language)
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory(prefix="rtpd-figures-") as place:
        computed = _made_up(Path(place), scale, year)
    _write(scoreboard.write(Page(computed), "json" if json else form, spoken), output)


def _made_up(folder: Path, scale: float, year: int) -> Facts:
    from loadtests.history import write_history
    from reports import sources

    history = write_history(folder, scale=scale, whole=False)
    with sources.plain(memory_mb=1_000) as connection:
        sources.over_files(connection, "declaration_version", [history.declaration_version])
        return figures.from_lake(connection, date(year, 1, 1), date(year, 12, 31), None)


async def _page(addresses: Addresses, since: date, until: date, host: str | None, *, kept: bool) -> Page:
    table: Indicators | None = None
    computed = None
    connection = await asyncpg.connect(addresses.database_url)
    try:
        if kept:
            computed = await figures.kept(connection, since, until, host)
        if host is None:
            table = await indicators(connection, "road", since, until, datetime.now(UTC).date())
    finally:
        await connection.close()
    if computed is None:
        computed = await figures.facts(addresses.database_url, addresses.lake, since, until, host)
    return Page(computed, table)


def _period(year: int | None, since: date | None, until: date | None) -> tuple[date, date]:
    if (since or until) and year:
        raise PeriodError("give a year, or --since and --until")
    today = datetime.now(UTC).date()
    whole = year or today.year
    first, last = since or date(whole, 1, 1), until or (today if since else date(whole, 12, 31))
    if last < first:
        raise PeriodError(f"the period ends on {last}, before it begins on {first}")
    return first, last


def _write(content: bytes, output: Path | None) -> None:
    if output:
        output.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def _addresses() -> Addresses:
    return addresses_of(read_settings())
