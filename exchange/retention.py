"""How long what is exchanged stays: within reach, blocked, erased, bytes and all (domain.md 2.4)."""

from datetime import datetime, timedelta
from functools import cache

import asyncpg
import msgspec
from msgspec import Struct

from exchange.record import Exchange
from schemas import statements
from schemas.codes import DATA

_SQL = statements.load("exchange", "retention")
#: Where something of an exchange, an alert or a translation stands.
_TABLES = (
    "exchange",
    "exchange_event",
    "exchange_declaration",
    "exchange_held",
    "exchange_note",
    "upload",
    "upload_part",
    "notice",
    "alert",
    "alert_recipient",
    "translation",
    "pg_catalog.pg_statistic",
)
_DAYS_OF_A_MONTH = 30.44


class Retention(Struct, frozen=True, forbid_unknown_fields=True):
    """How long what stays, from `schemas/data/exchange/retention.toml`."""

    blocked_after_months: int
    erased_after_months: int
    abandoned_after_days: int
    drafts_after_months: int
    alerts_after_months: int
    translations_after_months: int
    reminders: list[int]
    overdue_until_days: int


@cache
def retention() -> Retention:
    """Reads how long what stays."""
    return msgspec.toml.decode((DATA / "exchange" / "retention.toml").read_bytes(), type=Retention)


def is_blocked(exchange: Exchange, at: datetime) -> bool:
    """Tells whether an exchange was closed so long ago that its forms, texts and files are out of reach."""
    return exchange.closed_at is not None and exchange.closed_at < months_before(at, retention().blocked_after_months)


async def erase_exchanges(pool: asyncpg.Pool, at: datetime) -> int:
    """Erases exchanges whose time is over and whose files are gone; those that led to others after these."""
    kept, erased = retention(), 0
    while True:
        done: str = await pool.execute(
            _SQL["erase_exchanges"],
            months_before(at, kept.erased_after_months),
            months_before(at, kept.drafts_after_months),
        )
        if done == "DELETE 0":
            return erased
        erased += int(done.split()[-1])


async def erase_alerts(pool: asyncpg.Pool, at: datetime) -> int:
    """Erases alerts whose time is over, with the notices of them."""
    erased: int = await pool.fetchval(_SQL["erase_alerts"], months_before(at, retention().alerts_after_months))
    return erased


async def take_off_disk(pool: asyncpg.Pool) -> None:
    """Writes the tables anew, so that no byte of what was erased stays in them or in the log.

    Needs the rights to checkpoint, as the removal of declarations does.
    """
    async with pool.acquire() as connection:
        await connection.execute(_SQL["take_time"])
        for table in _TABLES:
            await connection.execute(_SQL["rewrite"].format(table=table))
        await connection.execute(_SQL["end_log_file"])
        await connection.execute(_SQL["checkpoint"])


def months_before(at: datetime, months: int) -> datetime:
    """Gives the instant so many months before another."""
    return at - timedelta(days=round(months * _DAYS_OF_A_MONTH))
