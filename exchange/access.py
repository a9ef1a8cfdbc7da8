"""What the state of establishment may see: declarations that a running request for its assistance names.

Source: Directive (EU) 2020/1057, Article 1(11)(c); domain.md 1.4, 1.5.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from exchange.people import DeskOfficer
from exchange.record import Exchange, ExchangeRefusedError
from exchange.retention import is_blocked
from schemas import statements
from schemas.declaration import WIRE_NAMES
from schemas.identity import number_of
from store.operators import Connection

_SQL = statements.load("exchange", "desk")


async def granted_access(connection: Connection | asyncpg.Pool, declaration_id: UUID, country: str) -> UUID | None:
    """Gives the exchange by which `country`, not the host, may see a declaration now; None if it may not."""
    exchange_id: UUID | None = await connection.fetchval(_SQL["seen_by_establishment"], declaration_id, country)
    return exchange_id


async def declarations_of(
    pool: asyncpg.Pool, officer: DeskOfficer, exchange: Exchange, at: datetime
) -> list[dict[str, Any]]:
    """Gives the newest versions of an exchange's declarations under RTPD's names, with their plates.

    The host state may read them always, the state that is asked for assistance until the exchange is closed.
    Raises `ExchangeRefusedError`.
    """
    if officer.country != exchange.requesting_country and exchange.closed_at is not None:
        raise ExchangeRefusedError("not_found")
    if is_blocked(exchange, at):
        raise ExchangeRefusedError("blocked_by_age")
    rows = await pool.fetch(_SQL["declarations_whole"], exchange.exchange_id)
    return [_declaration(row) for row in rows]


def _declaration(row: asyncpg.Record) -> dict[str, Any]:
    said = {wire: row[name] for name, wire in WIRE_NAMES.items() if row.get(name) is not None}
    return said | {
        "declarationId": row["declaration_id"],
        "declarationNumber": number_of(row["declaration_id"]),
        "declarationVersion": row["version"],
        "declarationSubmissionDate": row["submitted_at"],
        "declarationLastUpdate": row["accepted_at"],
        "withdrawn": row["withdrawn"],
        "operatorId": row["operator_id"],
        WIRE_NAMES["operation_types"]: [
            code
            for code, name in (("CABOTAGE_OPERATIONS", "cabotage"), ("INTERNATIONAL_CARRIAGE", "international"))
            if row[name]
        ],
        WIRE_NAMES["transport_types"]: [
            code
            for code, name in (("CARRIAGE_OF_GOODS", "goods"), ("CARRIAGE_OF_PASSENGERS", "passengers"))
            if row[name]
        ],
        WIRE_NAMES["plates"]: row["fleet_plates"] or [],
    }
