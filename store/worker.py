"""The drain workers: arq carries the order to drain a shard, never a declaration (DESIGN.md, step 3).

Every second each worker looks which shards nobody drains and have something to drain, and orders it. A drain
lives for some seconds and then ends, so that shards change hands; a killed one is replaced when its lease in
Redis runs out, not when arq's lock does.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import asyncpg
import structlog
from arq import cron
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine
from redis.asyncio import Redis
from redis.exceptions import RedisError

from schemas import keys
from store import postgres
from store.drain import LEASE_MILLISECONDS, Drain
from store.jobs import WORKER, SteadyWorker
from store.partitions import add_partitions

DRAIN_QUEUE = "rtpd:arq:drain"
_DRAIN_SECONDS = 10.0
_log = structlog.get_logger("worker")

Context = dict[str, Any]


async def drain(context: Context, shard: int) -> int:
    """Drains one shard for some seconds (arq job); returns the declarations stored."""
    drains: dict[int, Drain] = context["drains"]
    if shard not in drains:
        drains[shard] = Drain(shard, context["journal"], context["pool"], context["lake"])
    try:
        return await drains[shard].run(_DRAIN_SECONDS)
    except (RedisError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # The frames stay pending; the next drain, a second from now, takes them first.
        _log.warning("drain_interrupted", shard=shard, reason=type(error).__name__)
        return 0


async def tend(context: Context) -> None:
    """Orders a drain of each shard that holds frames and has no drain at work (arq cron, every second)."""
    journal: Redis = context["journal"]
    pipe = journal.pipeline(transaction=False)
    for shard in range(context["shards"]):
        pipe.pttl(keys.drain_lease(shard))
        pipe.xlen(keys.frames(shard))
    answers = await pipe.execute()
    for shard, (left, frames) in enumerate(zip(answers[::2], answers[1::2], strict=True)):
        if left > LEASE_MILLISECONDS:  # Redis' clock went back: the lease would outlast its dead holder
            await journal.pexpire(keys.drain_lease(shard), LEASE_MILLISECONDS)
        if left < 0 and frames:
            # The second in the job's id: a killed worker's job stays locked for long, its id must not be reused.
            worker: SteadyWorker = context["worker"]
            await worker.order("drain", shard, job_id=f"drain:{shard}:{int(time.time())}")


async def make_partitions(context: Context) -> None:
    """Adds the partitions of the months ahead (arq cron, daily)."""
    async with context["pool"].acquire() as connection:
        await add_partitions(connection, datetime.now(UTC))


async def _start(context: Context) -> None:
    context["journal"] = Redis.from_url(context["redis_url"])
    context["pool"] = await postgres.connect(context["database_url"], largest=context["shards"] + 2, stateless=True)
    context["drains"] = {}


async def _stop(context: Context) -> None:
    await context["journal"].aclose()
    await context["pool"].close()


def drain_settings(database_url: str, redis_url: str, lake: Path, shards: int) -> dict[str, Any]:
    """Gives what `arq.worker.Worker` takes to run the drains of all shards."""
    return WORKER | {
        "functions": [drain],
        "cron_jobs": [
            cron(cast(WorkerCoroutine, tend), second=set(range(60)), run_at_startup=True, max_tries=1, timeout=10),
            cron(cast(WorkerCoroutine, make_partitions), hour={3}, minute={0}, run_at_startup=True, max_tries=1),
        ],
        "queue_name": DRAIN_QUEUE,
        "redis_settings": RedisSettings.from_dsn(redis_url),
        "on_startup": _start,
        "on_shutdown": _stop,
        "ctx": {"database_url": database_url, "redis_url": redis_url, "lake": lake, "shards": shards},
        "max_jobs": shards + 2,
        "job_timeout": 60,
        "poll_delay": 1.0,
    }
