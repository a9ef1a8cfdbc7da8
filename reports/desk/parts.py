"""What the desk's routes share: who is asking and in which language, the request's body, the answer."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from exchange.desk import Desk
from exchange.directory import DirectoryInMemory
from exchange.people import DeskOfficer, desk_officer
from exchange.reading import log_reading
from exchange.storage import Storage
from exchange.translation import Translations
from exchange.translators import Service, translator
from exchange.uploads import Uploads
from reports.officers import Officers
from reports.refusal import RefusedError
from schemas.languages import LANGUAGES, UnknownLanguageError
from schemas.languages import language as known_language
from schemas.limits import LIMITS
from validate.contract import explain
from validate.problems import problem

Ask = Request[Any, Any, State]
Kind = TypeVar("Kind")

_encode = msgspec.json.Encoder().encode
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True)
class DeskParts:
    """The parts of the desk in one process."""

    pool: asyncpg.Pool
    officers: Officers
    desk: Desk
    uploads: Uploads
    directory: DirectoryInMemory
    translations: Translations


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, in which language the answer goes out, and with what."""

    parts: DeskParts
    officer: DeskOfficer
    language: str

    async def log(self, kind: str, sought: str, verdict: str) -> None:
        """Writes into the log of look-ups what was read."""
        await log_reading(self.parts.pool, self.officer, sought[:500], verdict, None, kind)


def open_desk(pool: asyncpg.Pool, officers: Officers, documents: str, service: Service | None) -> DeskParts:
    """Makes the desk's parts; `documents` is where files lie, `service` translates by machine."""
    return DeskParts(
        pool,
        officers,
        Desk(pool),
        Uploads(pool, Storage(documents)),
        DirectoryInMemory(pool),
        Translations(pool, translator(service)),
    )


def parts_of(request: Ask) -> DeskParts:
    """Gives the desk's parts of this process."""
    parts: DeskParts = request.app.state.parts.desk
    return parts


async def asked(request: Ask) -> Asked:
    """Finds who is asking. Raises `RefusedError`."""
    parts = parts_of(request)
    known = await parts.officers.identify(request.headers.get("authorization"))
    officer = await desk_officer(parts.pool, known.officer_id)
    return Asked(parts, officer, _language(request, officer))


async def body(request: Ask, kind: type[Kind]) -> Kind:
    """Reads a body that is one JSON object, strictly. Raises `RefusedError` with all that does not fit."""
    raw = await request.body()
    if len(raw) > LIMITS.line.bytes:
        raise RefusedError("body_too_large", maximum=LIMITS.line.bytes)
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        found = explain(raw, kind) if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else ()
        raise RefusedError("content_refused", *(found or (problem("contract", reason=str(error)),))) from error


def parameters(request: Ask, kind: type[Kind]) -> Kind:
    """Reads the query. Raises `RefusedError`."""
    given = {name: value for name, value in request.query_params.items() if name != "language" and value != ""}
    if (zero := next((name for name, value in given.items() if "\0" in value), None)) is not None:
        raise RefusedError("parameter_wrong", name=zero, reason="it has a zero byte")
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$.")
        raise RefusedError("parameter_wrong", name=where.rstrip("`") or "query", reason=text) from error


def identifier(text: str) -> UUID:
    """Reads an id in the address; what is none cannot be found. Raises `RefusedError`."""
    try:
        return UUID(text)
    except ValueError as error:
        raise RefusedError("not_found") from error


def identifier_or_number(text: str) -> UUID | int:
    """Reads an exchange's id or its number, with or without its version: 29423, 29423.1. Raises `RefusedError`."""
    number, _, version = text.partition(".")
    if number.isascii() and number.isdigit() and len(number) < 19 and (not version or version.isdigit()):
        return int(number)
    return identifier(text)


def answer(said: object, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Answers with JSON."""
    return Response(_encode(said), status_code=status, media_type="application/json", headers=HEADERS | (headers or {}))


def _language(request: Ask, officer: DeskOfficer) -> str:
    """Gives the language of the answer: the query's `language`, else Accept-Language, else the officer's own."""
    named = request.query_params.get("language")
    if named:
        try:
            return known_language(named)
        except UnknownLanguageError as error:
            raise RefusedError("parameter_wrong", name="language", reason=f"one of {' '.join(LANGUAGES)}") from error
    for tag in request.headers.get("accept-language", "").split(","):
        try:
            return known_language(tag.partition(";")[0])
        except UnknownLanguageError:
            continue
    return officer.language if officer.language in LANGUAGES else "en"
