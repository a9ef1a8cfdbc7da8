"""What the state of establishment may see: declarations that a running request for its assistance names.

Source: Directive (EU) 2020/1057, Article 1(11)(c); domain.md 1.4, 1.5.
"""

from uuid import UUID

import asyncpg

from schemas import statements
from store.operators import Connection

_SQL = statements.load("exchange", "desk")


async def granted_access(connection: Connection | asyncpg.Pool, declaration_id: UUID, country: str) -> UUID | None:
    """Gives the exchange by which `country`, not the host, may see a declaration now; None if it may not."""
    exchange_id: UUID | None = await connection.fetchval(_SQL["seen_by_establishment"], declaration_id, country)
    return exchange_id
