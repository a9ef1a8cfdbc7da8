"""Analyses on demand: an officer asks, the lake worker runs them one after the other, the pages show how it stands."""

from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import duckdb
import msgspec
import structlog
from msgspec import Struct

from reports.checks.catalogue import patterns
from reports.checks.nightly import check
from reports.checks.scope import Scope
from reports.figures import facts
from schemas import statements
from store.lake import reason
from store.operators import Connection

_SQL = statements.load("reports", "demands")
#: So often a demand is begun before it counts as failed: each time a worker died over it.
_MOST_TRIES = 3
_log = structlog.get_logger("demands")

Kind = Literal["checks", "facts"]


class FactsScope(Struct, frozen=True, omit_defaults=True):
    """The period of facts that are asked for, of all host states or one."""

    since: date
    until: date
    host: str | None = None


class Demand(Struct, frozen=True):
    """An analysis that was asked for in a host state; `found` are the hints of a run of the checks."""

    demand_id: int
    kind: Kind
    host: str
    scope: str
    asked_at: datetime
    ended_at: datetime | None
    found: int | None
    failed: bool


async def ask(connection: Connection, host: str, officer_id: UUID, scope: Scope | FactsScope) -> int:
    """Asks for an analysis and gives its number; the same scope is not asked for twice at once."""
    demand_id: int = await connection.fetchval(_SQL["ask"], _kind(scope), host, officer_id, _text(scope))
    return demand_id


async def standing(connection: Connection, demand_id: int, host: str) -> Demand | None:
    """Gives how a demand of a host state stands, None if there is none."""
    row = await connection.fetchrow(_SQL["standing"], demand_id, host)
    return Demand(**row) if row else None


async def is_unmet(connection: Connection, host: str, scope: Scope | FactsScope) -> bool:
    """Tells whether an analysis is asked for and not ended."""
    return bool(await connection.fetchval(_SQL["unmet"], _kind(scope), host, _text(scope)))


async def meet_demands(context: dict[str, Any]) -> int:
    """Runs what was asked for, the oldest first, until nothing is left (arq cron); gives how many were run."""
    met = 0
    try:
        if not await context["pool"].fetchval(_SQL["anything"]):
            return 0
        async with context["pool"].acquire() as books:  # what comes back to the pool lets go of its locks
            if await books.fetchval(_SQL["lock"]):
                await books.execute(_SQL["forget"])
                await books.execute(_SQL["give_up"], _MOST_TRIES)
                while (row := await books.fetchrow(_SQL["take"])) is not None:
                    await _meet(books, context, row)
                    met += 1
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        _log.warning("demands_interrupted", kind=type(error).__name__, reason=reason(error))
    return met


async def _meet(books: Connection, context: dict[str, Any], row: Any) -> None:
    database_url, lake = context["database_url"], context["lake"]
    found, failed = None, False
    try:
        if row["kind"] == "facts":
            wanted = msgspec.json.decode(row["scope"], type=FactsScope)
            await facts(database_url, lake, wanted.since, wanted.until, wanted.host)
        else:
            scope = msgspec.json.decode(row["scope"], type=Scope)
            today = datetime.now(UTC).date()
            outcomes = await check(database_url, lake, scope, list(patterns().values()), today)
            found = sum(outcome.hints for outcome in outcomes)
    except (duckdb.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        _log.warning("demand_failed", kind=type(error).__name__, reason=reason(error))
        failed = True
    await books.execute(_SQL["end"], row["demand_id"], found, failed)


def _kind(scope: Scope | FactsScope) -> Kind:
    return "checks" if isinstance(scope, Scope) else "facts"


def _text(scope: Scope | FactsScope) -> str:
    return msgspec.json.encode(scope).decode()
