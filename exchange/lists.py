"""Lists of exchanges: filtered, newest first, page by page."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID

import asyncpg

from exchange.conditions import day_in
from exchange.people import DeskOfficer, OperatorCaller
from exchange.record import Exchange
from exchange.rows import exchange_of
from schemas import statements

_SQL = statements.load("exchange", "desk")


@dataclass(slots=True)
class Wanted:
    """What a list shows; None filters nothing. `ball` is ours, theirs, linked or nobody; `before` begins a page.

    `held_by` is an authority of which a move waits for a second officer.
    """

    direction: Literal["all", "sent", "received"] = "all"
    authority: str | None = None
    procedure: str | None = None
    module: str | None = None
    states: list[str] | None = None
    running: bool | None = None
    ball: str | None = None
    overdue: bool | None = None
    country: str | None = None
    operator_id: UUID | None = None
    held_by: str | None = None
    before: int | None = None
    limit: int = 50


@dataclass(slots=True)
class Waiting:
    """How many exchanges wait for an authority, are overdue, wait for a second officer; how many alerts, notices."""

    ours: int
    overdue: int
    to_release: int
    to_acknowledge: int
    unread: int


async def page_of_officer(
    pool: asyncpg.Pool, officer: DeskOfficer, wanted: Wanted, at: datetime | None = None
) -> list[Exchange]:
    """Gives what an officer's Member State sent and received."""
    rows = await pool.fetch(
        _SQL["page"],
        officer.country,
        wanted.direction,
        wanted.authority,
        wanted.procedure,
        wanted.module,
        wanted.states,
        wanted.running,
        wanted.ball,
        wanted.overdue,
        _today(officer.country, at),
        wanted.country,
        wanted.operator_id,
        wanted.before,
        wanted.limit,
        wanted.held_by,
    )
    return [exchange_of(row) for row in rows]


async def waiting(pool: asyncpg.Pool, officer: DeskOfficer, at: datetime) -> Waiting:
    """Counts what waits for an officer's authority."""
    row = await pool.fetchrow(_SQL["waiting"], officer.authority, _today(officer.country, at), officer.officer_id)
    return Waiting(*row)


async def page_of_operator(
    pool: asyncpg.Pool, caller: OperatorCaller, wanted: Wanted, at: datetime | None = None
) -> list[Exchange]:
    """Gives an operator's inbox: the requests for documents that were sent to it."""
    rows = await pool.fetch(
        _SQL["operator_page"],
        caller.operator_id,
        wanted.states,
        wanted.running,
        wanted.overdue,
        _today(caller.country, at),
        wanted.before,
        wanted.limit,
    )
    return [exchange_of(row) for row in rows]


def _today(country: str, at: datetime | None) -> date:
    return day_in(country, at or datetime.now(UTC))
