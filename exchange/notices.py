"""Notices of what happens: to operators, authorities and officers, worded for each reader when it is read.

A notice is a row written in the transaction of what it tells. It goes out by e-mail afterwards (exchange/mail.py),
and an operator finds it in its log of events too.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from babel.languages import get_official_languages
from msgspec import Struct

from exchange.people import DeskOfficer
from exchange.procedures import procedures
from exchange.record import Event, Exchange
from exchange.texts import table
from schemas import statements
from schemas.languages import LANGUAGES, SOURCE, UnknownLanguageError, country_name, language
from store.operators import Connection

_SQL = statements.load("exchange", "notices")


class Filling(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What a notice is filled in with: codes, worded when it is read. `who` acted, named by language."""

    number: str
    who: dict[str, str] = {}
    country: str | None = None
    procedure: str | None = None
    module: str | None = None
    move: str | None = None
    state: str | None = None
    due: date | None = None
    category: str | None = None


class Notice(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A notice in the words of its reader."""

    notice_id: int
    at: datetime
    kind: str
    subject: str
    text: str
    exchange_id: UUID | None = None
    alert_id: UUID | None = None
    read_at: datetime | None = None


async def after_move(connection: Connection, before: Exchange, after: Exchange, event: Event) -> None:
    """Tells the other side, and the officers who subscribed, of a move; of a draft nobody."""
    move = procedures()[after.procedure].moves[event.move]
    if after.sent_at is None or not move.notice:
        return
    filling = await _filling(connection, after, event)
    if move.notice.startswith("request_"):
        assert after.operator_id is not None
        await tell_operator(connection, move.notice, after.operator_id, after, filling, event.at)
    involved = {after.requesting_authority, before.replying_authority, after.replying_authority} - {None}
    told = [code for code in involved if code != event.actor.authority and not move.notice.startswith("request_")]
    text = msgspec.json.encode(filling).decode()
    await connection.execute(
        _SQL["tell_authorities"], event.at, "exchange_moved", told, after.exchange_id, None, text, None
    )
    await connection.execute(
        _SQL["tell_subscribers"],
        event.at,
        "exchange_moved",
        list(involved),
        after.exchange_id,
        text,
        event.actor.officer_id,
    )


async def to_release(connection: Connection, exchange: Exchange, officer: DeskOfficer, move: str) -> None:
    """Tells the colleagues of an officer that a move waits for a second pair of eyes."""
    filling = Filling(
        exchange.shown_number, {"": officer.name}, officer.country, exchange.procedure, exchange.module, move
    )
    await connection.execute(
        _SQL["tell_second_officers"],
        datetime.now(UTC),
        "exchange_to_release",
        officer.authority,
        exchange.exchange_id,
        msgspec.json.encode(filling).decode(),
        officer.officer_id,
    )


async def tell_operator(
    connection: Connection,
    kind: str,
    operator_id: UUID,
    exchange: Exchange,
    filling: Filling,
    at: datetime,
    *,
    once_key: str | None = None,
) -> None:
    """Puts a notice into an operator's inbox and its log of events."""
    details = {"number": filling.number, "state": exchange.state, "due": exchange.legal_due and str(exchange.legal_due)}
    await connection.execute(
        _SQL["tell_operator"],
        at,
        kind,
        operator_id,
        exchange.exchange_id,
        language_of(exchange.replying_country),
        msgspec.json.encode(filling).decode(),
        once_key,
        kind.replace("_", "."),
        msgspec.json.encode(details).decode(),
    )


async def tell_authorities(
    connection: Connection,
    kind: str,
    authorities: Sequence[str],
    filling: Filling,
    at: datetime,
    *,
    exchange_id: UUID | None = None,
    alert_id: UUID | None = None,
    once_key: str | None = None,
) -> None:
    """Puts a notice before authorities; with a `once_key` each gets it once, however often it is said."""
    text = msgspec.json.encode(filling).decode()
    await connection.execute(
        _SQL["tell_authorities"], at, kind, list(authorities), exchange_id, alert_id, text, once_key
    )


async def notices_of_operator(
    pool: asyncpg.Pool, operator_id: UUID, reader: str, after: int, limit: int
) -> list[Notice]:
    """Gives an operator's notices after one, oldest first, in the language of the reader."""
    return [notice(row, reader) for row in await pool.fetch(_SQL["of_operator"], operator_id, after, limit)]


async def notices_of_officer(
    pool: asyncpg.Pool, officer: DeskOfficer, reader: str, after: int, limit: int, *, unread: bool = False
) -> list[Notice]:
    """Gives the notices of an officer and the officer's authority after one, oldest first."""
    rows = await pool.fetch(_SQL["of_officer"], officer.officer_id, officer.authority, after, limit, unread)
    return [notice(row, reader) for row in rows]


async def mark_read(pool: asyncpg.Pool, officer: DeskOfficer, notices: Sequence[int]) -> int:
    """Marks notices as read; gives how many were not yet."""
    done: str = await pool.execute(_SQL["mark_read"], list(notices), officer.officer_id, officer.authority)
    return int(done.split()[-1])


def notice(row: Mapping[str, Any], reader: str) -> Notice:
    """Words a row of `notice` in a language."""
    filling = msgspec.json.decode(row["filled_with"], type=Filling)
    subject, text = worded(row["kind"], filling, reader)
    return Notice(
        row["notice_id"], row["at"], row["kind"], subject, text, row["exchange_id"], row["alert_id"], row["read_at"]
    )


def worded(kind: str, filling: Filling, reader: str) -> tuple[str, str]:
    """Gives subject and text of a notice in a language."""
    who = filling.who.get(reader) or filling.who.get(SOURCE) or next(iter(filling.who.values()), "")
    if filling.country:
        who = f"{who} ({country_name(filling.country, reader)})" if who else country_name(filling.country, reader)
    said = {
        "number": filling.number,
        "who": who,
        "procedure": table(reader, "procedure").get(filling.procedure or "", ""),
        "module": table(reader, "module").get(filling.module or "", ""),
        "move": table(reader, "move").get(filling.move or "", ""),
        "state": table(reader, "state").get(filling.state or "", ""),
        "category": table(reader, "alert").get(filling.category or "", ""),
        "due": str(filling.due or ""),
    }
    return table(reader, "notice_subject")[kind].format_map(said), table(reader, "notice_text")[kind].format_map(said)


def language_of(country: str) -> str:
    """Gives the language in which a state's operators are written to: its first official one that we have."""
    for tag in get_official_languages(country, de_facto=True):
        try:
            return language(tag)
        except UnknownLanguageError:
            continue
    return SOURCE


async def _filling(connection: Connection, after: Exchange, event: Event) -> Filling:
    if event.actor.authority is not None:
        names = msgspec.json.decode(await connection.fetchval(_SQL["authority_names"], event.actor.authority))
    else:
        names = {"": await connection.fetchval(_SQL["operator_name"], after.operator_id) or ""}
    return Filling(
        after.shown_number,
        {key: name for key, name in names.items() if key in LANGUAGES or not key},
        event.actor.country,
        after.procedure,
        after.module,
        event.move,
        event.state,
        after.agreed_due or after.legal_due,
    )
