"""Runs the patterns over the whole repository, or over what a scope bounds, in DuckDB.

The caller brings a connection in which `declaration_version` and `fleet_plate` are the lake with its tail, and
`books` is the system of record (reports/sources.py); memory and threads are the caller's to bound. What is too large
for the memory goes to the connection's temporary folder.
"""

import re
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import duckdb
import pyarrow as pa

from reports.checks.catalogue import Pattern
from reports.checks.scope import Scope
from schemas import statements
from schemas.codes import COUNTRIES, WORLD

_SQL = statements.load("reports", "checks")
#: Into how many parts a pattern is divided, one number tried after the other.
_PARTS = (1, 8, 64)
_LOOK_AHEAD = re.compile(r"\(\?=[^)]*\)")  # DuckDB's expressions know none; without it more plates are in order


@dataclass(frozen=True, slots=True)
class Found:
    """What one pattern gave: `hints` has the columns of the table hint, None if a register it needs is not here."""

    pattern: Pattern
    seconds: float
    hints: pa.Table | None

    @property
    def status(self) -> Literal["done", "unknown"]:
        """Whether the pattern was judged."""
        return "unknown" if self.hints is None else "done"


def run(
    connection: duckdb.DuckDBPyConnection,
    patterns: Iterable[Pattern],
    scope: Scope,
    as_of: date,
    before_each: Callable[[], None] = lambda: None,
) -> Iterator[Found]:
    """Runs each pattern over `scope`; `as_of` is the day on which what is in force is judged.

    `before_each` may move the tables to the lake's present state: a run may outlast the files it began with.

    Raises duckdb's errors, `duckdb.OutOfMemoryException` when even the temporary folder is full among them.
    """
    prepare(connection, scope, as_of)
    for pattern in patterns:
        before_each()
        began = time.perf_counter()
        hints = _find(connection, pattern) if _has_register(connection, pattern) else None
        yield Found(pattern, time.perf_counter() - began, hints)


def prepare(connection: duckdb.DuckDBPyConnection, scope: Scope, as_of: date) -> None:
    """Sets up what every pattern reads."""
    limits = tomllib.loads((files("reports") / "data" / "checks.toml").read_text("utf-8"))
    whole = {"part": 0, "operator_parts": 1, "subject_parts": 1}
    variables = {**scope.variables(), **_plate_variables(), **whole, "as_of": as_of, "limits": limits}
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute("SET TimeZone = 'UTC'")
    for name in ("macros", "countries"):
        connection.execute(_SQL[name])
    zones = [(country.code, country.zone, bit) for bit, country in enumerate(COUNTRIES.values())]
    connection.executemany(_SQL["add_country"], zones)
    for name in ("books", "amended", "declaration", "scoped_to_plate" if scope.plate else "scoped"):
        connection.execute(_SQL[name])
    for name in ("peers_of_scope" if scope.is_narrow else "peers", "requests", "control_links"):
        connection.execute(_SQL[name])


def _find(connection: duckdb.DuckDBPyConnection, pattern: Pattern) -> pa.Table:
    """Runs a pattern whole, and in ever more parts if it does not fit into the memory."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW pattern AS {pattern.sql}")
    for parts in _PARTS:
        try:
            return pa.concat_tables([_part(connection, pattern, part, parts) for part in range(parts)])
        except duckdb.OutOfMemoryException:
            if parts == _PARTS[-1]:
                raise
    raise AssertionError("the last number of parts returns or raises")


def _part(connection: duckdb.DuckDBPyConnection, pattern: Pattern, part: int, parts: int) -> pa.Table:
    divided, other = ("operator", "subject") if pattern.parts == "operator" else ("subject", "operator")
    for name, value in ((f"{divided}_parts", parts), (f"{other}_parts", 1), ("part", part)):
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    return connection.execute(_SQL["found"], [pattern.code, pattern.severity, pattern.weight]).to_arrow_table()


def _has_register(connection: duckdb.DuckDBPyConnection, pattern: Pattern) -> bool:
    return pattern.needs is None or bool(connection.execute(_SQL["loaded"], [pattern.needs]).fetchall())


@cache
def _plate_variables() -> dict[str, str]:
    """Gives what the patterns know of plates: series as one expression, letters that are misread."""
    plates = tomllib.loads((files("schemas") / "data" / "plates.toml").read_text("utf-8"))
    series = {code: _LOOK_AHEAD.sub("", pattern) for code, pattern in plates["series"].items()}
    own = dict(series)
    for code, pattern in plates["by_wish"].items():
        own[code] += "|" + _LOOK_AHEAD.sub("", pattern)
    unknown = f"(?:{'|'.join(sorted(set(WORLD) - set(own)))}):.*|"
    return {
        "own_series": unknown + "|".join(f"{code}:(?:{pattern})" for code, pattern in own.items()),
        "any_series": "|".join(f"(?:{pattern})" for pattern in series.values()),
        "misread": "".join(plates["misread"]),
        "read_as": "".join(plates["misread"].values()),
    }
