"""What is done by the clock: reminders of what is owed, and the erasure of what is over."""

from datetime import date, datetime, timedelta

import asyncpg
import msgspec
from msgspec import Struct

from exchange.conditions import day_in
from exchange.notices import Filling, tell_authorities, tell_operator
from exchange.record import Exchange
from exchange.retention import erase_alerts, erase_exchanges, months_before, retention, take_off_disk
from exchange.rows import exchange_of
from exchange.uploads import Uploads
from schemas import statements

_NOTICES = statements.load("exchange", "notices")
_TRANSLATIONS = statements.load("exchange", "translations")


class Erased(Struct, frozen=True):
    """How much an erasure erased."""

    files: int
    exchanges: int
    alerts: int
    translations: int


async def remind(pool: asyncpg.Pool, at: datetime) -> int:
    """Tells each side that owes a reply how long it has still, or that it is late, once for each step; gives how many.

    The requesting authority is told when a reply is late.
    """
    latest = max(retention().reminders)
    today = at.date()
    rows = await pool.fetch(
        _NOTICES["owed"], today - timedelta(days=retention().overdue_until_days), today + timedelta(days=latest)
    )
    reminded = 0
    for row in rows:
        exchange = exchange_of(row)
        step = _step(exchange, at)
        if step is not None:
            async with pool.acquire() as connection, connection.transaction():
                await _remind(connection, exchange, step, at)
            reminded += 1
    return reminded


async def erase(pool: asyncpg.Pool, uploads: Uploads, at: datetime) -> Erased:
    """Erases what is over for long enough: files nobody sent, drafts, exchanges with their files, alerts, translations.

    Afterwards no byte of it is left in the register's tables.
    """
    kept = retention()
    files = await uploads.erase("abandoned", at - timedelta(days=kept.abandoned_after_days))
    files += await uploads.erase("of_drafts", months_before(at, kept.drafts_after_months))
    files += await uploads.erase("of_closed", months_before(at, kept.erased_after_months))
    exchanges, alerts = await erase_exchanges(pool, at), await erase_alerts(pool, at)
    translations = await pool.execute(_TRANSLATIONS["erase"], months_before(at, kept.translations_after_months))
    erased = Erased(files, exchanges, alerts, int(translations.split()[-1]))
    if any(msgspec.structs.astuple(erased)):
        await take_off_disk(pool)
    return erased


def _step(exchange: Exchange, at: datetime) -> int | None:
    """Gives the step of reminding that has come: the days before the last day, -1 once it is over."""
    due = exchange.agreed_due or exchange.legal_due
    if due is None:
        return None
    left = (due - day_in(exchange.replying_country, at)).days
    if left < 0:
        return -1
    return min((days for days in retention().reminders if left <= days), default=None)


async def _remind(connection: asyncpg.Connection, exchange: Exchange, step: int, at: datetime) -> None:
    due = exchange.agreed_due or exchange.legal_due
    once_key, late = f"{exchange.exchange_id}:{due}:{step}:", step < 0
    filling = _filling(exchange, due)
    if exchange.operator_id is not None and exchange.replying_authority is None:
        kind = "request_overdue" if late else "request_reminder"
        await tell_operator(connection, kind, exchange.operator_id, exchange, filling, at, once_key=once_key)
    told = [exchange.replying_authority] if exchange.replying_authority else []
    if late:
        told.append(exchange.requesting_authority)
    if told:
        kind = "exchange_overdue" if late else "exchange_reminder"
        await tell_authorities(connection, kind, told, filling, at, exchange_id=exchange.exchange_id, once_key=once_key)


def _filling(exchange: Exchange, due: date | None) -> Filling:
    return Filling(exchange.shown_number, {}, None, exchange.procedure, exchange.module, None, exchange.state, due)
