"""/credentials and /delegations: an operator's keys, and the keys of others that may speak for it.

A key may read, submit or administer, may end on a day, and is replaced without a gap: rotating makes a new key while
the old one works on for some hours. A software house's one key speaks for every operator that delegated to it.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Meta

from ingest.actions import Administrator, administrator, note
from ingest.bodies import converted, present, read_object
from ingest.declarations.lines import moment
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from schemas import statements
from schemas.declaration import Identifier
from store.operators import KEY_PREFIX, SCOPES, Scope, announce, secret_with

_SQL = statements.load("ingest", "credentials_admin")
_encode = msgspec.json.Encoder().encode
MOST_OVERLAP_HOURS = 720
#: What an operator may lend: administering stays its own.
Lent = Literal["read", "submit"]
LENT: tuple[Lent, ...] = get_args(Lent)


class NewKey(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A key that is wanted: a name for people, what it may do, and when it ends."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Meta(min_length=1)] = msgspec.field(default_factory=lambda: list(SCOPES))
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class Rotation(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """How a key is replaced: `overlap_hours` is how long the old one works on."""

    overlap_hours: Annotated[int, Meta(ge=0, le=MOST_OVERLAP_HOURS)] = 24
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class NewDelegation(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The key that is to speak for the operator; its owner tells its id. Sent again it takes the other's place."""

    credential_id: Identifier
    scopes: Annotated[list[Lent], Meta(min_length=1)] = msgspec.field(default_factory=lambda: list(LENT))
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class Key(msgspec.Struct, rename="camel", omit_defaults=True):
    """A key as it is listed; `replaces` is the key that it was rotated from."""

    credential_id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    replaces: UUID | None = None


class KeyMade(Key, rename="camel"):
    """A new key with its secret, which is shown only now."""

    api_key: str = ""


class Keys(msgspec.Struct):
    """All keys of an operator, oldest first."""

    items: list[Key]


class Delegation(msgspec.Struct, rename="camel", omit_defaults=True):
    """A key (of the delegate) that speaks for an operator."""

    credential_id: UUID
    credential_name: str
    operator_id: UUID
    operator_name: str
    scopes: list[Lent]
    granted_at: datetime
    expires_at: datetime | None = None
    delegate_id: UUID | None = None
    delegate_name: str | None = None
    revoked_at: datetime | None = None


class Delegations(msgspec.Struct):
    """What the operator delegated, and what was delegated to its keys."""

    items: list[Delegation]


async def list_keys(intake: Intake, request: Request) -> None:
    """Handles GET /credentials."""
    who = await administrator(intake, request)
    rows = await intake.pool.fetch(_SQL["page"], who.operator_id)
    await request.answer(200, _encode(Keys([Key(**row) for row in rows])))


async def create_key(intake: Intake, request: Request) -> None:
    """Handles POST /credentials: the secret is answered once and kept as its hash."""
    who = await administrator(intake, request, empowers=True)
    wanted = converted(present(await read_object(request)), NewKey)
    _check_end(intake, wanted.expires_at)
    async with intake.pool.acquire() as connection, connection.transaction():
        made = await _add(connection, intake, who, wanted, None)
        await note(connection, intake, who, "credential.created", made.credential_id, {"name": made.name})
    await announce(intake.journal.redis, made.credential_id)
    await request.answer(201, _encode(made))


async def rotate_key(intake: Intake, request: Request) -> None:
    """Handles POST /credentials/{id}/rotate: a new key with the same rights, and an end to the old one."""
    who = await administrator(intake, request, empowers=True)
    rotation = converted(present(await read_object(request, optional=True)), Rotation)
    _check_end(intake, rotation.expires_at)
    now, old_id = moment(intake.now()), request.identifier("credential_id")
    async with intake.pool.acquire() as connection, connection.transaction():
        old = await connection.fetchrow(_SQL["live"], who.operator_id, old_id, now)
        if old is None:
            raise RefusedError("not_found")
        wanted = NewKey(old["name"], old["scopes"], rotation.expires_at)
        made = await _add(connection, intake, who, wanted, old_id)
        await connection.execute(_SQL["end_at"], old_id, now + timedelta(hours=rotation.overlap_hours))
        await note(connection, intake, who, "credential.rotated", old_id, {"replacedBy": str(made.credential_id)})
    await announce(intake.journal.redis, old_id)
    await request.answer(201, _encode(made))


async def revoke_key(intake: Intake, request: Request) -> None:
    """Handles DELETE /credentials/{id}: the key ends at once. The last one that may administer stays."""
    who = await administrator(intake, request)
    now, credential_id = moment(intake.now()), request.identifier("credential_id")
    async with intake.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(_SQL["revoke"], who.operator_id, credential_id, now) is None:
            raise RefusedError("not_found")
        if not await connection.fetchval(_SQL["administrators"], who.operator_id, now):
            raise RefusedError("last_administrator")
        await note(connection, intake, who, "credential.revoked", credential_id)
    await announce(intake.journal.redis, credential_id)
    await request.answer(200, b"{}")


async def list_delegations(intake: Intake, request: Request) -> None:
    """Handles GET /delegations."""
    who = await administrator(intake, request)
    rows = await intake.pool.fetch(_SQL["delegations"], who.operator_id)
    await request.answer(200, _encode(Delegations([Delegation(**row) for row in rows])))


async def delegate(intake: Intake, request: Request) -> None:
    """Handles POST /delegations: a key of somebody else may speak for the operator from now on."""
    who = await administrator(intake, request, empowers=True)
    wanted = converted(present(await read_object(request)), NewDelegation)
    _check_end(intake, wanted.expires_at)
    try:
        credential_id = UUID(wanted.credential_id)
    except ValueError as error:
        raise RefusedError("credential_unknown") from error
    scopes = sorted(set(wanted.scopes), key=LENT.index)
    arguments = (who.operator_id, credential_id, moment(intake.now()), scopes, wanted.expires_at)
    details = {"scopes": scopes, "expiresAt": wanted.expires_at}
    async with intake.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(_SQL["delegate"], *arguments):
            raise RefusedError("credential_unknown")
        await note(connection, intake, who, "delegation.granted", credential_id, details)
    await announce(intake.journal.redis, credential_id)
    await request.answer(201, b"{}")


async def end_delegation(intake: Intake, request: Request) -> None:
    """Handles DELETE /delegations/{credential id}: that key, and what it was rotated into, speaks no more."""
    who = await administrator(intake, request)
    credential_id = request.identifier("credential_id")
    async with intake.pool.acquire() as connection, connection.transaction():
        ended = await connection.fetch(_SQL["end_delegation"], who.operator_id, credential_id, moment(intake.now()))
        if not ended:
            raise RefusedError("not_found")
        await note(connection, intake, who, "delegation.ended", credential_id)
    await announce(intake.journal.redis, credential_id)
    await request.answer(200, b"{}")


async def _add(
    connection: asyncpg.Connection, intake: Intake, who: Administrator, wanted: NewKey, replaces: UUID | None
) -> KeyMade:
    api_key, key_hash = secret_with(KEY_PREFIX)
    credential_id, scopes = uuid4(), sorted(set(wanted.scopes), key=SCOPES.index)
    row = await connection.fetchrow(
        _SQL["add"],
        credential_id,
        key_hash,
        who.operator_id,
        wanted.name,
        scopes,
        moment(intake.now()),
        wanted.expires_at,
        replaces,
    )
    await connection.execute(_SQL["inherit"], credential_id, who.operator_id, replaces)
    return KeyMade(**row, api_key=api_key)


def _check_end(intake: Intake, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= moment(intake.now()):
        raise RefusedError("end_not_to_come")
