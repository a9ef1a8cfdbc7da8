"""The forms of moves: what a move takes, filled in once, sent, kept as a template, or sent back with what is wrong."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from exchange.catalogue import codes, documents_of, modules
from exchange.conditions import open_documents, open_questions
from exchange.directory import Sought, hit
from exchange.notes import Template, save_template
from exchange.procedures import Move
from exchange.reading import read_exchange
from exchange.record import Content, Exchange, ExchangeRefusedError
from exchange.texts import table
from exchange.transition import move_named
from exchange.view import view
from reports.desk.parts import Ask, identifier_or_number
from reports.pages.desk_form import Filled, content_of, field_of, filled, of_content
from reports.pages.desk_visit import MAY_ASK, Visit, Wrong, visit
from reports.roadside.asking import declaration_named
from schemas.identity import number_of

_CANDIDATES = 60
#: Moves that cannot be taken back; their button says so.
GRAVE = ("refuse", "withdraw", "close_unsatisfactory", "settle_close")


@get("/desk/exchanges/{which:str}/do/{name:str}")
async def show(request: Ask, which: str, name: str) -> Response[Any]:
    """Shows the form of a move."""
    who = await visit(request)
    who.needs(MAY_ASK)
    exchange = await read_exchange(who.parts.pool, who.officer, identifier_or_number(which))
    move_named(exchange, name)
    return await form_page(who, exchange, name, of_content(_known(exchange, name), numbers(exchange)))


@post("/desk/exchanges/{which:str}/do/{name:str}", status_code=200)
async def make(request: Ask, which: str, name: str) -> Response[Any]:
    """Makes a move."""
    who = await visit(request)
    who.needs(MAY_ASK)
    form = filled(await who.form())
    exchange = await read_exchange(who.parts.pool, who.officer, identifier_or_number(which))
    if form.text("action") == "find":
        return await form_page(who, exchange, name, form)
    content = Content()
    try:
        content = await content_in(who, form, move_named(exchange, name), exchange)
        if form.text("action") == "template":
            await keep_template(who, exchange, name, form, content)
            return who.go("/desk/own", said="template")
        await who.parts.desk.move(who.officer, exchange.exchange_id, name, content, who.at)
    except ExchangeRefusedError as error:
        return await form_page(who, exchange, name, form, [Wrong(field_of(error.pointer, content), who.worded(error))])
    return who.go(f"/desk/exchanges/{exchange.number}", said="moved")


async def content_in(who: Visit, form: Filled, move: Move, exchange: Exchange) -> Content:
    """Reads the content of a move from its form. Raises `ExchangeRefusedError`."""
    return content_of(form, move, exchange, await declarations_in(who, form.text("declarations")))


async def declarations_in(who: Visit, text: str) -> list[UUID]:
    """Reads declarations by their numbers, in any spelling, one a line. Raises `ExchangeRefusedError`."""
    found = []
    for number in filter(None, (part.strip() for part in text.replace(",", "\n").splitlines())):
        named = await declaration_named(who.request.app.state.parts, number)
        if named is None:
            raise ExchangeRefusedError("declarations_unknown", "/content/subject/declarations")
        found.append(named)
    return found


async def keep_template(who: Visit, exchange: Exchange, name: str, form: Filled, content: Content) -> None:
    """Keeps what stands in a form as a template, without what belongs to one case. Raises `ExchangeRefusedError`."""
    title = form.text("template_name")
    if not title:
        raise ExchangeRefusedError("content_missing", "/content/template_name", member="name")
    general = Content(
        questions=content.questions,
        document_types=content.document_types,
        reason=content.reason,
        text=content.text,
        answers=content.answers,
        missing=content.missing,
    )
    kept = Template(title[:100], exchange.procedure, exchange.module, name, general)
    await save_template(who.parts.pool, who.officer, kept)


async def form_page(
    who: Visit, exchange: Exchange, name: str, form: Filled, wrong: Sequence[Wrong] = ()
) -> Response[Any]:
    """Answers with the form of a move on an exchange that there is."""
    seen = await view(who.parts.pool, exchange, who.officer, who.language, who.at)
    files = await who.parts.uploads.listed(who.officer, exchange)
    context = await choices(who, exchange, name, form) | {
        "exchange": seen,
        "questions": [one for one in seen.questions if one.code in open_questions(exchange) or one.answer],
        "missing_types": [(one.code, one.text) for one in seen.documents if one.code in open_documents(exchange)],
        "ready": [one for one in files if one.sent_in is None and one.exchange_id == exchange.exchange_id],
        "wrong": wrong,
        "here": f"/desk/exchanges/{exchange.number}/do/{name}",
        "grave": name in GRAVE,
    }
    return who.page("move.html", context, status=422 if wrong else 200)


async def choices(who: Visit, exchange: Exchange, name: str, form: Filled) -> dict[str, Any]:
    """Gives what the form of a move chooses from, in the reader's language."""
    move, module, language = move_named(exchange, name), modules()[exchange.module], who.language
    groups, questions = table(language, "group"), table(language, "question")
    return {
        "move": name,
        "move_text": table(language, "move")[name],
        "taken": {*move.takes, *move.requires},
        "required": set(move.requires),
        "released": move.released and who.officer.four_eyes,
        "form": form,
        "find": form.text("find") or who.asked("find"),
        "authorities": await _authorities(who, exchange, form) if "authority" in {*move.takes, *move.requires} else [],
        "groups": [
            (groups[group], [(code, questions[code]) for code in listed]) for group, listed in module.groups.items()
        ],
        "fields": [(code, table(language, "field")[code], needed) for code, needed in module.form.items()],
        "documents": [(one.code, table(language, "document")[one.code]) for one in documents_of(exchange.module)],
        "reasons": _worded(language, "reason", codes().reason["refuse" if name == "refuse" else "request"]),
        "missing_reasons": _worded(language, "reason", codes().reason["missing"]),
        "answer_choices": {kind: _worded(language, "answer", listed) for kind, listed in codes().answer.items()},
        "ratings": _worded(language, "rating", codes().rating["timeliness"]),
        "rating_names": table(language, "rating"),
        "own_language": form.text("language") or who.officer.language,
    }


def numbers(exchange: Exchange) -> list[str]:
    """Gives the numbers of an exchange's declarations, as people read them out."""
    return [number_of(one) for one in exchange.subject.declarations]


def _known(exchange: Exchange, name: str) -> Content:
    """Gives what the form begins with: a draft as it stands, the date that was proposed, the answers so far."""
    if exchange.state == "DRAFT":
        return Content(
            subject=exchange.subject,
            authority=exchange.replying_authority,
            questions=exchange.asking.questions,
            document_types=exchange.asking.document_types,
            due=exchange.proposed_due,
            urgent=exchange.urgent,
        )
    if name == "accept":
        return Content(due=exchange.proposed_due)
    if name in ("answer", "answer_part"):
        return Content(answers=exchange.answering.answers, missing=exchange.answering.missing)
    return Content()


async def _authorities(who: Visit, exchange: Exchange, form: Filled) -> list[tuple[str, str]]:
    """Gives authorities to choose from: those that fit the words, of the state that is asked, else any other."""
    sought = Sought(
        form.text("find") or who.asked("find"),
        exchange.replying_country or None,
        None if exchange.replying_authority else modules()[exchange.module].competence,
        limit=_CANDIDATES,
    )
    found = (await who.parts.directory.newest()).search(sought)
    chosen = form.text("authority")
    hits = [hit(one, who.language) for one in found]
    named = [
        (one.code, f"{one.name} – {one.place}, {one.country_name}")
        for one in hits
        if one.country != exchange.requesting_country and one.code != exchange.replying_authority
    ]
    if chosen and chosen not in dict(named):
        named.insert(0, (chosen, chosen))
    return named


def _worded(language: str, name: str, listed: Sequence[str]) -> list[tuple[str, str]]:
    texts = table(language, name)
    return [(code, texts[code]) for code in listed]


ROUTES = [show, make]
