"""Exchanges over HTTP: begun, moved, read, listed; with their history, notes, declarations and translations."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from msgspec import Meta, Struct

from exchange.access import declarations_of
from exchange.desk import NewExchange
from exchange.lists import Wanted, page_of_officer
from exchange.notes import add_note, notes
from exchange.reading import read_exchange
from exchange.record import Content, Exchange
from exchange.view import history, lines, view
from exchange.wording import catalogue
from reports.desk.parts import (
    Ask,
    Asked,
    answer,
    asked,
    body,
    identifier_or_number,
    parameters,
)
from schemas.codes import country as iso_country


class ListQuery(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /exchanges. `state` may name several, parted by commas; `before` begins the next page."""

    direction: Literal["all", "sent", "received"] = "all"
    own: bool = False
    procedure: str | None = None
    module: str | None = None
    state: str | None = None
    running: bool | None = None
    ball: Literal["ours", "theirs", "linked", "nobody"] | None = None
    overdue: bool | None = None
    country: Annotated[str, Meta(min_length=2, max_length=2)] | None = None
    operator: UUID | None = None
    before: Annotated[int, Meta(ge=1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class MoveBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a move: its name and what is said in it."""

    move: str
    content: Content = Content()


class NoteBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A note that stays inside the authority."""

    text: Annotated[str, Meta(min_length=1, max_length=5_000)]


@get("/exchanges/catalogue")
async def read_catalogue(request: Ask) -> Response[bytes]:
    """Gives modules, questions, forms, document types and codes in the reader's language."""
    return answer(catalogue((await asked(request)).language))


@get("/exchanges")
async def listed(request: Ask) -> Response[bytes]:
    """Lists what the officer's Member State sent and received."""
    who, query = await asked(request), parameters(request, ListQuery)
    wanted = Wanted(
        direction=query.direction,
        authority=who.officer.authority if query.own else None,
        procedure=query.procedure,
        module=query.module,
        states=query.state.split(",") if query.state else None,
        running=query.running,
        ball=query.ball,
        overdue=query.overdue,
        country=iso_country(query.country.upper()) if query.country else None,
        operator_id=query.operator,
        before=query.before,
        limit=query.limit,
    )
    now = datetime.now(UTC)
    found = await page_of_officer(who.parts.pool, who.officer, wanted, now)
    await who.log("exchanges", msgspec.json.encode(query).decode(), f"{len(found)} FOUND")
    next_before = found[-1].number if len(found) == query.limit else None
    return answer({"items": await lines(who.parts.pool, found, who.language, now), "nextBefore": next_before})


@post("/exchanges")
async def begin(request: Ask) -> Response[bytes]:
    """Begins an exchange."""
    who, new = await asked(request), await body(request, NewExchange)
    return await _shown(who, await who.parts.desk.begin(who.officer, new), status=201)


@get("/exchanges/{which:str}")
async def read(request: Ask, which: str) -> Response[bytes]:
    """Gives one exchange by its id or number."""
    who = await asked(request)
    return await _shown(who, await _read(who, which, request))


@get("/exchanges/{which:str}/history")
async def read_history(request: Ask, which: str) -> Response[bytes]:
    """Gives every move of an exchange."""
    who = await asked(request)
    exchange = await _read(who, which, request)
    moves = await history(who.parts.pool, exchange, who.officer, who.language, datetime.now(UTC))
    return answer({"items": moves})


@get("/exchanges/{which:str}/translations")
async def translated(request: Ask, which: str) -> Response[bytes]:
    """Gives every free text of an exchange in the reader's language, made by machine and marked so."""
    who = await asked(request)
    exchange = await _read(who, which, request)
    moves = await history(who.parts.pool, exchange, who.officer, who.language, datetime.now(UTC))
    items = [
        {"sequence": move.sequence, "texts": texts}
        for move in moves
        if (texts := await who.parts.translations.of(move.content, who.language))
    ]
    return answer({"items": items})


@get("/exchanges/{which:str}/declarations")
async def read_declarations(request: Ask, which: str) -> Response[bytes]:
    """Gives the declarations of an exchange: to the host state, and to the state that is asked for assistance."""
    who = await asked(request)
    exchange = await _read(who, which, request)
    found = await declarations_of(who.parts.pool, who.officer, exchange, datetime.now(UTC))
    await who.log("declaration", exchange.shown_number, f"{len(found)} READ")
    return answer({"items": found})


@post("/exchanges/{which:str}/moves")
async def move(request: Ask, which: str) -> Response[bytes]:
    """Makes a move."""
    who, said = await asked(request), await body(request, MoveBody)
    exchange = await _read(who, which, request)
    return await _shown(who, await who.parts.desk.move(who.officer, exchange.exchange_id, said.move, said.content))


@post("/exchanges/{which:str}/release")
async def release(request: Ask, which: str) -> Response[bytes]:
    """Releases what a colleague has prepared."""
    who = await asked(request)
    exchange = await _read(who, which, request)
    return await _shown(who, await who.parts.desk.release(who.officer, exchange.exchange_id))


@delete("/exchanges/{which:str}/held", status_code=200)
async def let_go(request: Ask, which: str) -> Response[bytes]:
    """Takes back what waits for its release."""
    who = await asked(request)
    exchange = await _read(who, which, request)
    return await _shown(who, await who.parts.desk.let_go(who.officer, exchange.exchange_id))


@get("/exchanges/{which:str}/notes")
async def read_notes(request: Ask, which: str) -> Response[bytes]:
    """Gives the notes of the officer's own authority."""
    who = await asked(request)
    exchange = await _read(who, which, request)
    return answer({"items": await notes(who.parts.pool, who.officer, exchange)})


@post("/exchanges/{which:str}/notes")
async def write_note(request: Ask, which: str) -> Response[bytes]:
    """Adds a note of the officer's own authority."""
    who, said = await asked(request), await body(request, NoteBody)
    exchange = await _read(who, which, request)
    return answer(await add_note(who.parts.pool, who.officer, exchange, said.text), status=201)


async def _read(who: Asked, which: str, request: Ask) -> Exchange:
    purpose = request.headers.get("x-purpose")
    return await read_exchange(who.parts.pool, who.officer, identifier_or_number(which), purpose=purpose)


async def _shown(who: Asked, exchange: Exchange, status: int = 200) -> Response[bytes]:
    shown = await view(who.parts.pool, exchange, who.officer, who.language, datetime.now(UTC))
    return answer(shown, status)


ROUTES = [
    read_catalogue,
    listed,
    begin,
    read,
    read_history,
    translated,
    read_declarations,
    move,
    release,
    let_go,
    read_notes,
    write_note,
]
