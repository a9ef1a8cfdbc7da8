"""Alerts and notifications between authorities: a licence withdrawn, a forged copy; acknowledged by each recipient.

An alert goes to the coordinators of every other Member State, a notification to the authorities that it names.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Meta, Struct

from exchange.catalogue import codes, modules
from exchange.notices import Filling, tell_authorities
from exchange.people import DeskOfficer
from exchange.record import Code, ExchangeRefusedError, Line, Words
from exchange.rows import encoded
from exchange.texts import table
from exchange.view import Said, said
from schemas import statements
from schemas.languages import UnknownLanguageError, country_name, language
from store.operators import Connection

_SQL = statements.load("exchange", "alerts")
_NOTICES = statements.load("exchange", "notices")
#: The officers who speak for an authority.
_ROLES = ("desk", "coordinator")
#: Alerts go to those who coordinate in this area.
_COMPETENCE = "establishment"

Kind = Literal["alert", "notification"]


class NewAlert(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An alert, or a notification to the authorities `to`; `fields` are those of the modules' forms."""

    kind: Kind
    category: Code
    fields: dict[Code, Line]
    words: Words | None = None
    operator_id: UUID | None = None
    to: Annotated[list[Code], Meta(max_length=100)] = []


class Recipient(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """An authority that received an alert."""

    authority: str
    country: str
    acknowledged_at: datetime | None = None


class Alert(Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """An alert in the language of its reader; free text stays as it was written."""

    alert_id: UUID
    number: int
    kind: Said
    category: Said
    country: str
    country_name: str
    authority: str
    fields: dict[str, str]
    words: Words | None
    operator_id: UUID | None
    sent_at: datetime
    withdrawn_at: datetime | None
    withdrawal: Words | None
    recipients: list[Recipient]
    to_acknowledge: bool


async def send_alert(pool: asyncpg.Pool, officer: DeskOfficer, new: NewAlert, at: datetime | None = None) -> UUID:
    """Sends an alert or a notification. Raises `ExchangeRefusedError`."""
    at, alert_id = at or datetime.now(UTC), uuid4()
    _check(officer, new)
    async with pool.acquire() as connection, connection.transaction():
        recipients = await _recipients(connection, officer, new)
        number = await connection.fetchval(
            _SQL["send"],
            alert_id,
            new.kind,
            new.category,
            officer.country,
            officer.authority,
            officer.officer_id,
            new.operator_id,
            msgspec.json.encode(new.fields).decode(),
            encoded(new.words) if new.words else None,
            at,
        )
        authorities, countries = zip(*recipients, strict=True)
        await connection.execute(_SQL["address"], alert_id, list(authorities), list(countries))
        filling = await _filling(connection, officer, number, new.category)
        await tell_authorities(connection, "alert_received", authorities, filling, at, alert_id=alert_id)
    return alert_id


async def withdraw_alert(pool: asyncpg.Pool, officer: DeskOfficer, alert_id: UUID, words: Words) -> None:
    """Takes an alert of the officer's authority back, with a reason. Raises `ExchangeRefusedError`."""
    _language(words, "/words")
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(_SQL["one_for_change"], alert_id)
        if row is None or row["authority"] != officer.authority or officer.role not in _ROLES:
            raise ExchangeRefusedError("not_found")
        now = datetime.now(UTC)
        if await connection.execute(_SQL["withdraw"], alert_id, now, encoded(words)) == "UPDATE 0":
            raise ExchangeRefusedError("alert_withdrawn_already")
        recipients = [one["authority"] for one in await connection.fetch(_SQL["recipients"], [alert_id])]
        filling = await _filling(connection, officer, row["number"], row["category"])
        await tell_authorities(connection, "alert_withdrawn", recipients, filling, now, alert_id=alert_id)


async def acknowledge_alert(pool: asyncpg.Pool, officer: DeskOfficer, alert_id: UUID) -> None:
    """Says that the officer's authority, or for a coordinator the state's, has taken note.

    Raises `ExchangeRefusedError`.
    """
    if officer.role not in _ROLES:
        raise ExchangeRefusedError("role_missing", role=officer.role, roles=", ".join(_ROLES))
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(_SQL["recipients"], [alert_id])
        own = [row["authority"] for row in rows if _speaks_for(officer, row)]
        if not own:
            raise ExchangeRefusedError("not_found")
        if await connection.execute(_SQL["acknowledge"], alert_id, own, officer.officer_id) != "UPDATE 0":
            await connection.execute(_SQL["touch"], alert_id)


async def alert_of(pool: asyncpg.Pool, officer: DeskOfficer, alert_id: UUID, reader: str) -> Alert:
    """Gives an alert that the officer's state sent or received. Raises `ExchangeRefusedError`: not_found."""
    row = await pool.fetchrow(_SQL["one"], alert_id)
    alert = (await _worded(pool, officer, [row], reader))[0] if row else None
    if alert is None or officer.country not in {alert.country, *(one.country for one in alert.recipients)}:
        raise ExchangeRefusedError("not_found")
    return alert


async def page_of_alerts(
    pool: asyncpg.Pool,
    officer: DeskOfficer,
    reader: str,
    *,
    direction: Literal["all", "sent", "received"] = "all",
    unacknowledged: bool | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Alert]:
    """Gives the alerts that an officer's state sent and received, newest first."""
    rows = await pool.fetch(_SQL["page"], officer.country, direction, unacknowledged, before, limit)
    return await _worded(pool, officer, rows, reader)


async def _worded(pool: asyncpg.Pool, officer: DeskOfficer, rows: Sequence[asyncpg.Record], reader: str) -> list[Alert]:
    recipients: dict[UUID, list[asyncpg.Record]] = {row["alert_id"]: [] for row in rows}
    for row in await pool.fetch(_SQL["recipients_of_each"], list(recipients)):
        recipients[row["alert_id"]].append(row)
    return [_alert(row, recipients[row["alert_id"]], officer, reader) for row in rows]


def _alert(row: Mapping[str, Any], recipients: list[asyncpg.Record], officer: DeskOfficer, reader: str) -> Alert:
    labels = table(reader, "field")
    sender = row["country"] == officer.country
    shown = recipients if sender else [one for one in recipients if one["country"] == officer.country]
    return Alert(
        alert_id=row["alert_id"],
        number=row["number"],
        kind=said("alert", row["kind"], reader),
        category=said("alert", row["category"], reader),
        country=row["country"],
        country_name=country_name(row["country"], reader),
        authority=row["authority"],
        fields={labels[name]: value for name, value in msgspec.json.decode(row["fields"]).items()},
        words=msgspec.json.decode(row["words"], type=Words) if row["words"] else None,
        operator_id=row["operator_id"],
        sent_at=row["sent_at"],
        withdrawn_at=row["withdrawn_at"],
        withdrawal=msgspec.json.decode(row["withdrawal"], type=Words) if row["withdrawal"] else None,
        recipients=[Recipient(one["authority"], one["country"], one["acknowledged_at"]) for one in shown],
        to_acknowledge=any(one["acknowledged_at"] is None and _speaks_for(officer, one) for one in recipients),
    )


def _speaks_for(officer: DeskOfficer, recipient: Mapping[str, Any]) -> bool:
    own: bool = recipient["authority"] == officer.authority
    return own or (officer.role == "coordinator" and recipient["country"] == officer.country)


def _check(officer: DeskOfficer, new: NewAlert) -> None:
    if officer.authority is None:
        raise ExchangeRefusedError("officer_without_authority")
    if officer.role not in _ROLES:
        raise ExchangeRefusedError("role_missing", role=officer.role, roles=", ".join(_ROLES))
    known = codes().alert[new.kind]
    if new.category not in known:
        raise ExchangeRefusedError("not_one_of", "/category", value=new.category, known=", ".join(known))
    form = {name for module in modules().values() for name in module.form}
    for name in new.fields:
        if name not in form:
            raise ExchangeRefusedError("not_one_of", f"/fields/{name}", value=name, known=", ".join(sorted(form)))
    if "operator_name" not in new.fields:
        raise ExchangeRefusedError("content_missing", "/fields/operator_name", member="operator_name")
    if new.kind == "notification" and not new.to:
        raise ExchangeRefusedError("content_missing", "/to", member="to")
    if new.words:
        _language(new.words, "/words")


def _language(words: Words, pointer: str) -> None:
    try:
        language(words.language)
    except UnknownLanguageError as error:
        raise ExchangeRefusedError("language_unknown", f"{pointer}/language", language=words.language) from error


async def _recipients(connection: Connection, officer: DeskOfficer, new: NewAlert) -> list[tuple[str, str]]:
    if not new.to:
        rows = await connection.fetch(_SQL["coordinators"], officer.country, _COMPETENCE)
    else:
        rows = await connection.fetch(_SQL["named"], new.to)
        found = {row["code"] for row in rows if row["country"] != officer.country}
        for place, code in enumerate(new.to):
            if code not in found:
                raise ExchangeRefusedError(
                    "authority_not_possible", f"/to/{place}", authority=code, country="another Member State"
                )
    if not rows:
        raise ExchangeRefusedError("content_missing", "/to", member="to")
    return [(row["code"], row["country"]) for row in rows]


async def _filling(connection: Connection, officer: DeskOfficer, number: int, category: str) -> Filling:
    names = msgspec.json.decode(await connection.fetchval(_NOTICES["authority_names"], officer.authority))
    return Filling(str(number), names, officer.country, category=category)
