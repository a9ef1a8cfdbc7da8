"""The further conditions of moves (`when` in the procedures), each by its name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.catalogue import modules
from exchange.record import Actor, Content, Exchange, ExchangeRefusedError
from schemas.codes import COUNTRIES


@dataclass(slots=True)
class Facts:
    """What a move needs to know besides: the instant, the type of each file, the state of the named authority."""

    at: datetime
    documents: dict[UUID, str] = field(default_factory=dict)
    authority_country: str | None = None


@dataclass(slots=True)
class Case:
    """What a condition looks at: the record as the content has changed it, and who says what."""

    exchange: Exchange
    actor: Actor
    content: Content
    facts: Facts


Condition = Callable[[Case], None]


def day_in(country: str, at: datetime) -> date:
    """Gives the day that an instant falls on in a country's civil time, Brussels' where none is known."""
    known = COUNTRIES.get(country)
    return at.astimezone(ZoneInfo(known.zone if known else "Europe/Brussels")).date()


def is_overdue(exchange: Exchange, at: datetime) -> bool:
    """Tells whether the reply is owed still after the last day of its legal deadline."""
    due = exchange.legal_due
    return due is not None and exchange.answered_at is None and day_in(exchange.replying_country, at) > due


def open_documents(exchange: Exchange) -> list[str]:
    """Gives the document types that were asked for and neither came nor were explained."""
    settled = {*exchange.answering.delivered, *(one.document_type for one in exchange.answering.missing)}
    return [code for code in exchange.asking.document_types if code not in settled]


def open_questions(exchange: Exchange) -> list[str]:
    """Gives the questions that were asked and not answered."""
    answered = {one.code for one in exchange.answering.answers}
    return [one.code for one in exchange.asking.questions if one.code not in answered]


def _names_declaration(case: Case) -> None:
    if not case.exchange.subject.declarations:
        raise ExchangeRefusedError("content_missing", "/content/subject/declarations", member="declarations")


def _asks_something(case: Case) -> None:
    asking = case.exchange.asking
    if not asking.questions and not asking.document_types:
        raise ExchangeRefusedError("content_missing", "/content/questions", member="questions or documentTypes")


def _form_filled(case: Case) -> None:
    fields = case.exchange.subject.fields
    for name, needed in modules()[case.exchange.module].form.items():
        if needed and name not in fields:
            raise ExchangeRefusedError("content_missing", f"/content/subject/fields/{name}", member=name)


def _date_to_come(case: Case) -> None:
    due = case.content.due
    if due is not None and due <= day_in(case.exchange.replying_country, case.facts.at):
        raise ExchangeRefusedError("date_not_to_come", "/content/due", date=due)


def _date_proposed_by_other(case: Case) -> None:
    if case.exchange.proposed_by in (None, case.actor.party):
        raise ExchangeRefusedError("no_date_proposed")


def _other_authority_of_same_state(case: Case) -> None:
    exchange, named = case.exchange, case.content.authority
    if named == exchange.replying_authority or case.facts.authority_country != exchange.replying_country:
        raise ExchangeRefusedError(
            "authority_not_possible", "/content/authority", authority=named, country=exchange.replying_country
        )


def _brings_something(case: Case) -> None:
    content = case.content
    if not (content.uploads or content.answers or content.missing or content.text):
        raise ExchangeRefusedError("content_missing", "/content", member="uploads, answers, missing or text")


def _every_document_settled(case: Case) -> None:
    if left := open_documents(case.exchange):
        raise ExchangeRefusedError("documents_left", "/content/uploads", documents=", ".join(left))


def _every_question_answered(case: Case) -> None:
    if left := open_questions(case.exchange):
        raise ExchangeRefusedError("questions_left", "/content/answers", questions=", ".join(left))


def _overdue(case: Case) -> None:
    if not is_overdue(case.exchange, case.facts.at):
        raise ExchangeRefusedError("not_overdue", due=case.exchange.legal_due)


def _answered_and_not_evaluated(case: Case) -> None:
    if case.exchange.answered_at is None or case.exchange.timeliness is not None:
        raise ExchangeRefusedError("evaluation_not_possible")


CONDITIONS: dict[str, Condition] = {
    "names_declaration": _names_declaration,
    "asks_something": _asks_something,
    "form_filled": _form_filled,
    "date_to_come": _date_to_come,
    "date_proposed_by_other": _date_proposed_by_other,
    "other_authority_of_same_state": _other_authority_of_same_state,
    "brings_something": _brings_something,
    "every_document_settled": _every_document_settled,
    "every_question_answered": _every_question_answered,
    "overdue": _overdue,
    "answered_and_not_evaluated": _answered_and_not_evaluated,
}
#: Those that look at the record alone, so that a reader is not offered what would be refused.
STANDING = frozenset({"date_proposed_by_other", "overdue", "answered_and_not_evaluated"})
