"""People who work for an operator: roles, sign-in by password, four eyes on submitting.

Signed in, a person holds a key of their own for a working day, with the scopes of the role; pages keep it in their
session. With four eyes people prepare drafts, and what one has prepared another submits; all else that would submit
waits for a second person (ingest/approvals.py). Keys of software are no people.
"""

import asyncio
import hashlib
import os
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import Annotated, Literal
from uuid import UUID, uuid4

import asyncpg
import msgspec
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from msgspec import Meta

from ingest.actions import PREPARED, SESSION_PREFIX, Administrator, Handler, administrator, is_person, note
from ingest.bodies import converted, present, read_object
from ingest.declarations.changes import id_in_path
from ingest.declarations.lines import moment
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.rates import Rate, TooManyRequestsError
from ingest.registry import Credential
from schemas import statements
from store.operators import announce, secret_with

_SQL = statements.load("ingest", "people")
_encode = msgspec.json.Encoder().encode
Role = Literal["administrator", "dispatcher", "reader"]
SCOPES: dict[Role, tuple[str, ...]] = {
    "administrator": ("read", "submit", "administer"),
    "dispatcher": ("read", "submit"),
    "reader": ("read",),
}
SESSION = timedelta(hours=12)
_TRIES, _TRIES_SECONDS = 10, 900

Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Password = Annotated[str, Meta(min_length=12, max_length=200)]
PersonName = Annotated[str, Meta(min_length=1, max_length=200)]


class NewPerson(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A person who is to be let in."""

    email: Email
    name: PersonName
    role: Role
    password: Password


class PersonChange(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What is to change of a person; a new password or role ends the person's sessions."""

    email: Email | None = None
    name: PersonName | None = None
    role: Role | None = None
    password: Password | None = None


class Person(msgspec.Struct, rename="camel", omit_defaults=True):
    """A person as administrators see one."""

    person_id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime
    signed_in_at: datetime | None = None


class People(msgspec.Struct, rename="camel"):
    """All people of an operator, and whether submitting needs two of them."""

    items: list[Person]
    four_eyes: bool


class SignIn(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Who wants to sign in."""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=200)]


class SignedIn(msgspec.Struct, rename="camel"):
    """A session: `api_key` is what pages and programs send as x-api-key until it expires."""

    api_key: str
    expires_at: datetime
    operator_id: UUID
    operator_name: str
    person_id: UUID
    name: str
    role: Role


class FourEyes(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Whether what one person prepared is submitted by another."""

    four_eyes: bool


async def sign_in(intake: Intake, email: str, password: str) -> SignedIn:
    """Opens a session. Raises `RefusedError` (sign_in_wrong), `TooManyRequestsError` after ten tries in a while."""
    await _count_try(intake, email)
    row = await intake.pool.fetchrow(_SQL["by_email"], email)
    hashed = row["password_hash"] if row else await asyncio.to_thread(_nobodys)
    if not await asyncio.to_thread(_matches, password, hashed) or row is None:
        raise RefusedError("sign_in_wrong")
    now, person_id = moment(intake.now()), row["person_id"]
    api_key, key_hash = secret_with(SESSION_PREFIX)
    scopes = _scopes(row["role"], four_eyes=row["four_eyes"])
    session = (uuid4(), key_hash, row["operator_id"], row["name"], scopes, now, now + SESSION, person_id)
    async with intake.pool.acquire() as connection, connection.transaction():
        await connection.execute(_SQL["forget_sessions"], person_id)
        await connection.execute(_SQL["open_session"], *session)
        await connection.execute(_SQL["signed_in"], person_id, now)
    facts = (row["operator_id"], row["operator_name"], person_id, row["name"], row["role"])
    return SignedIn(api_key, now + SESSION, *facts)


async def open_session(intake: Intake, request: Request) -> None:
    """Handles POST /session."""
    asked = converted(await read_object(request), SignIn, code="body_malformed")
    await request.answer(200, _encode(await sign_in(intake, asked.email, asked.password)))


async def close_session(intake: Intake, request: Request) -> None:
    """Handles DELETE /session: the session's key ends at once."""
    credential, _ = await intake.caller(request, "read")
    person_id = await person_of(intake, credential)
    if person_id is None:
        raise RefusedError("not_found")
    await intake.pool.execute(_SQL["close_sessions"], person_id, credential.credential_id)
    await announce(intake.journal.redis, credential.credential_id)
    await request.answer(200, b"{}")


async def list_people(intake: Intake, request: Request) -> None:
    """Handles GET /people."""
    who = await administrator(intake, request)
    rows = await intake.pool.fetch(_SQL["page"], who.operator_id)
    four_eyes = await intake.pool.fetchval(_SQL["four_eyes"], who.operator_id)
    await request.answer(200, _encode(People([Person(**row) for row in rows], four_eyes)))


async def create_person(intake: Intake, request: Request) -> None:
    """Handles POST /people."""
    who = await administrator(intake, request, empowers=True)
    wanted = converted(present(await read_object(request)), NewPerson)
    hashed = await asyncio.to_thread(_hashed, wanted.password)
    facts = (wanted.email, wanted.name, wanted.role, hashed, moment(intake.now()))
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_SQL["add"], uuid4(), who.operator_id, *facts)
            await note(connection, intake, who, "person.created", row["person_id"], {"role": wanted.role})
    except asyncpg.UniqueViolationError as error:
        raise RefusedError("email_taken") from error
    await request.answer(201, _encode(Person(**row)))


async def change_person(intake: Intake, request: Request) -> None:
    """Handles PUT /people/{id}: what the body names is changed."""
    who, person_id = await administrator(intake, request, empowers=True), request.identifier("person_id")
    wanted = converted(present(await read_object(request)), PersonChange)
    hashed = await asyncio.to_thread(_hashed, wanted.password) if wanted.password else None
    try:
        async with intake.pool.acquire() as connection, connection.transaction():
            known = await connection.fetchrow(_SQL["one"], who.operator_id, person_id)
            if known is None:
                raise RefusedError("not_found")
            facts = (wanted.email or known["email"], wanted.name or known["name"], wanted.role or known["role"])
            row = await connection.fetchrow(_SQL["change"], who.operator_id, person_id, *facts, hashed)
            if hashed or row["role"] != known["role"]:
                await connection.execute(_SQL["close_sessions"], person_id, None)
            await _keep_one(connection, who, known["role"])
            await note(connection, intake, who, "person.changed", person_id, {"role": row["role"]})
    except asyncpg.UniqueViolationError as error:
        raise RefusedError("email_taken") from error
    await announce(intake.journal.redis, person_id)
    await request.answer(200, _encode(Person(**row)))


async def delete_person(intake: Intake, request: Request) -> None:
    """Handles DELETE /people/{id}: the person's sessions end at once."""
    who, person_id = await administrator(intake, request), request.identifier("person_id")
    async with intake.pool.acquire() as connection, connection.transaction():
        known = await connection.fetchrow(_SQL["one"], who.operator_id, person_id)
        if known is None:
            raise RefusedError("not_found")
        await note(connection, intake, who, "person.deleted", person_id, {"name": known["name"]})
        await connection.execute(_SQL["delete"], who.operator_id, person_id)
        await _keep_one(connection, who, known["role"])
    await announce(intake.journal.redis, person_id)
    await request.answer(200, b"{}")


async def set_four_eyes(intake: Intake, request: Request) -> None:
    """Handles PUT /four-eyes: all people sign in again."""
    who = await administrator(intake, request, empowers=True)
    wanted = converted(await read_object(request), FourEyes)
    async with intake.pool.acquire() as connection, connection.transaction():
        await connection.execute(_SQL["set_four_eyes"], who.operator_id, wanted.four_eyes)
        await connection.execute(_SQL["end_all_sessions"], who.operator_id)
        await note(connection, intake, who, "four_eyes.on" if wanted.four_eyes else "four_eyes.off")
    await announce(intake.journal.redis, who.operator_id)
    await request.answer(200, _encode(wanted))


def submits_prepared(handler: Handler) -> Handler:
    """Refuses, where four eyes are wanted, that a person submits what the same person prepared.

    What is submitted is the draft as it was last noted; if it is another by now, the request is a 412.
    """

    @wraps(handler)
    async def checking(intake: Intake, request: Request) -> None:
        if is_person(request):
            credential, named = await intake.caller(request, "prepare", "change")
            if credential.under_four_eyes:
                operator_id = UUID(bytes=(await intake.card(credential, named)).operator_id)
                declaration_id = id_in_path(intake, request)
                prepared = await intake.pool.fetchrow(_SQL["last_preparer"], operator_id, declaration_id, PREPARED)
                person = await person_of(intake, credential)
                if prepared is None or prepared["person_id"] == person:
                    raise RefusedError("operator_wants_four_eyes")
                if etag := prepared["etag"]:  # notes of long ago have none
                    request.check_if_match(etag)
                    request.headers[b"if-match"] = etag.encode()
        await handler(intake, request)

    return checking


async def person_of(intake: Intake, credential: Credential) -> UUID | None:
    """Gives the person whose session a credential is, None for a key of software."""
    found: UUID | None = await intake.pool.fetchval(_SQL["of_session"], credential.credential_id)
    return found


def _scopes(role: Role, *, four_eyes: bool) -> list[str]:
    return ["prepare" if four_eyes and scope == "submit" else scope for scope in SCOPES[role]]


async def _keep_one(connection: asyncpg.Connection, who: Administrator, role: Role) -> None:
    """Refuses that the last administrator goes or becomes something else; a key alone may do without people."""
    if role == "administrator" and not await connection.fetchval(_SQL["administrators"], who.operator_id):
        raise RefusedError("last_person")


async def _count_try(intake: Intake, email: str) -> None:
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    name = f"rtpd:sign-in:{digest}"
    async with intake.journal.redis.pipeline(transaction=True) as pipe:
        pipe.incr(name)
        pipe.expire(name, _TRIES_SECONDS, nx=True)
        pipe.ttl(name)
        tries, _, seconds = await pipe.execute()
    if tries > _TRIES:
        raise TooManyRequestsError(Rate(_TRIES, 0, max(1, seconds)))


def _hashed(password: str) -> str:
    kdf = Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=19 * 1024)
    return kdf.derive_phc_encoded(password.encode())


def _matches(password: str, hashed: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), hashed)
    except InvalidKey:
        return False
    return True


@cache
def _nobodys() -> str:
    """A hash that nobody's password has: an unknown address takes as long as a wrong password."""
    return _hashed(os.urandom(32).hex())
