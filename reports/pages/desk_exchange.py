"""One exchange as a page: who has the ball, the days left, what was asked and answered, and what may be done."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Stream

from exchange.access import declarations_of
from exchange.catalogue import document_types, file_limits
from exchange.notes import add_note, notes, subscribe, subscriptions, unsubscribe
from exchange.people import actors_of
from exchange.procedures import deadline_for, procedures
from exchange.reading import read_exchange
from exchange.record import Exchange, ExchangeRefusedError
from exchange.storage import PIECE_BYTES
from exchange.texts import table
from exchange.translation import Translated, words_in
from exchange.uploads import NewUpload
from exchange.view import EventView, View, history, view
from reports.desk.files import attachment
from reports.desk.parts import HEADERS, Ask, identifier, identifier_or_number
from reports.pages.desk_list import turn
from reports.pages.desk_picture import counted, track
from reports.pages.desk_visit import Visit, Wrong, visit
from reports.pages.showing import LABELS
from schemas.identity import number_of
from schemas.languages import labels

#: A form with the largest file in it.
MOST_BYTES = file_limits().bytes + (1 << 20)
_NOTE_CHARACTERS = 5_000


@get("/desk/exchanges/{which:str}")
async def show(request: Ask, which: str) -> Response[Any]:
    """Shows an exchange whole."""
    who = await visit(request)
    return await shown(who, await read_exchange(who.parts.pool, who.officer, identifier_or_number(which)))


@post("/desk/exchanges/{which:str}", status_code=200, request_max_body_size=MOST_BYTES)
async def act(request: Ask, which: str) -> Response[Any]:
    """Releases what waits or takes it back, adds a note or a file, removes one, follows or not."""
    who = await visit(request)
    form = await who.form()
    exchange = await read_exchange(who.parts.pool, who.officer, identifier_or_number(which))
    action = str(form.get("action", ""))
    try:
        match action:
            case "release":
                await who.parts.desk.release(who.officer, exchange.exchange_id, who.at)
            case "let_go":
                await who.parts.desk.let_go(who.officer, exchange.exchange_id)
            case "note":
                await _note(who, exchange, str(form.get("note", "")).strip())
            case "follow":
                await subscribe(who.parts.pool, who.officer, exchange.exchange_id, email=form.get("email") == "true")
            case "leave":
                await unsubscribe(who.parts.pool, who.officer, exchange.exchange_id)
            case "remove":
                await who.parts.uploads.remove(who.officer, identifier(str(form.get("upload", ""))))
            case _:
                await _take(who, exchange, form.get("file"), str(form.get("document", "")))
    except ExchangeRefusedError as error:
        field = {"note": "note", "upload": "file"}.get(action, "main")
        return await shown(who, exchange, [Wrong(field, who.worded(error))])
    return who.go(f"/desk/exchanges/{exchange.shown_number}", said=action)


@get("/desk/exchanges/{which:str}/declarations")
async def show_declarations(request: Ask, which: str) -> Response[Any]:
    """Shows the declarations of an exchange: to the host state, and to the state that is asked while it runs."""
    who = await visit(request)
    exchange = await read_exchange(who.parts.pool, who.officer, identifier_or_number(which))
    found = await declarations_of(who.parts.pool, who.officer, exchange, who.at)
    await who.log("declaration", exchange.shown_number, f"{len(found)} READ")
    words = labels(who.language)["label"]
    context = {
        "number": exchange.shown_number,
        "declarations": found,
        "terms": {member: f"{label} {words[label]}" for member, label in LABELS.items()},
    }
    return who.page("declarations.html", context)


@get("/desk/files/{upload_id:str}")
async def download(request: Ask, upload_id: str) -> Stream:
    """Gives a file, only ever to be saved."""
    who = await visit(request)
    upload = await who.parts.uploads.readable(who.officer, identifier(upload_id))
    await who.log("document", str(upload.upload_id), upload.document_type)
    return Stream(who.parts.uploads.content(upload), media_type=upload.media_type, headers=HEADERS | attachment(upload))


async def shown(who: Visit, exchange: Exchange, wrong: list[Wrong] | None = None) -> Response[Any]:
    """Answers with the page of an exchange."""
    pool, officer, language = who.parts.pool, who.officer, who.language
    seen = await view(pool, exchange, officer, language, who.at)
    moves = await history(pool, exchange, officer, language, who.at)
    files = await who.parts.uploads.listed(officer, exchange)
    followed = [one for one in await subscriptions(pool, officer) if one.exchange_id in (None, exchange.exchange_id)]
    context = {
        "exchange": seen,
        "turn": turn(seen, officer.country),
        "track": track(seen.dates, exchange.replying_country, seen.sent_at, seen.answered_at or seen.closed_at, who.at),
        "deadlines": _deadlines(exchange),
        "events": moves,
        "translated": await _translated(who, moves),
        "has_words": any(_foreign(who, move) for move in moves),
        "files": files,
        "ready": [one for one in files if one.sent_in is None and one.exchange_id == exchange.exchange_id],
        "document_names": table(language, "document"),
        "date_names": table(language, "date"),
        "declarations": [number_of(one) for one in seen.subject.declarations],
        "may_see_declarations": officer.country == exchange.requesting_country or exchange.closed_at is None,
        "moves": _by_weight(seen),
        "may_upload": _upload_types(exchange, who, seen),
        "notes": await notes(pool, officer, exchange) if officer.authority else [],
        "followed": followed[0] if followed else None,
        "answer_names": table(language, "answer"),
        "wrong": wrong or [],
    }
    return who.page("exchange.html", context, status=422 if wrong else 200)


async def _note(who: Visit, exchange: Exchange, text: str) -> None:
    if not 1 <= len(text) <= _NOTE_CHARACTERS:
        raise ExchangeRefusedError("content_missing", "/note", member="text")
    await add_note(who.parts.pool, who.officer, exchange, text)


async def _take(who: Visit, exchange: Exchange, file: Any, document: str) -> None:
    """Takes a file that came with a form: announced, sent in one part, examined."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise ExchangeRefusedError("content_missing", "/file", member="file")
    size = file.file.seek(0, 2)
    file.file.seek(0)
    uploads = who.parts.uploads
    announced = await uploads.announce(who.officer, exchange.exchange_id, NewUpload(document, file.filename, size))
    await uploads.append(who.officer, announced.upload_id, 0, _pieces(file))


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE_BYTES):
        yield piece


async def _translated(who: Visit, moves: list[EventView]) -> dict[tuple[str, str], Translated]:
    """Gives the machine's translations by text and language, when the reader has asked for them."""
    if not who.asked("translate"):
        return {}
    found = [one for move in moves for one in await who.parts.translations.of(move.content, who.language)]
    return {(one.original.text, one.original.language): one for one in found}


def _foreign(who: Visit, move: EventView) -> bool:
    return any(words.language != who.language for _, words in words_in(move.content))


def _deadlines(exchange: Exchange) -> dict[str, tuple[int, str] | None]:
    kinds = ("legal", "system")
    return {
        kind: counted(deadline_for(exchange.procedure, exchange.module, kind, urgent=exchange.urgent)) for kind in kinds
    }


#: What is done most often comes first; what ends or turns away comes last.
_LAST = ("refuse", "withdraw", "close_unsatisfactory", "settle_close")
_FIRST = ("accept", "answer", "open", "send", "close", "close_satisfactory", "agree_date", "evaluate", "settle_reopen")


def _by_weight(seen: View) -> list[tuple[str, str, str]]:
    """Gives the moves that may be made: code, text and the kind of button, one of them the main one."""
    ordered = sorted(seen.moves, key=lambda one: (one.code in _LAST, one.code not in _FIRST))
    first = next((one.code for one in ordered if one.code in _FIRST), "")

    def kind(code: str) -> str:
        return "primary" if code == first else "danger" if code in _LAST else "plain"

    return [(one.code, one.text, kind(one.code)) for one in ordered]


def _upload_types(exchange: Exchange, who: Visit, seen: View) -> list[tuple[str, str]]:
    """Gives the document types of which the officer may add files now, those still open first."""
    taking = procedures()[exchange.procedure].moves
    if not actors_of(who.officer, exchange) or not any("uploads" in taking[one.code].takes for one in seen.moves):
        return []
    names = table(who.language, "document")
    known = [code for code, one in document_types().items() if exchange.module in one.modules]
    first = [one for one in seen.open_documents if one in known]
    rest = [one for one in known if one not in first]
    ordered = first + rest if first else ["attachment", *(one for one in rest if one != "attachment")]
    return [(code, names[code]) for code in ordered]


ROUTES = [show, act, show_declarations, download]
