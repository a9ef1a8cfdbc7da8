"""Operators, their API keys, and the delegations by which a software house speaks for many of them."""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

from schemas import statements
from schemas.codes import country
from schemas.keys import REGISTRY_CHANNEL
from schemas.operator import Operator

_SQL = statements.load("store", "operators")

Scope = Literal["read", "submit", "administer"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
KEY_PREFIX = "rtpd_live_"
_SECRET_BYTES = 32  # 43 characters in base64url

Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


class OperatorUnknownError(LookupError):
    """There is no operator with this id."""


class CredentialUnknownError(LookupError):
    """There is no such key, or it is revoked already."""


class NewCredential(Struct, frozen=True, rename="camel"):
    """A key as it is shown once: only its SHA-256 is kept."""

    credential_id: UUID
    api_key: str


class CredentialRow(Struct, frozen=True, rename="camel"):
    """A key as it is listed: what it may do and when it was used, never the key."""

    credential_id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def secret_with(prefix: str) -> tuple[str, bytes]:
    """Makes a secret that begins with `prefix`; gives it with the SHA-256 under which it is kept."""
    secret = prefix + secrets.token_urlsafe(_SECRET_BYTES)
    return secret, hashlib.sha256(secret.encode()).digest()


async def create_operator(connection: Connection, operator: Operator) -> UUID:
    """Enters an operator in the register, under its own id or a fresh one."""
    operator_id = UUID(operator.operator_id) if operator.operator_id else uuid4()
    known = msgspec.structs.replace(operator, country=country(operator.country))
    await connection.execute(_SQL["create_operator"], operator_id, *msgspec.structs.astuple(known)[1:])
    return operator_id


async def create_credential(
    connection: Connection,
    operator_id: UUID,
    name: str,
    *,
    scopes: Sequence[Scope] = SCOPES,
    expires_at: datetime | None = None,
) -> NewCredential:
    """Makes a key of an operator; it speaks for all who delegated to the operator's other keys.

    Raises `OperatorUnknownError`.
    """
    api_key, key_hash = secret_with(KEY_PREFIX)
    credential_id = uuid4()
    async with connection.transaction():
        if not await connection.fetchval(_SQL["operator_exists"], operator_id):
            raise OperatorUnknownError(f"there is no operator {operator_id}")
        await connection.execute(
            _SQL["create_credential"], credential_id, key_hash, operator_id, name, list(scopes), expires_at
        )
        await connection.execute(_SQL["inherit_delegations"], credential_id, operator_id)
    return NewCredential(credential_id, api_key)


async def credentials_of(connection: Connection, operator_id: UUID) -> list[CredentialRow]:
    """Lists an operator's keys, oldest first."""
    return [CredentialRow(**row) for row in await connection.fetch(_SQL["credentials_of"], operator_id)]


async def live_credentials_of(connection: Connection, operator_id: UUID) -> list[UUID]:
    """Gives an operator's keys that work now. Raises `CredentialUnknownError` if it has none."""
    rows = await connection.fetch(_SQL["live_credentials_of"], operator_id)
    if not rows:
        raise CredentialUnknownError(f"operator {operator_id} has no key that works")
    return [row["credential_id"] for row in rows]


async def revoke_credential(connection: Connection, credential_id: UUID) -> None:
    """Ends a key at once. Raises `CredentialUnknownError`."""
    if await connection.execute(_SQL["revoke_credential"], credential_id) == "UPDATE 0":
        raise CredentialUnknownError(f"there is no key {credential_id} that works")


async def delegate(connection: Connection, credential_id: UUID, operator_ids: Sequence[UUID]) -> None:
    """Lets a key speak for operators. Raises asyncpg's `ForeignKeyViolationError` if one of them is unknown."""
    await connection.execute(_SQL["delegate"], credential_id, list(operator_ids))


async def end_delegation(connection: Connection, credential_id: UUID, operator_id: UUID) -> None:
    """Takes back an operator's delegation to a key."""
    await connection.execute(_SQL["end_delegation"], credential_id, operator_id)


async def announce(redis: Redis, changed: UUID) -> None:
    """Tells intake that what it remembers of this key or operator is out of date.

    Best effort: without Redis it finds out by itself within a minute.
    """
    with suppress(RedisError, OSError):
        await redis.publish(REGISTRY_CHANNEL, changed.bytes)
