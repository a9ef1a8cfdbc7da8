"""The log of what happened to an operator's declarations and records."""

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from schemas import statements

_SQL = statements.load("ingest", "events")
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


async def note(
    connection: Connection,
    operator_id: UUID,
    kind: str,
    happened_at: datetime,
    record_id: UUID,
    details: dict[str, Any] | None = None,
) -> None:
    """Notes what happened to a record, in the transaction in which it happens."""
    text = msgspec.json.encode(details).decode() if details else None
    await connection.execute(_SQL["note"], operator_id, kind, happened_at, record_id, text)
