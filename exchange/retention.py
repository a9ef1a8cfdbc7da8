"""How long what is exchanged stays: within reach, blocked, erased (domain.md 2.4)."""

from datetime import datetime, timedelta
from functools import cache

import msgspec
from msgspec import Struct

from exchange.record import Exchange
from schemas.codes import DATA

_DAYS_OF_A_MONTH = 30.44


class Retention(Struct, frozen=True, forbid_unknown_fields=True):
    """How long what stays, from `schemas/data/exchange/retention.toml`."""

    blocked_after_months: int
    erased_after_months: int
    abandoned_after_days: int
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


def months_before(at: datetime, months: int) -> datetime:
    """Gives the instant so many months before another."""
    return at - timedelta(days=round(months * _DAYS_OF_A_MONTH))
