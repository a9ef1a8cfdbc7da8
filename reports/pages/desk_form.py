"""Forms of moves: what a procedure takes becomes fields, and what was filled in becomes the content of a move."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from exchange.catalogue import modules
from exchange.procedures import Move
from exchange.record import Content, Exchange, ExchangeRefusedError

_WIRE = {one.name: one.encode_name for one in msgspec.structs.fields(Content)}
#: Where a refusal of a part of the content is shown.
_FIELDS = {
    "subject/declarations": "declarations",
    "subject/periodStart": "period_start",
    "subject/periodEnd": "period_end",
    "documentTypes": "document_types",
}


@dataclass(slots=True)
class Filled:
    """What stands in a form: one text a field, and what is ticked under a name."""

    texts: dict[str, str] = field(default_factory=dict)
    ticked: dict[str, set[str]] = field(default_factory=lambda: {"questions": set(), "document_types": set()})

    def text(self, name: str, otherwise: str = "") -> str:
        """Gives what stands in a field."""
        return self.texts.get(name, otherwise)


def filled(form: Any) -> Filled:
    """Reads a form as it was sent."""
    texts = {name: str(value).strip() for name, value in form.multi_items() if isinstance(value, str)}
    ticked = {name: {str(one) for one in form.getall(name, [])} for name in ("questions", "document_types")}
    return Filled(texts, ticked)


def of_content(content: Content, numbers: Iterable[str] = ()) -> Filled:
    """Gives the form that a content fills in, such as a template's; `numbers` are those of its declarations."""
    shown = Filled()
    put = shown.texts
    for name in ("authority", "reason", "timeliness", "effort"):
        put[name] = getattr(content, name) or ""
    put["due"] = str(content.due or "")
    put["urgent"] = "true" if content.urgent else ""
    for asked in content.questions:
        shown.ticked["questions"].add(asked.code)
        put[f"more.{asked.code}"] = asked.more.text if asked.more else ""
    shown.ticked["document_types"] |= set(content.document_types)
    for answer in content.answers:
        put[f"choice.{answer.code}"] = answer.choice or ""
        put[f"number.{answer.code}"] = "" if answer.number is None else f"{answer.number:g}"
        put[f"words.{answer.code}"] = answer.words.text if answer.words else ""
    for missing in content.missing:
        put[f"missing.{missing.document_type}"] = missing.reason
        put[f"missing_words.{missing.document_type}"] = missing.words.text if missing.words else ""
    if content.text:
        put["text"], put["language"] = content.text.text, content.text.language
    if subject := content.subject:
        put["declarations"] = "\n".join(numbers)
        put["control"] = str(subject.control or "")
        put["period_start"], put["period_end"] = str(subject.period_start or ""), str(subject.period_end or "")
        put |= {f"field.{name}": value for name, value in subject.fields.items()}
    return shown


def content_of(shown: Filled, move: Move, exchange: Exchange, declarations: Sequence[UUID]) -> Content:
    """Makes the content of a move from its form; files that are ready go with a move by themselves.

    Raises `ExchangeRefusedError` for what cannot be in one.
    """
    taken = {*move.takes, *move.requires}
    read = {member: _MEMBERS[member](shown, exchange) for member in taken - {"subject", "uploads"}}
    said = {_WIRE[member]: value for member, value in read.items() if value}
    if "subject" in taken:
        said["subject"] = _subject(shown, exchange, declarations)
    try:
        return msgspec.convert(said, Content)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        pointer = "/content" + where.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise ExchangeRefusedError("parameter_wrong", pointer, name=pointer[9:], reason=reason) from error


def field_of(pointer: str, content: Content) -> str:
    """Gives the field of the form that a JSON pointer of a refusal means, the first one where it means the whole."""
    path = pointer.removeprefix("/content/")
    if path.startswith("subject/fields/"):
        return f"field.{path.rpartition('/')[2]}"
    member, _, rest = path.partition("/")
    place, _, part = rest.partition("/")
    if member == "answers" and place.isdigit() and int(place) < len(content.answers):
        kind = part if part in ("choice", "number") else "words"
        return f"{kind}.{content.answers[int(place)].code}"
    if member == "missing" and place.isdigit() and int(place) < len(content.missing):
        return f"missing.{content.missing[int(place)].document_type}"
    return _FIELDS.get(path) or _FIELDS.get(member) or member or "main"


def _subject(shown: Filled, exchange: Exchange, declarations: Sequence[UUID]) -> dict[str, Any]:
    form = modules()[exchange.module].form
    fields = {name: value for name in form if (value := shown.text(f"field.{name}"))}
    said: dict[str, Any] = {"declarations": list(declarations), "fields": fields}
    for name, wire in (("period_start", "periodStart"), ("period_end", "periodEnd"), ("control", "control")):
        if value := shown.text(name):
            said[wire] = value
    return said


def _words(shown: Filled, name: str) -> dict[str, str] | None:
    text = shown.text(name)
    return {"text": text, "language": shown.text("language", "en")} if text else None


def _with_words(said: dict[str, Any], member: str, words: Mapping[str, str] | None) -> dict[str, Any]:
    return said | {member: words} if words else said


def _questions(shown: Filled, exchange: Exchange) -> list[dict[str, Any]]:
    return [
        _with_words({"code": code}, "more", _words(shown, f"more.{code}"))
        for code in modules()[exchange.module].questions
        if code in shown.ticked["questions"]
    ]


def _answers(shown: Filled, exchange: Exchange) -> list[dict[str, Any]]:
    answers = []
    for asked in exchange.asking.questions:
        said: dict[str, Any] = {}
        if choice := shown.text(f"choice.{asked.code}"):
            said["choice"] = choice
        if number := shown.text(f"number.{asked.code}"):
            said["number"] = _number(number, asked.code)
        said = _with_words(said, "words", _words(shown, f"words.{asked.code}"))
        if said:
            answers.append({"code": asked.code} | said)
    return answers


def _number(text: str, code: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise ExchangeRefusedError("parameter_wrong", f"/content/number.{code}", name=code, reason=text) from error


def _missing(shown: Filled, exchange: Exchange) -> list[dict[str, Any]]:
    return [
        _with_words({"documentType": code, "reason": reason}, "words", _words(shown, f"missing_words.{code}"))
        for code in exchange.asking.document_types
        if (reason := shown.text(f"missing.{code}"))
    ]


_MEMBERS: dict[str, Any] = {
    "questions": _questions,
    "answers": _answers,
    "missing": _missing,
    "document_types": lambda shown, exchange: sorted(shown.ticked["document_types"]),
    "text": lambda shown, exchange: _words(shown, "text"),
    "urgent": lambda shown, exchange: shown.text("urgent") == "true",
    **{
        name: (lambda shown, exchange, name=name: shown.text(name))
        for name in ("authority", "reason", "due", "timeliness", "effort")
    },
}
