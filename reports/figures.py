"""Facts and figures of a period: declarations and operators by origin, host, operation, carriage and week.

Small cells are hidden, and whatever would give them away (reports/suppression.py, reports/data/figures.toml). No figure
is about a person.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import asyncpg
import duckdb
import msgspec
import structlog
from msgspec import Struct

from reports import sources
from reports.suppression import ALL, Table
from schemas import statements
from store.lake import reason
from store.operators import Connection

_LAKE = statements.load("reports", "figures")
_BOOKS = statements.load("reports", "facts")
#: Directive (EU) 2020/1057 applies, and the portal is there, since this day.
FIRST_DAY = date(2022, 2, 2)
#: So long after its end a year is reckoned anew: what stood in the queue when it ended is in the lake by then.
_SETTLING = timedelta(days=7)
_log = structlog.get_logger("figures")

Dimension = Literal["origin", "host", "operation", "carriage", "week"]


class Smallest(Struct, frozen=True):
    """From where on a cell is shown."""

    smallest_declarations: int
    smallest_operators: int


class Cell(Struct, frozen=True):
    """One line of a table; None is a hidden count. A week goes by its Monday."""

    key: str
    declarations: int | None
    operators: int | None


class Pair(Struct, frozen=True):
    """Declarations from one origin to one host; None is hidden."""

    origin: str
    host: str
    declarations: int | None


class Facts(Struct, frozen=True, rename="camel", kw_only=True):
    """Facts and figures of the days from `since` to `until`, both included, for all hosts or one.

    `total` counts everything since `first_day` up to `until`; `drivers` is counted for one host only. What concerns
    authorities is None in the statistics of one host.
    """

    since: date
    until: date
    host: str | None
    made_at: datetime
    declarations: int
    operators: int
    drivers: int | None
    declarations_total: int
    operators_total: int
    first_day: date
    origins: list[Cell]
    hosts: list[Cell]
    operations: list[Cell]
    carriages: list[Cell]
    weeks: list[Cell]
    pairs: list[Pair]
    smallest: Smallest
    authorities: int | None = None
    officers: int | None = None
    exchanges: int | None = None
    exchanges_total: int | None = None
    alerts: int | None = None
    notifications: int | None = None


class _Counted(Struct, frozen=True):
    """Counts of one cell as they are, before anything is hidden."""

    dimension: str
    key: str
    declarations: int
    operators: int


@cache
def smallest() -> Smallest:
    """Gives the smallest cells that are shown."""
    return msgspec.toml.decode((files("reports") / "data" / "figures.toml").read_bytes(), type=Smallest)


async def facts(
    database_url: str, lake: str | Path, since: date, until: date, host: str | None = None, *, memory_mb: int = 1_000
) -> Facts:
    """Computes facts and figures from the lake and its tail as they are now, and keeps them.

    Raises duckdb's and asyncpg's errors.
    """
    books = await asyncpg.connect(database_url)
    try:
        earlier = await books.fetchrow(_BOOKS["earlier"], since, host or "")
        counted_from = earlier["counted_from"] or date.min
        with sources.sources(database_url, lake, memory_mb=memory_mb) as connection:
            computed = await asyncio.to_thread(from_lake, connection, since, until, host, counted_from)
        known = await _of_authorities(books, since, until) if host is None else {}
        made = msgspec.structs.replace(
            computed, declarations_total=computed.declarations_total + earlier["declarations"], **known
        )
        document = msgspec.json.encode(made).decode()
        await books.execute(_BOOKS["keep"], since, until, host or "", made.made_at, document)
    finally:
        await books.close()
    return made


async def kept(connection: Connection, since: date, until: date, host: str | None = None) -> Facts | None:
    """Gives the facts of a period as they were computed last, None if they never were."""
    document = await connection.fetchval(_BOOKS["kept"], since, until, host or "")
    return None if document is None else msgspec.json.decode(document, type=Facts)


def is_open(since: date, until: date) -> bool:
    """Tells whether a period's facts are for everybody: whole calendar years, because one period less another would
    tell what is hidden in both."""
    return (since.month, since.day, until.month, until.day) == (1, 1, 12, 31)


async def kept_periods(connection: Connection, host: str | None = None) -> list[tuple[date, date]]:
    """Lists the periods whose facts were computed, the latest first."""
    return [(row["since"], row["until"]) for row in await connection.fetch(_BOOKS["periods"], host or "")]


def from_lake(
    connection: duckdb.DuckDBPyConnection, since: date, until: date, host: str | None, counted_from: date = date.min
) -> Facts:
    """Computes what the lake tells, over `declaration_version` of a connection; see `facts`."""
    values = {"since": since, "until": until, "host": host, "counted_from": max(counted_from, FIRST_DAY)}
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(_LAKE["activity"])
    declarations, operators = _row(connection, "totals")
    declarations_total, operators_total, first_day = _row(connection, "ever")
    (drivers,) = _row(connection, "drivers") if host else (None,)
    counted = [_Counted(*row) for row in connection.execute(_LAKE["cells"]).fetchall()]
    pairs = connection.execute(_LAKE["pairs"]).fetchall()
    table = _pair_table(pairs, counted)
    return Facts(
        since=since,
        until=until,
        host=host,
        made_at=datetime.now(UTC),
        declarations=declarations,
        operators=operators,
        drivers=drivers,
        declarations_total=declarations_total,
        operators_total=operators_total,
        first_day=first_day or since,
        origins=_margin(counted, "origin", {row: table.shown(row, ALL) for row, *_ in pairs}),
        hosts=_margin(counted, "host", {column: table.shown(ALL, column) for _, column, *_ in pairs}),
        operations=_list(counted, "operation"),
        carriages=_list(counted, "carriage"),
        weeks=_list(counted, "week"),
        pairs=[Pair(origin, to, table.shown(origin, to)) for origin, to, *_ in pairs],
        smallest=smallest(),
    )


async def keep_facts(context: dict[str, Any]) -> None:
    """Computes the facts of this year, and those of the last one until they are final (arq cron, nightly)."""
    database_url, lake = context["database_url"], context["lake"]
    this_year = datetime.now(UTC).date().replace(month=1, day=1)
    last_year = this_year.replace(year=this_year.year - 1)
    books = await asyncpg.connect(database_url)
    try:
        last = await kept(books, last_year, this_year - timedelta(1))
    finally:
        await books.close()
    try:
        if last is None or last.made_at.date() < this_year + _SETTLING:
            await facts(database_url, lake, last_year, this_year - timedelta(1))
        await facts(database_url, lake, this_year, this_year.replace(month=12, day=31))
    except (duckdb.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        _log.warning("facts_interrupted", kind=type(error).__name__, reason=reason(error))


async def _of_authorities(connection: Connection, since: date, until: date) -> dict[str, int]:
    first = datetime.combine(since, datetime.min.time(), UTC)
    after = datetime.combine(until + timedelta(1), datetime.min.time(), UTC)
    return dict(await connection.fetchrow(_BOOKS["books"], first, after))


def _row(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[Any, ...]:
    row = connection.execute(_LAKE[name]).fetchone()
    assert row is not None  # each counts
    return tuple(row)


def _pair_table(pairs: list[tuple[str, str, int, int]], counted: Iterable[_Counted]) -> Table[str, str]:
    """Hides small cells of origin by host; the lists by origin and by host are its margins."""
    few: list[tuple[object, object]] = [
        (origin, to) for origin, to, _, operators in pairs if operators < smallest().smallest_operators
    ]
    for cell in counted:
        if cell.operators < smallest().smallest_operators:
            if cell.dimension == "origin":
                few.append((cell.key, ALL))
            elif cell.dimension == "host":
                few.append((ALL, cell.key))
    counts = {(origin, to): declarations for origin, to, declarations, _ in pairs}
    return Table(counts, smallest().smallest_declarations, few)


def _margin(counted: Iterable[_Counted], dimension: Dimension, shown: dict[str, int | None]) -> list[Cell]:
    cells = [cell for cell in counted if cell.dimension == dimension]
    return [_cell(cell, shown[cell.key]) for cell in sorted(cells, key=_largest_first)]


def _list(counted: Iterable[_Counted], dimension: Dimension) -> list[Cell]:
    cells = [cell for cell in counted if cell.dimension == dimension]
    few = [(dimension, cell.key) for cell in cells if cell.operators < smallest().smallest_operators]
    counts: dict[tuple[str, str], int] = {(dimension, cell.key): cell.declarations for cell in cells}
    table = Table(counts, smallest().smallest_declarations, few)
    ordered = cells if dimension == "week" else sorted(cells, key=_largest_first)
    return [_cell(cell, table.shown(dimension, cell.key)) for cell in ordered]


def _cell(cell: _Counted, declarations: int | None) -> Cell:
    return Cell(cell.key, declarations, None if declarations is None else cell.operators)


def _largest_first(cell: _Counted) -> tuple[int, str]:
    return -cell.declarations, cell.key
