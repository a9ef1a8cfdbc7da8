"""What stays inside an authority: notes on exchanges, templates, and its officers' subscriptions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Meta, Struct

from exchange.catalogue import modules
from exchange.people import DeskOfficer
from exchange.procedures import procedures
from exchange.record import Code, Content, Exchange, ExchangeRefusedError
from exchange.rows import encoded
from schemas import statements

_SQL = statements.load("exchange", "desk")
_ROLES = ("desk", "coordinator")


class Note(Struct, frozen=True, rename="camel"):
    """A note of an authority on an exchange."""

    note_id: int
    at: datetime
    officer_id: UUID
    officer_name: str
    text: str


class Template(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A content that an authority uses again and again, for one move."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    procedure: Code
    module: Code
    move: Code
    content: Content


class KeptTemplate(Struct, frozen=True, rename="camel"):
    """A template as it is kept."""

    template_id: UUID
    name: str
    procedure: str
    module: str
    move: str
    content: Content
    changed_at: datetime


class SubscriptionRow(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A subscription: to one exchange, or to all of the authority where none is named."""

    email: bool
    since: datetime
    exchange_id: UUID | None = None
    number: str | None = None


async def add_note(pool: asyncpg.Pool, officer: DeskOfficer, exchange: Exchange, text: str) -> Note:
    """Adds a note. Raises `ExchangeRefusedError`."""
    authority = _authority(officer)
    row = await pool.fetchrow(_SQL["add_note"], exchange.exchange_id, authority, officer.officer_id, text)
    return Note(row["note_id"], row["at"], officer.officer_id, officer.name, text)


async def notes(pool: asyncpg.Pool, officer: DeskOfficer, exchange: Exchange) -> list[Note]:
    """Gives the notes of the officer's own authority on an exchange, oldest first."""
    rows = await pool.fetch(_SQL["notes"], exchange.exchange_id, officer.authority)
    return [Note(**row) for row in rows]


async def save_template(pool: asyncpg.Pool, officer: DeskOfficer, template: Template) -> UUID:
    """Keeps a template under its name, in the place of an older one. Raises `ExchangeRefusedError`."""
    authority = _authority(officer)
    known = modules().get(template.module)
    if known is None or template.procedure not in known.procedures:
        raise ExchangeRefusedError("not_one_of", "/module", value=template.module, known=", ".join(modules()))
    moves = procedures()[template.procedure].moves
    if template.move not in moves:
        raise ExchangeRefusedError("not_one_of", "/move", value=template.move, known=", ".join(moves))
    template_id: UUID = await pool.fetchval(
        _SQL["save_template"],
        uuid4(),
        authority,
        template.name,
        template.procedure,
        template.module,
        template.move,
        encoded(template.content),
        officer.officer_id,
    )
    return template_id


async def templates(pool: asyncpg.Pool, officer: DeskOfficer, module: str | None = None) -> list[KeptTemplate]:
    """Gives the templates of the officer's authority by name, those of one module or all."""
    rows = await pool.fetch(_SQL["templates"], officer.authority, module)
    return [KeptTemplate(**{**row, "content": msgspec.json.decode(row["content"], type=Content)}) for row in rows]


async def drop_template(pool: asyncpg.Pool, officer: DeskOfficer, template_id: UUID) -> None:
    """Drops a template. Raises `ExchangeRefusedError`: not_found."""
    if await pool.execute(_SQL["drop_template"], template_id, _authority(officer)) == "DELETE 0":
        raise ExchangeRefusedError("not_found")


async def subscribe(pool: asyncpg.Pool, officer: DeskOfficer, exchange_id: UUID | None, *, email: bool) -> None:
    """Subscribes an officer to one exchange, or to all of the officer's authority."""
    await pool.execute(_SQL["subscribe"], officer.officer_id, exchange_id, email)


async def unsubscribe(pool: asyncpg.Pool, officer: DeskOfficer, exchange_id: UUID | None) -> None:
    """Ends a subscription."""
    await pool.execute(_SQL["unsubscribe"], officer.officer_id, exchange_id)


async def subscriptions(pool: asyncpg.Pool, officer: DeskOfficer) -> list[SubscriptionRow]:
    """Gives what an officer is subscribed to."""
    rows = await pool.fetch(_SQL["subscriptions"], officer.officer_id)
    return [
        SubscriptionRow(
            row["email"],
            row["since"],
            row["exchange_id"],
            f"{row['number']}.{row['round']}" if row["number"] else None,
        )
        for row in rows
    ]


def _authority(officer: DeskOfficer) -> str:
    if officer.authority is None:
        raise ExchangeRefusedError("officer_without_authority")
    if officer.role not in _ROLES:
        raise ExchangeRefusedError("role_missing", role=officer.role, roles=", ".join(_ROLES))
    return officer.authority
