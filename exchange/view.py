"""An exchange as its reader sees it: every code with its text in the reader's language, and what is left to do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from exchange.catalogue import modules
from exchange.conditions import day_in, is_overdue, open_documents, open_questions
from exchange.people import Caller, OperatorCaller, actors_of
from exchange.procedures import Party
from exchange.record import Answered, Content, Event, Exchange, Missing, Subject, Words
from exchange.retention import is_blocked
from exchange.rows import event_of
from exchange.texts import table
from exchange.transition import possible_moves
from schemas import statements
from schemas.languages import SOURCE, country_name

_SQL = statements.load("exchange", "desk")


class Said(Struct, frozen=True):
    """A code with its text."""

    code: str
    text: str


class Side(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One side of an exchange: an authority, or the operator."""

    country: str
    country_name: str
    name: str
    authority: str | None = None
    operator_id: UUID | None = None


class Due(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The dates of an exchange. `due` is the one that counts: what was agreed, else the legal deadline.

    `days_left` is to the end of that day in the state that answers, negative when it is over.
    """

    legal: date | None = None
    system: date | None = None
    proposed: date | None = None
    proposed_by: Party | None = None
    agreed: date | None = None
    due: date | None = None
    due_is: str | None = None
    days_left: int | None = None
    legal_days_left: int | None = None
    overdue: bool = False


class QuestionView(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A question with its answer, each in the reader's language; free text stays as it was written."""

    code: str
    group: str
    text: str
    kind: str
    more: Words | None = None
    answer: Answered | None = None
    answer_text: str | None = None


class DocumentView(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A document type that was asked for: delivered, explained or open."""

    code: str
    text: str
    state: str
    missing: Missing | None = None
    missing_text: str | None = None


class Line(Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """An exchange as a line of a list."""

    exchange_id: UUID
    number: str
    procedure: Said
    module: Said
    state: Said
    ball: Said
    ball_side: Side | None = None
    requesting: Side
    replying: Side
    urgent: bool = False
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    dates: Due


class View(Line, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """An exchange whole, with what its reader may do next."""

    subject: Subject
    form: dict[str, str]
    questions: list[QuestionView]
    documents: list[DocumentView]
    open_questions: list[str]
    open_documents: list[str]
    moves: list[Said]
    held: Said | None = None
    opened_at: datetime | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    timeliness: Said | None = None
    effort: Said | None = None
    parent: str | None = None
    linked: list[str] = []
    revision: int


class EventView(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A move of the history; people of the other side are not named, only their authority."""

    sequence: int
    at: datetime
    move: Said
    state: Said
    party: str
    by: Side
    content: Content
    reason: str | None = None
    released: bool = False


async def lines(pool: asyncpg.Pool, exchanges: Sequence[Exchange], reader: str, at: datetime) -> list[Line]:
    """Words exchanges as lines of a list."""
    names = await _Names.of(pool, exchanges, reader)
    return [Line(**_line(exchange, names, reader, at)) for exchange in exchanges]


async def view(pool: asyncpg.Pool, exchange: Exchange, caller: Caller, reader: str, at: datetime) -> View:
    """Words one exchange whole for somebody who may read it; of one that is blocked, only how it went."""
    if is_blocked(exchange, at):
        exchange = replace(exchange, subject=Subject(), answering=replace(exchange.answering, answers=[]))
    names = await _Names.of(pool, [exchange], reader)
    linked = await pool.fetch(_SQL["linked"], exchange.exchange_id)
    parent = exchange.parent_id and await pool.fetchrow(_SQL["read"], exchange.parent_id)
    held = None if isinstance(caller, OperatorCaller) else await pool.fetchrow(_SQL["held"], exchange.exchange_id)
    labels = table(reader, "field")
    return View(
        **_line(exchange, names, reader, at),
        subject=exchange.subject,
        form={labels[name]: value for name, value in exchange.subject.fields.items()},
        questions=_questions(exchange, reader),
        documents=_documents(exchange, reader),
        open_questions=open_questions(exchange),
        open_documents=open_documents(exchange),
        moves=[said("move", name, reader) for name in possible_moves(exchange, actors_of(caller, exchange), at)],
        held=said("move", held["move"], reader) if held and held["authority"] == _authority(caller) else None,
        opened_at=exchange.opened_at,
        accepted_at=exchange.accepted_at,
        answered_at=exchange.answered_at,
        timeliness=said("rating", exchange.timeliness, reader) if exchange.timeliness else None,
        effort=said("rating", exchange.effort, reader) if exchange.effort else None,
        parent=f"{parent['number']}.{parent['round']}" if parent else None,
        linked=[] if isinstance(caller, OperatorCaller) else [f"{row['number']}.{row['round']}" for row in linked],
        revision=exchange.revision,
    )


async def history(pool: asyncpg.Pool, exchange: Exchange, caller: Caller, reader: str, at: datetime) -> list[EventView]:
    """Gives every move that somebody may read, the first first; drafts are their authority's own."""
    names = await _Names.of(pool, [exchange], reader)
    events = [event_of(row) for row in await pool.fetch(_SQL["events"], exchange.exchange_id)]
    if is_blocked(exchange, at):
        events = [replace(event, content=Content()) for event in events]
    await names.add(pool, [event.actor.authority for event in events])
    ours = isinstance(caller, OperatorCaller) is False and caller.country == exchange.requesting_country
    return [_event(event, exchange.operator_id, names, reader) for event in events if ours or event.state != "DRAFT"]


def dates(exchange: Exchange, at: datetime) -> Due:
    """Gives the dates of an exchange as they stand at an instant."""
    today = day_in(exchange.replying_country, at)
    due = exchange.agreed_due or exchange.legal_due
    running = exchange.answered_at is None and exchange.closed_at is None
    return Due(
        exchange.legal_due,
        exchange.system_due,
        exchange.proposed_due,
        exchange.proposed_by,
        exchange.agreed_due,
        due,
        None if due is None else "agreed" if exchange.agreed_due else "legal",
        (due - today).days if due and running else None,
        (exchange.legal_due - today).days if exchange.legal_due and running else None,
        overdue=running and ((due is not None and today > due) or is_overdue(exchange, at)),
    )


def said(name: str, code: str, reader: str) -> Said:
    """Gives a code with its text from a table of the texts."""
    return Said(code, table(reader, name)[code])


class _Names:
    """Names of authorities and operators, read once for all that is worded."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._authorities: dict[str, str] = {}
        self._operators: dict[UUID, str] = {}

    @classmethod
    async def of(cls, pool: asyncpg.Pool, exchanges: Sequence[Exchange], reader: str) -> "_Names":
        names = cls(reader)
        codes = {one for each in exchanges for one in (each.requesting_authority, each.replying_authority)}
        await names.add(pool, list(codes))
        operators = {each.operator_id for each in exchanges if each.operator_id}
        rows = await pool.fetch(_SQL["operators"], list(operators)) if operators else []
        names._operators = {row["operator_id"]: row["name"] for row in rows}
        return names

    async def add(self, pool: asyncpg.Pool, codes: Sequence[str | None]) -> None:
        for row in await pool.fetch(_SQL["names"], [code for code in codes if code]):
            known: Mapping[str, str] = msgspec.json.decode(row["names"])
            self._authorities[row["code"]] = known.get(self._reader) or known.get(SOURCE) or next(iter(known.values()))

    def authority(self, code: str, country: str) -> Side:
        return Side(country, country_name(country, self._reader), self._authorities.get(code, code), code)

    def operator(self, operator_id: UUID | None, country: str) -> Side:
        name = self._operators.get(operator_id, "") if operator_id else ""
        return Side(country, country_name(country, self._reader), name, operator_id=operator_id)

    def requesting(self, exchange: Exchange) -> Side:
        return self.authority(exchange.requesting_authority, exchange.requesting_country)

    def replying(self, exchange: Exchange) -> Side:
        if exchange.replying_authority is None:
            side = self.operator(exchange.operator_id, exchange.replying_country)
            if not side.name and exchange.closed_at is None:  # it has left the register; the form knows it still
                side = replace(side, name=exchange.subject.fields.get("operator_name", ""))
            return side
        return self.authority(exchange.replying_authority, exchange.replying_country)


def _authority(caller: Caller) -> str | None:
    return None if isinstance(caller, OperatorCaller) else caller.authority


def _line(exchange: Exchange, names: _Names, reader: str, at: datetime) -> dict[str, Any]:
    requesting, replying = names.requesting(exchange), names.replying(exchange)
    sides = {"requesting": requesting, "replying": replying, "coordinator": replying}
    return {
        "exchange_id": exchange.exchange_id,
        "number": exchange.shown_number,
        "procedure": said("procedure", exchange.procedure, reader),
        "module": said("module", exchange.module, reader),
        "state": said("state", exchange.state, reader),
        "ball": said("ball", exchange.ball, reader),
        "ball_side": sides.get(exchange.ball),
        "requesting": requesting,
        "replying": replying,
        "urgent": exchange.urgent,
        "sent_at": exchange.sent_at,
        "closed_at": exchange.closed_at,
        "dates": dates(exchange, at),
    }


def _questions(exchange: Exchange, reader: str) -> list[QuestionView]:
    module, answers = modules()[exchange.module], {one.code: one for one in exchange.answering.answers}
    groups = {code: name for name, questions in module.groups.items() for code in questions}
    views = []
    for asked in exchange.asking.questions:
        answer = answers.get(asked.code)
        choice = table(reader, "answer")[answer.choice] if answer and answer.choice else None
        text, group = table(reader, "question")[asked.code], table(reader, "group")[groups[asked.code]]
        kind = module.questions[asked.code]
        views.append(QuestionView(asked.code, group, text, kind, asked.more, answer, choice))
    return views


def _documents(exchange: Exchange, reader: str) -> list[DocumentView]:
    missing = {one.document_type: one for one in exchange.answering.missing}
    views = []
    for code in exchange.asking.document_types:
        found = missing.get(code)
        state = "delivered" if code in exchange.answering.delivered else "missing" if found else "open"
        why = table(reader, "reason")[found.reason] if found else None
        views.append(DocumentView(code, table(reader, "document")[code], state, found, why))
    return views


def _event(event: Event, operator_id: UUID | None, names: _Names, reader: str) -> EventView:
    actor = event.actor
    authority = actor.authority and names.authority(actor.authority, actor.country)
    return EventView(
        event.sequence,
        event.at,
        said("move", event.move, reader),
        said("state", event.state, reader),
        actor.party,
        authority or names.operator(operator_id, actor.country),
        event.content,
        table(reader, "reason")[event.content.reason] if event.content.reason else None,
        event.released_by is not None,
    )
