"""The content of a move: whether it fits the procedure and the module, and what it adds to the record."""

from dataclasses import dataclass

from msgspec.structs import replace

from exchange.catalogue import codes, documents_of, modules
from exchange.conditions import Facts
from exchange.procedures import Move
from exchange.record import Actor, Answered, Answering, Asking, Content, Exchange, ExchangeRefusedError, Words
from schemas.languages import UnknownLanguageError, language

_EMPTY = Content()
_REASONS = {"refuse": "refuse"}


@dataclass(slots=True)
class _Checks:
    exchange: Exchange
    content: Content

    def questions(self) -> None:
        known = modules()[self.exchange.module].questions
        for place, asked in enumerate(self.content.questions):
            if asked.code not in known:
                raise _unknown(f"/content/questions/{place}/code", asked.code, list(known))
            _language(asked.more, f"/content/questions/{place}/more")

    def answers(self) -> None:
        known = modules()[self.exchange.module].questions
        asked = [one.code for one in self.exchange.asking.questions]
        for place, answer in enumerate(self.content.answers):
            where = f"/content/answers/{place}"
            if answer.code not in asked:
                raise _unknown(f"{where}/code", answer.code, asked)
            _answer(answer, known[answer.code], where)
            _language(answer.words, f"{where}/words")

    def documents(self) -> None:
        known = [one.code for one in documents_of(self.exchange.module)]
        for place, code in enumerate(self.content.document_types):
            if code not in known:
                raise _unknown(f"/content/documentTypes/{place}", code, known)
        for place, missing in enumerate(self.content.missing):
            where = f"/content/missing/{place}"
            if missing.document_type not in self.exchange.asking.document_types:
                raise _unknown(f"{where}/documentType", missing.document_type, self.exchange.asking.document_types)
            if missing.reason not in codes().reason["missing"]:
                raise _unknown(f"{where}/reason", missing.reason, codes().reason["missing"])
            _language(missing.words, f"{where}/words")

    def subject(self) -> None:
        if self.content.subject is None:
            return
        form = modules()[self.exchange.module].form
        for name in self.content.subject.fields:
            if name not in form:
                raise _unknown(f"/content/subject/fields/{name}", name, list(form))
        start, end = self.content.subject.period_start, self.content.subject.period_end
        if start and end and end < start:
            raise ExchangeRefusedError("end_before_start", "/content/subject/periodEnd", start=start, end=end)


def check_content(exchange: Exchange, name: str, move: Move, content: Content, facts: Facts) -> None:
    """Raises `ExchangeRefusedError` if the content has what the move does not take, or codes that are none."""
    for member in Content.__struct_fields__:
        given = getattr(content, member) != getattr(_EMPTY, member)
        if given and member not in move.takes and member not in move.requires:
            raise ExchangeRefusedError(
                "content_not_taken", f"/content/{_wire(member)}", member=_wire(member), move=name
            )
        if not given and member in move.requires:
            raise ExchangeRefusedError("content_missing", f"/content/{_wire(member)}", member=_wire(member))
    checks = _Checks(exchange, content)
    checks.subject()
    checks.questions()
    checks.answers()
    checks.documents()
    _language(content.text, "/content/text")
    reasons = codes().reason[_REASONS.get(name, "request")]
    if content.reason is not None and content.reason not in reasons:
        raise _unknown("/content/reason", content.reason, reasons)
    for place, upload in enumerate(content.uploads):
        if upload not in facts.documents:
            raise ExchangeRefusedError("upload_not_ready", f"/content/uploads/{place}", upload=upload)


def added(exchange: Exchange, move: Move, actor: Actor, content: Content, facts: Facts) -> Exchange:
    """Gives the record with what the content asks, answers and says about the case.

    What is asked again is open again. What a draft asks is replaced by what the next draft, or the sending, asks.
    """
    if actor.party == "replying":
        return replace(exchange, answering=_answering(exchange.answering, content, facts))
    exchange = replace(exchange, subject=content.subject or exchange.subject, urgent=content.urgent or exchange.urgent)
    if move.effect == "escalated" or not (content.questions or content.document_types):
        return exchange
    before = Asking() if exchange.state in ("", "DRAFT") else exchange.asking
    new = {one.code for one in content.questions}
    questions = [one for one in before.questions if one.code not in new] + content.questions
    documents = list(dict.fromkeys([*before.document_types, *content.document_types]))
    return replace(exchange, asking=Asking(questions, documents), answering=_reopened(exchange.answering, content))


def _reopened(answering: Answering, content: Content) -> Answering:
    again = {*(one.code for one in content.questions), *content.document_types}
    return Answering(
        [one for one in answering.answers if one.code not in again],
        [code for code in answering.delivered if code not in again],
        [one for one in answering.missing if one.document_type not in again],
    )


def _answering(answering: Answering, content: Content, facts: Facts) -> Answering:
    new = {one.code for one in content.answers}
    delivered = list(dict.fromkeys([*answering.delivered, *(facts.documents[one] for one in content.uploads)]))
    explained = {one.document_type for one in content.missing}
    missing = [one for one in answering.missing if one.document_type not in explained | set(delivered)]
    return Answering(
        [one for one in answering.answers if one.code not in new] + content.answers,
        delivered,
        missing + content.missing,
    )


def _answer(answer: Answered, kind: str, where: str) -> None:
    choices = codes().answer[kind]
    if choices and answer.choice not in choices:
        raise _unknown(f"{where}/choice", answer.choice or "", choices)
    if kind == "text" and answer.words is None:
        raise ExchangeRefusedError("content_missing", f"{where}/words", member="words")
    if kind == "number" and answer.number is None and answer.words is None:
        raise ExchangeRefusedError("content_missing", f"{where}/number", member="number or words")


def _language(words: Words | None, where: str) -> None:
    if words is None:
        return
    try:
        language(words.language)
    except UnknownLanguageError as error:
        raise ExchangeRefusedError("language_unknown", f"{where}/language", language=words.language) from error


def _unknown(pointer: str, value: str, known: list[str]) -> ExchangeRefusedError:
    return ExchangeRefusedError("not_one_of", pointer, value=value, known=", ".join(known) or "none")


def _wire(member: str) -> str:
    first, *rest = member.split("_")
    return first + "".join(word.capitalize() for word in rest)
