"""For which operators a key may speak, and where those are established; remembered by the process."""

import hashlib

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_DELEGATED = text("""
    SELECT operator.operator_id::text, operator.country
    FROM public.credential
         JOIN public.delegation USING (credential_id)
         JOIN public.operator ON operator.operator_id = delegation.operator_id
    WHERE credential.key_hash = :key_hash
      AND credential.revoked_at IS NULL AND delegation.revoked_at IS NULL
      AND operator.operator_id = ANY(:operators)
""")


class Callers:
    """Asks the register once for each key and operator."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known: dict[tuple[str, str], str] = {}

    async def establishments(self, api_key: str, operators: set[str]) -> dict[str, str]:
        """Gives the countries of those operators for whom the key may speak."""
        unknown = [operator for operator in operators if (api_key, operator) not in self._known]
        if unknown:
            key_hash = hashlib.sha256(api_key.encode()).digest()
            async with self._engine.connect() as connection:
                rows = await connection.execute(_DELEGATED, {"key_hash": key_hash, "operators": unknown})
                self._known |= {(api_key, operator): country for operator, country in rows}
        return {
            operator: self._known[api_key, operator] for operator in operators if (api_key, operator) in self._known
        }
