"""Reading exchanges: each reading by an officer stays within the officer's Member State and is logged."""

from uuid import UUID

import asyncpg

from exchange.people import Caller, DeskOfficer, sees
from exchange.record import Exchange, ExchangeRefusedError
from exchange.rows import exchange_of
from schemas import statements

_SQL = statements.load("exchange", "desk")


async def read_exchange(
    pool: asyncpg.Pool, caller: Caller, which: UUID | int, *, purpose: str | None = None
) -> Exchange:
    """Gives an exchange by its id or number to who may see it. Raises `ExchangeRefusedError`: not_found."""
    name = "read" if isinstance(which, UUID) else "read_by_number"
    row = await pool.fetchrow(_SQL[name], which)
    if row is None or not sees(caller, exchange := exchange_of(row)):
        if isinstance(caller, DeskOfficer):
            await log_reading(pool, caller, str(which), "NOT_FOUND", purpose)
        raise ExchangeRefusedError("not_found")
    if isinstance(caller, DeskOfficer):
        await log_reading(pool, caller, exchange.shown_number, "READ", purpose)
    return exchange


async def log_reading(
    pool: asyncpg.Pool, officer: DeskOfficer, sought: str, verdict: str, purpose: str | None, kind: str = "exchange"
) -> None:
    """Writes into the log of look-ups what an officer read."""
    await pool.execute(_SQL["log_reading"], officer.officer_id, officer.country, kind, sought, purpose, verdict)
