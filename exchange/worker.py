"""What the desk does by the clock, as arq crons that any worker can run: mail, reminders, erasure."""

from datetime import UTC, datetime
from typing import Any, cast

import asyncpg
import msgspec
import structlog
from arq import cron
from arq.typing import WorkerCoroutine

from exchange.mail import Mailbox, send_waiting
from exchange.storage import Storage
from exchange.upkeep import erase, remind
from exchange.uploads import Uploads

_log = structlog.get_logger("exchange")
_OUT_OF_REACH = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

Context = dict[str, Any]


async def mail_notices(context: Context) -> None:
    """Sends what waits (arq cron, every ten seconds)."""
    mailbox: Mailbox = context["mailbox"]
    try:
        sent = await send_waiting(context["pool"], mailbox)
    except _OUT_OF_REACH as error:
        _log.warning("mail_interrupted", reason=type(error).__name__)
        return
    if sent:
        _log.info("mailed", notices=sent)


async def remind_of_replies(context: Context) -> None:
    """Reminds of what is owed (arq cron, every hour)."""
    try:
        reminded = await remind(context["pool"], datetime.now(UTC))
    except _OUT_OF_REACH as error:
        _log.warning("reminders_interrupted", reason=type(error).__name__)
        return
    _log.info("reminded", exchanges=reminded)


async def erase_what_is_over(context: Context) -> None:
    """Erases what has been kept long enough (arq cron, every night)."""
    uploads = Uploads(context["pool"], Storage(context["documents"]))
    try:
        erased = await erase(context["pool"], uploads, datetime.now(UTC))
    except _OUT_OF_REACH as error:
        _log.warning("erasure_interrupted", reason=type(error).__name__)
        return
    _log.info("erased", **msgspec.structs.asdict(erased))


def desk_crons(*, mail: bool) -> list[Any]:
    """Gives the crons; the worker's context has `pool`, `documents` (address of the files) and, for mail, `mailbox`."""
    crons = [
        cron(cast(WorkerCoroutine, remind_of_replies), minute=5, run_at_startup=True, max_tries=1, timeout=300),
        cron(cast(WorkerCoroutine, erase_what_is_over), hour=2, minute=40, max_tries=1, timeout=600),
    ]
    if mail:
        every_ten = set(range(0, 60, 10))
        crons.append(cron(cast(WorkerCoroutine, mail_notices), second=every_ten, max_tries=1, timeout=120))
    return crons
