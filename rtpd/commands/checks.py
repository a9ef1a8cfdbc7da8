"""`rtpd checks`: the patterns over the whole repository, and the worklist of what they found."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from cyclopts import App, Parameter
from cyclopts.validators import Number

from reports.checks import hints
from reports.checks.catalogue import Severity, pattern_of, patterns
from reports.checks.hints import Outcome, State, Wanted
from reports.checks.nightly import check
from reports.checks.scope import Scope
from reports.sources import MEMORY_MB, THREADS
from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from schemas.codes import country
from schemas.languages import SOURCE
from schemas.languages import language as known_language

app = App(name="checks", help="Patterns over the whole repository: hints, never verdicts.")

_Count = Annotated[int, Parameter(validator=Number(gte=1))]


@app.command
async def run(
    *,
    operator: UUID | None = None,
    driver: str | None = None,
    plate: str | None = None,
    host: str | None = None,
    since: datetime | None = None,
    pattern: list[str] | None = None,
    memory_mb: _Count = MEMORY_MB,
    threads: _Count = THREADS,
    json: Json = False,
) -> None:
    """Look for the patterns in all declarations, or in those that the options bound, and keep what is found.

    A pattern that needs a register which is not loaded stays unknown; see `rtpd register load`.

    Example: `rtpd checks run --host FR --pattern P01 --pattern P06`

    Parameters
    ----------
    operator: Only this operator's declarations.
    driver: Only declarations of this driver, by the number of the driving licence.
    plate: Only declarations that name this plate.
    host: Only declarations for this host state.
    since: Only declarations accepted since then.
    pattern: Only this pattern; can be repeated.
    memory_mb: Memory that DuckDB may take; what needs more goes to disk.
    threads: Threads that DuckDB may use.
    """
    since = since.replace(tzinfo=since.tzinfo or UTC) if since else None
    scope = Scope(operator, driver, plate, host and country(host.upper()), since)
    wanted = [pattern_of(code) for code in pattern] if pattern else list(patterns().values())
    addresses = addresses_of(read_settings())
    outcomes = await check(
        addresses.database_url,
        addresses.lake,
        scope,
        wanted,
        datetime.now(UTC).date(),
        memory_mb=memory_mb,
        threads=threads,
        told=lambda outcome: None if json else _tell(outcome),
    )
    if json:
        print_json(outcomes)
    else:
        print(f"{sum(outcome.hints for outcome in outcomes):,} hints; `rtpd checks list` shows the heaviest")


@app.command(name="patterns")
def list_patterns(*, language: str = SOURCE, json: Json = False) -> None:
    """List the patterns: what each finds, how severe it is, and on which law it stands.

    Example: `rtpd checks patterns`

    Parameters
    ----------
    language: Language of the titles, descriptions and laws (ISO 639-1).
    """
    found = patterns(known_language(language)).values()
    if json:
        print_json([{name: getattr(each, name) for name in _SHOWN} for each in found])
    else:
        rows = [(each.code, each.title, each.severity, each.legal_basis) for each in found]
        print_table("Patterns", ("code", "finds", "severity", "legal basis"), rows)


@app.command(name="list")
async def list_hints(
    *,
    host: str | None = None,
    state: State | None = "open",
    pattern: str | None = None,
    operator: UUID | None = None,
    severity: list[Severity] | None = None,
    limit: _Count = 20,
    json: Json = False,
) -> None:
    """Show the heaviest hints of the worklist.

    Example: `rtpd checks list --host DE --severity high`

    Parameters
    ----------
    host: Only hints of this host state.
    state: Only hints in this state.
    pattern: Only hints of this pattern.
    operator: Only hints about this operator.
    severity: Only hints of this severity; can be repeated.
    limit: How many.
    """
    async with _books() as connection:
        found = await hints.worklist(connection, _wanted(host, state, pattern, operator, severity), limit=limit)
    if json:
        print_json(found)
    else:
        print_table(
            "Hints",
            ("id", "pattern", "finds", "host", "operator", "subject", "times", "weight"),
            [
                (
                    hint.hint_id,
                    hint.pattern,
                    pattern_of(hint.pattern).title,
                    hint.host,
                    hint.operator_name,
                    hint.subject,
                    hint.occurrences,
                    hint.weight,
                )
                for hint in found
            ],
        )


@app.command
async def mark(hint_id: int, /, state: State, *, note: str | None = None, json: Json = False) -> None:
    """Mark a hint as open, seen or closed.

    Example: `rtpd checks mark 17 closed --note "lease contract shown"`

    Parameters
    ----------
    hint_id: Number of the hint.
    state: The new state.
    note: Why.
    """
    async with _books() as connection:
        hint = await hints.change(connection, hint_id, None, state, note, None)
    if json:
        print_json(hint)
    else:
        print(f"hint {hint.hint_id} is {hint.state}")


@app.command
async def export(
    *,
    form: Annotated[Literal["ndjson", "csv"], Parameter(name="--format")] = "ndjson",
    host: str | None = None,
    state: State | None = None,
    pattern: str | None = None,
    operator: UUID | None = None,
    severity: list[Severity] | None = None,
    json: Json = False,
) -> None:
    """Write all hints, or those that the options choose, to the standard output.

    Example: `rtpd checks export --format csv --state open > hints.csv`

    Parameters
    ----------
    form: NDJSON or CSV.
    host: Only hints of this host state.
    state: Only hints in this state.
    pattern: Only hints of this pattern.
    operator: Only hints about this operator.
    severity: Only hints of this severity; can be repeated.
    json: NDJSON, whatever --format says.
    """
    async with _books() as connection:
        wanted = _wanted(host, state, pattern, operator, severity)
        async for lines in hints.export(connection, wanted, "ndjson" if json else form):
            sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()


_SHOWN = ("code", "title", "severity", "weight", "legal_basis", "description", "needs")


def _wanted(
    host: str | None, state: State | None, pattern: str | None, operator: UUID | None, severity: list[Severity] | None
) -> Wanted:
    code = pattern_of(pattern).code if pattern else None
    return Wanted(host and country(host.upper()), state, code, operator, severity)


def _tell(outcome: Outcome) -> None:
    title = pattern_of(outcome.pattern).title
    if outcome.needs:
        print(f"{outcome.pattern}  UNKNOWN without a register of kind '{outcome.needs}'  {title}")
    else:
        print(f"{outcome.pattern}  {outcome.hints:>8,} hints in {outcome.seconds:6.1f} s  {title}")


@asynccontextmanager
async def _books() -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(addresses_of(read_settings()).database_url)
    try:
        yield connection
    finally:
        await connection.close()
