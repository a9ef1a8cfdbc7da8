"""`rtpd officer`: officers of the running system and their tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import asyncpg
from cyclopts import App, Parameter
from cyclopts.validators import Number

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from store import officers

Days = Annotated[int | None, Parameter(validator=Number(gte=1, lte=3650))]
Overlap = Annotated[int, Parameter(validator=Number(gte=0, lte=24 * 90))]

app = App(name="officer", help="Officers and their tokens.")


@app.command
async def create(
    *,
    name: str,
    host: str,
    role: officers.Role = "roadside",
    authority: str | None = None,
    language: str | None = None,
    email: str | None = None,
    days: Days = None,
    json: Json = False,
) -> None:
    """Enter an officer of one host state and make the token, which is shown only now.

    Example: `rtpd officer create --name Dupont --host FR`

    Parameters
    ----------
    name: The officer's name or number.
    host: The Member State whose postings the officer may see.
    role: What the officer does; a desk officer or coordinator exchanges with other authorities.
    authority: Code of the officer's authority, as `rtpd authority search` shows it.
    language: Language of the officer's pages and notices (ISO 639-1).
    email: Where notices go.
    days: After how many days the token ends; never if left out.
    """
    async with _register() as connection:
        made = await officers.create_officer(
            connection,
            name,
            host,
            role=role,
            authority=authority,
            language=language,
            email=email,
            expires_at=_after(days),
        )
    _show(made, json=json)


@app.command
async def rotate(officer_id: UUID, /, *, overlap_hours: Overlap = 24, days: Days = None, json: Json = False) -> None:
    """Give an officer a new token; the one before works beside it for a while.

    Example: `rtpd officer rotate 5f0c9a52-3f3e-4a57-8f6c-3b1d5a3a7f10 --overlap-hours 2`

    Parameters
    ----------
    officer_id: The officer.
    overlap_hours: For how many hours the token before works yet.
    days: After how many days the new token ends; never if left out.
    """
    async with _register() as connection:
        overlap = timedelta(hours=overlap_hours)
        made = await officers.rotate_officer(connection, officer_id, overlap=overlap, expires_at=_after(days))
    _show(made, json=json)


@app.command(name="list")
async def list_officers(*, host: str | None = None, json: Json = False) -> None:
    """List officers, all or those of one host state.

    Example: `rtpd officer list --host FR`
    """
    async with _register() as connection:
        rows = await officers.officers(connection, host)
    if json:
        print_json(rows)
    else:
        print_table(
            "Officers",
            ("id", "name", "host", "role", "authority", "issuer", "created", "expires", "last used", "revoked"),
            [
                (
                    row.officer_id,
                    row.name,
                    row.host,
                    row.role,
                    row.authority,
                    row.issuer,
                    row.created_at,
                    row.expires_at,
                    row.last_used_at,
                    row.revoked_at,
                )
                for row in rows
            ],
        )


@app.command
async def revoke(officer_id: UUID, /, *, json: Json = False) -> None:
    """End an officer's token at once.

    Example: `rtpd officer revoke 5f0c9a52-3f3e-4a57-8f6c-3b1d5a3a7f10`
    """
    async with _register() as connection:
        await officers.revoke_officer(connection, officer_id)
    if json:
        print_json({"officerId": officer_id, "revoked": True})
    else:
        print(f"the token of {officer_id} is revoked")


def _show(made: officers.NewOfficer, *, json: bool) -> None:
    if json:
        print_json(made)
    else:
        print(f"officer  {made.officer_id}\ntoken    {made.token}\nThe token is shown only now.")


def _after(days: int | None) -> datetime | None:
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


@asynccontextmanager
async def _register() -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(addresses_of(read_settings()).database_url)
    try:
        yield connection
    finally:
        await connection.close()
