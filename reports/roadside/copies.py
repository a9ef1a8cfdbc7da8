"""The driver's copy of a declaration as a PDF, for an officer of its host state: as it stood at an instant."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reports.refusal import RefusedError
from schemas import statements
from store.service_keys import service_key

if TYPE_CHECKING:
    from reports.roadside.asking import Asked

_SQL = statements.load("reports", "roadside")
#: Makes the PDF of what a copy says, sealed with a private key (32 bytes), in a language. The operators' side knows
#: how; who starts this process hands it in.
PrintCopy = Callable[[Mapping[str, Any], bytes, str], bytes]


async def printed_copy(who: "Asked", declaration_id: UUID, at: datetime) -> bytes:
    """Gives the copy of the version that stood. Raises `RefusedError`: not_found; asyncpg's errors."""
    parts = who.parts
    versions = await parts.pool.fetch(_SQL["versions"], [declaration_id], who.host)
    stood = [row for row in versions if row["accepted_at"] <= at]
    if not stood or parts.print_copy is None:
        raise RefusedError("not_found")
    version = stood[-1]
    operator = await parts.pool.fetchrow(_SQL["operator"], version["operator_id"])
    if operator is None:
        raise RefusedError("not_found")
    driver = await parts.pool.fetchrow(_SQL["driver"], version["operator_id"], version["driver_id"])
    said = {
        **version,
        **(driver or {}),
        "plates": version["fleet_plates"] or (),
        "weights": version["fleet_weights"] or (),
        "operator": {**operator, "operator_id": str(operator["operator_id"])},
    }
    key = await service_key(parts.pool, "receipt")
    return await asyncio.to_thread(parts.print_copy, said, key, who.language)
