"""Requests of today about declarations that are really stored, so that their operators find something in the inbox."""

from datetime import datetime

import asyncpg

from exchange.catalogue import codes
from exchange.desk import Desk, NewExchange
from exchange.people import desk_officer
from exchange.record import Content, Subject
from exchange.simulation.world import officer_of
from schemas import statements

_SQL = statements.load("exchange", "simulation")
_DESK = statements.load("exchange", "desk")
_ASKED = ["consignment_note", "tachograph_records", "remuneration"]


async def ask_today(pool: asyncpg.Pool, count: int, at: datetime) -> int:
    """Opens up to `count` requests for documents, one to each operator; gives how many.

    The officers are those that `load` has entered.
    """
    reasons, opened = codes().reason["request"], 0
    for number, row in enumerate(await pool.fetch(_SQL["reported"], count)):
        authority = await pool.fetchval(_DESK["default_authority"], row["posting_country"], "posting")
        if authority is None:
            continue
        officer = await desk_officer(pool, officer_of(authority))
        content = Content(
            subject=Subject(declarations=[row["declaration_id"]]),
            document_types=_ASKED,
            reason=reasons[number % len(reasons)],
        )
        await Desk(pool).begin(officer, NewExchange("document_request", "posting", "open", content), at)
        opened += 1
    return opened
