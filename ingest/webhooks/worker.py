"""The worker's part in webhooks: events become deliveries, deliveries are tried until they are taken (arq cron)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import asyncpg
import msgspec
import structlog
from arq import cron
from arq.typing import WorkerCoroutine

from ingest.events import event_of
from ingest.webhooks.sending import Sender
from schemas import statements

_SQL = statements.load("ingest", "webhooks")
_EVENTS = statements.load("ingest", "events")
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("webhooks")
#: How long after each try the next one comes, in seconds; after the last, about three days on, nothing is tried.
BACK_OFF = (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400, 86_400)
_LEASE = timedelta(seconds=60)
_WEBHOOKS_AT_ONCE = 100
_EVENTS_AT_ONCE = 500
_DELIVERIES_AT_ONCE = 50
_KEEP = timedelta(days=30)


async def make_deliveries(pool: asyncpg.Pool, now: datetime) -> int:
    """Turns events that no delivery was made of yet into deliveries; gives how many."""
    made = 0
    async with pool.acquire() as connection, connection.transaction():
        for webhook in await connection.fetch(_SQL["behind"], _WEBHOOKS_AT_ONCE):
            cursor = (webhook["transaction"], webhook["event_id"])
            rows = await connection.fetch(_EVENTS["after"], webhook["operator_id"], *cursor, _EVENTS_AT_ONCE)
            made += await _deliver(connection, webhook, rows, now)
    return made


async def send_due(pool: asyncpg.Pool, sender: Sender, now: datetime) -> int:
    """Tries deliveries that are due, some at once; gives how many were tried.

    A worker that dies in between holds them up for a minute, and they are tried again: at least once.
    """
    rows = await pool.fetch(_SQL["take_due"], now, now + _LEASE, _DELIVERIES_AT_ONCE)
    await asyncio.gather(*(_try(pool, sender, row, now) for row in rows))
    return len(rows)


async def _deliver(
    connection: asyncpg.Connection, webhook: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], now: datetime
) -> int:
    wanted = [row for row in rows if not webhook["kinds"] or row["kind"] in webhook["kinds"]]
    if wanted:
        ids = await connection.fetchval(_SQL["fresh_ids"], len(wanted))
        bodies = [_encode(event_of(row)).decode() for row in wanted]
        kinds = [row["kind"] for row in wanted]
        await connection.execute(_SQL["deliver"], webhook["webhook_id"], ids, kinds, bodies, now)
    if rows:
        last = rows[-1]
        await connection.execute(_SQL["advance"], webhook["webhook_id"], last["transaction"], last["event_id"])
    return len(wanted)


async def _try(pool: asyncpg.Pool, sender: Sender, row: Mapping[str, Any], now: datetime) -> None:
    delivery_id, body = row["delivery_id"], row["body"].encode()
    outcome = await sender.send(row["url"], row["secret"], str(delivery_id), int(now.timestamp()), body)
    tries = row["attempts"]
    again = None
    if not outcome.delivered and tries <= len(BACK_OFF):
        again = now + timedelta(seconds=BACK_OFF[tries - 1])
    taken = now if outcome.delivered else None
    await pool.execute(_SQL["tried"], delivery_id, outcome.status, outcome.reason, taken, again)


async def keep_webhooks(context: dict[str, Any]) -> int:
    """Makes and sends what is due (arq cron, every second); gives how many deliveries were tried."""
    now = datetime.now(UTC)
    try:
        if not await context["pool"].fetchval(_SQL["any"]):
            return 0
        await make_deliveries(context["pool"], now)
        return await send_due(context["pool"], context["webhook_sender"], now)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        _log.warning("webhooks_interrupted", kind=type(error).__name__)
        return 0


async def forget_deliveries(context: dict[str, Any]) -> None:
    """Takes out what was delivered or given up a month ago (arq cron, daily)."""
    await context["pool"].execute(_SQL["forget"], datetime.now(UTC) - _KEEP)


def webhook_jobs() -> list[Any]:
    """Gives what a worker does for webhooks by the clock; its context needs `pool` and `webhook_sender`."""
    return [
        cron(cast(WorkerCoroutine, keep_webhooks), second=set(range(60)), max_tries=1, timeout=45),
        cron(cast(WorkerCoroutine, forget_deliveries), hour={4}, minute={10}, max_tries=1),
    ]
