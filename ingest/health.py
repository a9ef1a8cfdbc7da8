"""Is it alive, is it ready, what does it count."""

import time

import asyncpg
import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from ingest.http import RETRY_SECONDS, Request
from ingest.intake import Intake
from ingest.journal import JournalUnreachableError
from ingest.metrics import queue_age_seconds, queue_declarations
from ingest.rates import RateShown
from schemas import keys
from schemas.declaration import MOST_PLATES
from schemas.limits import LIMITS

_encode = msgspec.json.Encoder().encode


async def health(_intake: Intake, request: Request) -> None:
    """Handles GET /health: this process runs."""
    await request.answer(200, b'{"status":"ok"}')


class LimitsShown(msgspec.Struct, rename="camel"):
    """What intake takes: requests by kind and operator, bytes of a line, months of a period."""

    rates: list[RateShown]
    line_bytes: int
    plates_in_a_list: int
    period_months: int


async def limits(intake: Intake, request: Request) -> None:
    """Handles GET /limits: what a client may send, so that it need not find out by being refused."""
    shown = LimitsShown(intake.rates.shown(), LIMITS.line.bytes, MOST_PLATES, LIMITS.period.months)
    await request.answer(200, _encode(shown))


async def ready(intake: Intake, request: Request) -> None:
    """Handles GET /ready: 200 if the queue answers, which is all that intake cannot do without, else 503."""
    parts = {"queue": True, "register": True}
    try:
        await intake.journal.redis.ping()
    except (RedisError, OSError):
        parts["queue"] = False
    try:
        await intake.pool.fetchval("SELECT 1")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        parts["register"] = False
    status = 200 if parts["queue"] else 503
    extra = () if parts["queue"] else ((b"retry-after", str(RETRY_SECONDS).encode()),)
    await request.answer(status, _encode({"ready": parts["queue"], **parts}), b"application/json", *extra)


async def metrics(intake: Intake, request: Request) -> None:
    """Handles GET /metrics: counters and gauges in Prometheus' format."""
    try:
        await _measure_queue(intake)
    except (RedisError, OSError, JournalUnreachableError):
        queue_declarations.clear()
        queue_age_seconds.clear()
    await request.answer(200, generate_latest(), CONTENT_TYPE_LATEST.encode())


async def _measure_queue(intake: Intake) -> None:
    redis = intake.journal.redis
    for shard in range(intake.journal.shards):
        queue_declarations.labels(shard).set(int(await redis.get(keys.queued(shard)) or 0))
        oldest = await redis.xrange(keys.frames(shard), count=1)
        age = time.time() - int(oldest[0][0].split(b"-")[0]) / 1000 if oldest else 0.0
        queue_age_seconds.labels(shard).set(max(0.0, age))
