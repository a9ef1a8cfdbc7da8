"""The lake worker: publishes about once a second, compacts step by step, sweeps once a minute (arq).

Every run is ordered by the clock under an id of its own, so a killed worker's lock never holds up the next run;
a lock in Postgres, which ends with its connection, keeps two runs from changing the lake at once.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import asyncpg
import duckdb
import structlog
from arq import cron
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine
from redis.exceptions import RedisError

from store import compact as compaction
from store import postgres, removal
from store import publish as publication
from store import sweep as sweeping
from store.clock import ClockDrift
from store.jobs import WORKER
from store.lake import create_lake, open_lake, reason

LAKE_QUEUE = "rtpd:arq:lake"
_COMPACT_SECONDS = 20.0
#: Whether there is something to compact is asked when the lake has changed, and this often at least.
_LOOK_AGAIN_SECONDS = 60.0
_MOST_DRIFT = timedelta(hours=1)
OUT_OF_REACH = (duckdb.Error, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_log = structlog.get_logger("lake")

Context = dict[str, Any]


async def publish(context: Context) -> int:
    """Publishes what waits (arq cron, every second); returns the rows."""
    try:
        if not await publication.is_due(context["pool"]):
            return 0
        rows = await publication.publish(context["pool"], await context["open_lake"].get(), context["lake"])
    except OUT_OF_REACH as error:
        return interrupted(context, "publish", error)
    if rows:
        _log.info("published", rows=rows)
    return rows


async def compact(context: Context) -> int:
    """Takes step after step for some seconds (arq cron); returns how many it took."""
    until, steps = time.monotonic() + _COMPACT_SECONDS, 0
    lake: _OpenLake = context["open_lake"]
    try:
        standing = await compaction.standing(context["pool"])
        if standing == lake.compacted and time.monotonic() - lake.looked_at < _LOOK_AGAIN_SECONDS:
            return 0
        while time.monotonic() < until:
            step = await compaction.compact(context["pool"], await lake.get(), context["lake"])
            if step is None:
                if not steps:
                    lake.compacted, lake.looked_at = standing, time.monotonic()
                break
            steps += 1
            rows = sum(file.rows for file in step.files)
            _log.info("compacted", table=step.table, files=len(step.files), rows=rows)
    except OUT_OF_REACH as error:
        return interrupted(context, "compact", error)
    return steps


async def sweep(context: Context) -> None:
    """Sweeps snapshots and files that nobody needs (arq cron, every minute)."""
    try:
        swept = await sweeping.sweep(
            context["pool"], await context["open_lake"].get(), clock_drift=context["clock"].drift()
        )
    except OUT_OF_REACH as error:
        interrupted(context, "sweep", error)
        return
    if swept and (swept.files or swept.orphans):
        _log.info("swept", files=swept.files, orphans=swept.orphans)


@dataclass(slots=True)
class _OpenLake:
    """The worker's DuckDB, kept open from job to job. arq hands each job a copy of its context, so it is an object."""

    database_url: str
    lake: Path
    memory_mb: int
    connection: duckdb.DuckDBPyConnection | None = None
    #: How the lake stood when compaction found nothing to do, and when that was.
    compacted: tuple[int, bool] | None = None
    looked_at: float = 0.0

    async def get(self) -> duckdb.DuckDBPyConnection:
        """Gives the connection, opened again after it failed."""
        if self.connection is None:
            self.connection = await asyncio.to_thread(open_lake, self.database_url, self.lake, memory_mb=self.memory_mb)
        return self.connection

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def interrupted(context: Context, work: str, error: BaseException) -> int:
    """Notes that a run could not end, and lets go of the connection."""
    # Nothing is half done: the next run, some seconds from now, begins anew with a fresh connection.
    _log.warning(f"{work}_interrupted", kind=type(error).__name__, reason=reason(error))
    context["open_lake"].close()
    return 0


async def retain(context: Context) -> int:
    """Removes what ended longer ago than the retention allows (arq cron, every night); returns declarations.

    Not while the clock is off: what is removed too early is lost.
    """
    if (drift := context["clock"].drift()) > _MOST_DRIFT:
        _log.error("clock_jumped", seconds=drift.total_seconds(), work="retain")
        return 0
    try:
        today = datetime.now(UTC).date()
        lake = await context["open_lake"].get()
        certificates = await removal.remove_ended(context["pool"], lake, context["lake"], today)
        await removal.forget_journal(context["redis"])
    except (*OUT_OF_REACH, RedisError, removal.StillUnpublishedError) as error:
        return interrupted(context, "retain", error)
    for one in certificates:
        _log.info("removed", declarations=one.declarations, versions=one.versions, digest=one.digest)
    return sum(one.declarations for one in certificates)


async def _start(context: Context) -> None:
    context["clock"] = ClockDrift()
    await create_lake(context["database_url"], context["lake"])
    context["open_lake"] = _OpenLake(context["database_url"], context["lake"], context["memory_mb"])
    context["pool"] = await postgres.connect(context["database_url"], largest=6, timeout_seconds=120)


async def _stop(context: Context) -> None:
    context["open_lake"].close()
    await context["pool"].close()


def lake_worker_settings(database_url: str, redis_url: str, lake: Path, *, memory_mb: int = 512) -> dict[str, Any]:
    """Gives what `arq.worker.Worker` takes to publish, compact and sweep. `memory_mb` bounds DuckDB."""
    every_second = set(range(60))
    return WORKER | {
        "cron_jobs": [
            cron(cast(WorkerCoroutine, publish), second=every_second, run_at_startup=True, max_tries=1),
            cron(cast(WorkerCoroutine, compact), second=set(range(0, 60, 2)), max_tries=1, timeout=300),
            cron(cast(WorkerCoroutine, retain), hour={2}, minute={30}, max_tries=1, timeout=14_400),
            cron(cast(WorkerCoroutine, sweep), second=30, max_tries=1, timeout=300),
        ],
        "queue_name": LAKE_QUEUE,
        "redis_settings": RedisSettings.from_dsn(redis_url),
        "on_startup": _start,
        "on_shutdown": _stop,
        "ctx": {"database_url": database_url, "lake": lake.absolute(), "memory_mb": memory_mb},
        "max_jobs": 6,
        "job_timeout": 60,
        "poll_delay": 1.0,
    }
