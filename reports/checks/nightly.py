"""The checks as they run at night and on demand: DuckDB finds in a thread of its own, Postgres keeps the hints."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import structlog

from reports import sources
from reports.checks import hints
from reports.checks.catalogue import Pattern, patterns
from reports.checks.hints import Outcome
from reports.checks.runner import Found, run
from reports.checks.scope import Scope
from store.lake import reason

_log = structlog.get_logger("checks")


async def check(
    database_url: str,
    lake: str | Path,
    scope: Scope,
    wanted: Sequence[Pattern],
    as_of: date,
    *,
    memory_mb: int = sources.MEMORY_MB,
    threads: int = sources.THREADS,
    told: Callable[[Outcome], None] = lambda _outcome: None,
) -> list[Outcome]:
    """Runs patterns over the lake and keeps what they find; `told` hears of each as it is done.

    Raises duckdb's and asyncpg's errors; the patterns done by then are kept.
    """
    started_at = datetime.now(UTC)
    outcomes = []
    books = await asyncpg.connect(database_url)
    try:
        with sources.sources(database_url, lake, memory_mb=memory_mb, threads=threads) as connection:
            runs = run(connection, wanted, scope, as_of, lambda: sources.to_present(connection, lake))
            while (found := await _next(connection, runs)) is not None:
                await hints.keep(books, found, started_at, whole=scope.is_whole)
                outcomes.append(hints.outcome_of(found))
                told(outcomes[-1])
        await hints.record_run(books, started_at, scope, outcomes)
    finally:
        await books.close()
    return outcomes


async def check_repository(context: dict[str, Any]) -> int:
    """Runs every pattern over everything and forgets what is too old (arq cron, nightly); gives the hints."""
    today = datetime.now(UTC).date()
    try:
        outcomes = await check(context["database_url"], context["lake"], Scope(), list(patterns().values()), today)
        books = await asyncpg.connect(context["database_url"])
        try:
            await hints.forget(books, today)
        finally:
            await books.close()
    except (duckdb.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        _log.warning("checks_interrupted", kind=type(error).__name__, reason=reason(error))
        return 0
    found = sum(outcome.hints for outcome in outcomes)
    _log.info("checked", hints=found, unknown=[outcome.pattern for outcome in outcomes if outcome.status == "unknown"])
    return found


async def _next(connection: duckdb.DuckDBPyConnection, runs: Any) -> Found | None:
    """Takes the next pattern's find in a thread; when cancelled, it stops DuckDB and waits for the thread."""
    running = asyncio.ensure_future(asyncio.to_thread(next, runs, None))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        connection.interrupt()
        await asyncio.wait([running])
        raise
