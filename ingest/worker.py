"""The operators' side's worker: what is done by the clock. Standing renewals, copies by e-mail, changes cut off.

Everything that it does is an order in Postgres that it takes for some minutes; a killed worker's orders are taken
again by another. So arq carries no payload, only the beat.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, cast

import asyncpg
import msgspec
import structlog
from arq import cron
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine
from redis.exceptions import RedisError

from exchange.mail import Mailbox
from ingest.approvals import forget_old as forget_approvals
from ingest.declarations.drafts import sweep as sweep_drafts
from ingest.declarations.lines import moment
from ingest.drivers import spread_unfinished as spread_drivers
from ingest.events import KEEP_DAYS, forget_old
from ingest.fleets import spread_unfinished as spread_fleets
from ingest.intake import Intake, Options, open_intake
from ingest.journal import JournalUnreachableError
from ingest.mail import forget_sent, send_due
from ingest.standing import keep_renewals

MAIL_QUEUE = "rtpd:arq:mail"
_RENEWALS_AT_ONCE = 100
_MAILS_AT_ONCE = 20
_EVENTS_AT_ONCE = 10_000
_log = structlog.get_logger("worker")

Context = dict[str, Any]
_AWAY = (RedisError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, JournalUnreachableError)


async def renew(context: Context) -> None:
    """Does what is due of the standing renewals (arq cron, every ten seconds)."""
    intake: Intake = context["intake"]
    await _undisturbed("renewals", lambda: keep_renewals(intake, _RENEWALS_AT_ONCE))


async def send(context: Context) -> None:
    """Sends the copies that are due (arq cron, every second)."""
    intake, mailbox = context["intake"], context["mailbox"]
    if mailbox is not None:
        await _undisturbed("mail", lambda: send_due(intake, mailbox, _MAILS_AT_ONCE))


async def finish(context: Context) -> None:
    """Ends changes of drivers and fleets that were cut off on their way (arq cron, every minute)."""
    intake: Intake = context["intake"]
    await _undisturbed("drivers", lambda: spread_drivers(intake))
    await _undisturbed("fleets", lambda: spread_fleets(intake))


async def forget(context: Context) -> None:
    """Takes out what is older than it is kept (arq cron, hourly)."""
    intake: Intake = context["intake"]
    before = moment(intake.now()) - timedelta(days=KEEP_DAYS)
    await _undisturbed("events", lambda: forget_old(intake, before, _EVENTS_AT_ONCE))
    await _undisturbed("addresses", lambda: forget_sent(intake))
    await _undisturbed("drafts", lambda: sweep_drafts(intake, _EVENTS_AT_ONCE))
    await _undisturbed("approvals", lambda: forget_approvals(intake, _EVENTS_AT_ONCE))


async def _undisturbed(what: str, work: Callable[[], Awaitable[Any]]) -> None:
    """Does some work; while a server is away it waits for the next beat."""
    try:
        await work()
    except _AWAY as error:
        _log.warning("interrupted", work=what, reason=type(error).__name__)


async def _start(context: Context) -> None:
    context["stack"] = AsyncExitStack()
    context["intake"] = await context["stack"].enter_async_context(open_intake(context["options"]))
    context["pool"] = context["intake"].pool


async def _stop(context: Context) -> None:
    await context["stack"].aclose()


def _beat(work: Callable[[Context], Awaitable[None]], **when: Any) -> Any:
    return cron(cast(WorkerCoroutine, work), **when, max_tries=1, timeout=300)


def worker_settings(
    options: Options, mailbox: Mailbox | None, jobs: Sequence[Any] = (), context: Context | None = None
) -> dict[str, Any]:
    """Gives what `arq.worker.Worker` takes; `jobs` are further crons, which find `intake`, `pool` and `context`."""
    return {
        "functions": [renew],
        "cron_jobs": [
            _beat(renew, second=set(range(0, 60, 10))),
            *([_beat(send, second=set(range(60)))] if mailbox is not None else []),
            _beat(finish, second={30}),
            _beat(forget, minute={20}, second={0}),
            *jobs,
        ],
        "queue_name": MAIL_QUEUE,
        "redis_settings": RedisSettings.from_dsn(options.redis_url),
        "on_startup": _start,
        "on_shutdown": _stop,
        "ctx": {"options": options, "mailbox": mailbox} | (context or {}),
        "max_jobs": 10,
        "job_timeout": 300,
        "max_tries": 1,
        "keep_result": 0,
        "poll_delay": 1.0,
        "job_serializer": msgspec.msgpack.encode,
        "job_deserializer": msgspec.msgpack.decode,
    }
