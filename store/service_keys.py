"""The service's own secrets, kept in Postgres so that all its processes share them."""

import asyncpg

from schemas import statements

_SQL = statements.load("store", "service_keys")


async def service_key(pool: asyncpg.Pool, name: str) -> bytes:
    """Reads one secret (32 bytes): `receipt`, `number` or `issuer`. Raises `KeyError` before it is migrated."""
    value: bytes | None = await pool.fetchval(_SQL["value"], name)
    if value is None:
        raise KeyError(name)
    return value
