"""A simulated year into Postgres, by COPY, as if it had happened there."""

import secrets
from collections.abc import Iterable

import asyncpg
import msgspec

from exchange.authorities import Authority
from exchange.record import Exchange
from exchange.rows import values_of, values_of_event
from exchange.simulation.world import officer_of
from exchange.simulation.year import Simulated
from schemas import statements
from store.operators import Connection

_SQL = statements.load("exchange", "simulation")
_EXCHANGE = [name for name in Exchange.__struct_fields__ if name != "number"]
_EVENT = [
    "exchange_id",
    "sequence",
    "at",
    "move",
    "state_before",
    "state",
    "party",
    "country",
    "authority",
    "officer_id",
    "role",
    "credential_id",
    "released_by",
    "content",
]
_ALERT = ["alert_id", "kind", "category", "country", "authority", "officer_id", "fields", "sent_at"]
_RECIPIENT = ["alert_id", "authority", "country", "acknowledged_at"]


async def load(connection: Connection, simulated: Simulated, authorities: Iterable[Authority]) -> None:
    """Enters a simulated year, all or nothing, with an officer for each authority whose token nobody knows.

    Raises asyncpg's errors, such as for a year that is there already.
    """
    async with connection.transaction():
        for authority in authorities:
            name = f"Officer of {authority.code}"
            token_hash = secrets.token_bytes(32)
            await connection.execute(
                _SQL["add_officer"], officer_of(authority.code), name, authority.country, authority.code, token_hash
            )
        await connection.copy_records_to_table(
            "exchange", records=map(values_of, simulated.exchanges), columns=_EXCHANGE
        )
        await connection.copy_records_to_table(
            "exchange_event", records=map(values_of_event, simulated.events), columns=_EVENT
        )
        named = [
            (one.exchange_id, declaration, one.operator_id)
            for one in simulated.exchanges
            for declaration in one.subject.declarations
        ]
        await connection.copy_records_to_table("exchange_declaration", records=named)
        await _load_alerts(connection, simulated)


async def begun(pool: asyncpg.Pool) -> bool:
    """Tells whether there are exchanges already."""
    there: bool = await pool.fetchval(_SQL["begun"])
    return there


async def _load_alerts(connection: Connection, simulated: Simulated) -> None:
    alerts = [
        (
            one.alert_id,
            "alert",
            one.category,
            one.country,
            one.authority,
            one.officer_id,
            msgspec.json.encode(one.fields).decode(),
            one.sent_at,
        )
        for one in simulated.alerts
    ]
    recipients = [
        (one.alert_id, authority, authority[:2], noted)
        for one in simulated.alerts
        for authority, noted in one.recipients.items()
    ]
    await connection.copy_records_to_table("alert", records=alerts, columns=_ALERT)
    await connection.copy_records_to_table("alert_recipient", records=recipients, columns=_RECIPIENT)
