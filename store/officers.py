"""Officers of the authorities: each has a token and sees what is posted to one Member State."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args
from uuid import UUID, uuid4

from msgspec import Struct

from schemas import statements
from schemas.codes import POSTING_COUNTRIES, country
from store.operators import Connection, secret_with

_SQL = statements.load("store", "officers")

Role = Literal["roadside", "desk", "coordinator", "auditor", "administrator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
TOKEN_PREFIX = "rtpd_officer_"  # noqa: S105  (how a token begins, not one)


class HostUnknownError(ValueError):
    """This is no country to which drivers are posted."""


class AuthorityNotOfHostError(ValueError):
    """There is no such authority in the officer's Member State."""


class OfficerUnknownError(LookupError):
    """There is no such officer, or the token is revoked already."""


class Person(Struct, frozen=True):
    """Somebody as an OIDC issuer names them: `subject` is theirs for good, the rest may change."""

    issuer: str
    subject: str
    name: str
    role: Role
    host: str | None = None
    authority: str | None = None


class NewOfficer(Struct, frozen=True, rename="camel"):
    """An officer's token as it is shown once: only its SHA-256 is kept."""

    officer_id: UUID
    token: str


class OfficerRow(Struct, frozen=True, rename="camel"):
    """An officer as listed, without the token."""

    officer_id: UUID
    name: str
    host: str
    role: str
    authority: str | None
    issuer: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


async def create_officer(
    connection: Connection,
    name: str,
    host: str,
    *,
    role: Role = "roadside",
    authority: str | None = None,
    language: str | None = None,
    email: str | None = None,
    expires_at: datetime | None = None,
) -> NewOfficer:
    """Enters an officer of the host state `host` (ISO code, or EL, UK), who belongs to `authority` (its code).

    `language` and `email` are those in which and to which notices go. Raises `HostUnknownError` and
    `AuthorityNotOfHostError`.
    """
    host = _host(host)
    if authority is not None and not await connection.fetchval(_SQL["authority_of_host"], authority, host):
        raise AuthorityNotOfHostError(f"{host} has no authority {authority}; `rtpd authority search` finds them")
    token, token_hash = secret_with(TOKEN_PREFIX)
    officer_id = uuid4()
    await connection.execute(
        _SQL["create_officer"], officer_id, name, host, role, token_hash, expires_at, authority, language, email
    )
    return NewOfficer(officer_id, token)


async def officers(connection: Connection, host: str | None = None) -> list[OfficerRow]:
    """Lists officers, those of one host state or all, oldest first."""
    return [OfficerRow(**row) for row in await connection.fetch(_SQL["officers"], host and country(host.upper()))]


async def revoke_officer(connection: Connection, officer_id: UUID) -> None:
    """Ends an officer's token at once. Raises `OfficerUnknownError`."""
    if await connection.execute(_SQL["revoke_officer"], officer_id) == "UPDATE 0":
        raise OfficerUnknownError(f"there is no officer {officer_id} whose token works")


async def rotate_officer(
    connection: Connection, officer_id: UUID, *, overlap: timedelta, expires_at: datetime | None = None
) -> NewOfficer:
    """Gives an officer a new token; the one before works for `overlap` yet. Raises `OfficerUnknownError`."""
    token, token_hash = secret_with(TOKEN_PREFIX)
    until = datetime.now(UTC) + overlap
    if await connection.execute(_SQL["rotate_token"], officer_id, token_hash, expires_at, until) == "UPDATE 0":
        raise OfficerUnknownError(f"there is no officer {officer_id} whose token works")
    return NewOfficer(officer_id, token)


async def admit(connection: Connection, person: Person) -> tuple[UUID, str]:
    """Enters or brings up to date whom an issuer names; gives the officer's id and host state.

    The host state is the authority's if the issuer names none. Raises `HostUnknownError`, `AuthorityNotOfHostError`,
    and `OfficerUnknownError` if the officer was revoked here.
    """
    own = person.authority and await connection.fetchval(_SQL["authority_host"], person.authority)
    host = _host(person.host or own or "")
    if person.authority is not None and own != host:
        raise AuthorityNotOfHostError(f"{host} has no authority {person.authority}")
    values = (person.issuer, person.subject, person.name, host, person.role, person.authority)
    officer_id: UUID | None = await connection.fetchval(_SQL["admit"], uuid4(), *values)
    if officer_id is None:
        raise OfficerUnknownError("this officer was revoked")
    return officer_id, host


def _host(text: str) -> str:
    host = country(text.upper())
    if host not in POSTING_COUNTRIES:
        raise HostUnknownError(f"nobody is posted to {host or 'no country'}; hosts are {' '.join(POSTING_COUNTRIES)}")
    return host
