"""Officers of the authorities: each has a token and sees what is posted to one Member State."""

from datetime import datetime
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
    created_at: datetime
    expires_at: datetime | None
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
    host = country(host.upper())
    if host not in POSTING_COUNTRIES:
        raise HostUnknownError(f"nobody is posted to {host}; hosts are {' '.join(POSTING_COUNTRIES)}")
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
