"""Who uses the exchange: officers of authorities, callers of an operator, and the sides on which they stand."""

from uuid import UUID

import asyncpg
from msgspec import Struct

from exchange.procedures import Party, procedures
from exchange.record import Actor, Exchange, ExchangeRefusedError
from schemas import statements
from store.operators import Connection

_SQL = statements.load("exchange", "desk")


class DeskOfficer(Struct, frozen=True, kw_only=True):
    """An officer with the authority whose hand the officer is; `four_eyes` is the authority's wish."""

    officer_id: UUID
    name: str
    country: str
    authority: str | None
    role: str
    language: str
    email: str | None
    four_eyes: bool


class OperatorCaller(Struct, frozen=True):
    """Somebody with a key of an operator."""

    operator_id: UUID
    country: str
    credential_id: UUID


Caller = DeskOfficer | OperatorCaller


async def desk_officer(connection: Connection | asyncpg.Pool, officer_id: UUID) -> DeskOfficer:
    """Finds an officer whose token works. Raises `ExchangeRefusedError`."""
    row = await connection.fetchrow(_SQL["officer"], officer_id)
    if row is None:
        raise ExchangeRefusedError("key_unknown")
    return DeskOfficer(**row)


def sees(caller: Caller, exchange: Exchange) -> bool:
    """Tells whether somebody may read an exchange: the sender's state always, the other side once it is sent."""
    if isinstance(caller, OperatorCaller):
        mine = exchange.operator_id == caller.operator_id and procedures()[exchange.procedure].replying == "operator"
        return mine and exchange.sent_at is not None
    if caller.country == exchange.requesting_country:
        return True
    asked = procedures()[exchange.procedure].replying == "authority" and caller.country == exchange.replying_country
    return asked and exchange.sent_at is not None


def check_acts(caller: Caller) -> None:
    """Raises `ExchangeRefusedError` for an officer whose role makes no move in any exchange, an auditor for one."""
    roles = sorted({role for one in procedures().values() for move in one.moves.values() for role in move.roles})
    if isinstance(caller, DeskOfficer) and caller.role not in roles:
        raise ExchangeRefusedError("role_missing", role=caller.role, roles=", ".join(roles))


def actors_of(caller: Caller, exchange: Exchange) -> list[Actor]:
    """Gives somebody on each side on which they may act: officers for their authority, coordinators for their state."""
    if isinstance(caller, OperatorCaller):
        return [Actor("replying", caller.country, credential_id=caller.credential_id)] if sees(caller, exchange) else []
    sides: list[Party] = []
    coordinates = caller.role == "coordinator"
    if caller.country == exchange.requesting_country and (
        caller.authority == exchange.requesting_authority or coordinates
    ):
        sides.append("requesting")
    if sees(caller, exchange) and caller.country == exchange.replying_country:
        if caller.authority == exchange.replying_authority or coordinates:
            sides.append("replying")
        if coordinates:
            sides.append("coordinator")
    if procedures()[exchange.procedure].replying == "operator":
        sides = [side for side in sides if side == "requesting"]
    return [Actor(side, caller.country, caller.authority, caller.officer_id, caller.role) for side in sides]
