"""/requests: an operator's inbox of requests for documents, and the files with which it replies (domain.md 1.4, 3.9).

Files come in parts from an offset, as in tus 1.0: what broke off goes on where the server says that it came to.
"""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from exchange.catalogue import file_limits, media_of
from exchange.desk import Desk
from exchange.lists import Wanted, page_of_operator
from exchange.notices import Notice, language_of, notices_of_operator
from exchange.people import OperatorCaller
from exchange.reading import read_exchange
from exchange.record import Content, Exchange, Missing, Words
from exchange.uploads import NewUpload, OffsetError, Upload
from exchange.view import EventView, Line, View, history, lines, view
from ingest.actions import noted
from ingest.bodies import converted, read_object
from ingest.body import unpacked
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import flag, page_of, parameter
from ingest.rates import Kind
from schemas.languages import LANGUAGES, UnknownLanguageError
from schemas.languages import language as known_language

_encode = msgspec.json.Encoder().encode
_OFFSET = "application/offset+octet-stream"
_PAGE = 50


class Reply(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """What goes with the files: `complete` for the last of a reply, why documents are missing, and a text."""

    complete: bool = False
    missing: Annotated[list[Missing], Meta(max_length=30)] = []
    text: Words | None = None


class FileReceipt(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A file as it stands. Kept whole, it has its SHA-256 (hex) as `digest`, and a signature over the canonical JSON
    of the members uploadId, documentType, fileName, size, digest and keptAt (sorted, no white space)."""

    upload_id: UUID
    exchange_id: UUID
    document_type: str
    file_name: str
    size: int
    received: int
    state: str
    media_type: str | None = None
    digest: str | None = None
    kept_at: str | None = None
    sent_in: int | None = None
    key_id: str | None = None
    signature: str | None = None


class RequestPage(Struct, frozen=True, rename="camel"):
    """A page of the inbox, newest first; `before` begins the next one."""

    items: list[Line]
    next_before: int | None


class NoticePage(Struct, frozen=True):
    """A page of notices, oldest first; `after` begins the next one."""

    items: list[Notice]
    after: int


class RequestShown(Struct, frozen=True, rename="camel"):
    """A request whole: how it stands, every move of it, the files, and what files may be."""

    request: View
    history: list[EventView]
    uploads: list[FileReceipt]
    media: dict[str, list[str]]
    most_megabytes: int


async def list_requests(intake: Intake, request: Request) -> None:
    """Handles GET /requests."""
    caller = await _caller(intake, request, "read")
    asked = request.parameters()
    wanted = Wanted(
        states=asked["state"].split(",") if asked.get("state") else None,
        running=flag(asked, "running") if "running" in asked else None,
        overdue=flag(asked, "overdue") if "overdue" in asked else None,
        before=parameter(asked, "before", int, "29423"),
        limit=page_of(asked, default=_PAGE).limit,
    )
    now = _now(intake)
    found = await page_of_operator(intake.pool, caller, wanted, now)
    shown = await lines(intake.pool, found, _language(request, caller), now)
    next_before = found[-1].number if len(found) == wanted.limit else None
    await request.answer(200, _encode(RequestPage(shown, next_before)))


async def read_request(intake: Intake, request: Request) -> None:
    """Handles GET /requests/{id}."""
    caller = await _caller(intake, request, "read")
    exchange = await read_exchange(intake.pool, caller, request.identifier("request_id"))
    await request.answer(200, _encode(await _shown(intake, request, caller, exchange)))


@noted("request.answered")
async def reply(intake: Intake, request: Request) -> None:
    """Handles POST /requests/{id}/reply: sends what was uploaded, in part or, with `complete`, as the whole."""
    caller = await _caller(intake, request, "prepare")
    exchange_id = request.identifier("request_id")
    said = converted(await read_object(request, optional=True), Reply)
    exchange = await read_exchange(intake.pool, caller, exchange_id)
    name = "send_late" if exchange.state == "ESCALATED" else "send_all" if said.complete else "send_part"
    content = Content(missing=said.missing, text=said.text)
    moved = await Desk(intake.pool).move(caller, exchange_id, name, content, _now(intake))
    await request.answer(200, _encode(await _shown(intake, request, caller, moved)))


async def announce(intake: Intake, request: Request) -> None:
    """Handles POST /requests/{id}/uploads: makes ready for a file."""
    caller = await _caller(intake, request, "prepare")
    new = converted(await read_object(request), NewUpload)
    upload = await intake.uploads.announce(caller, request.identifier("request_id"), new)
    location = (b"location", f"/uploads/{upload.upload_id}".encode())
    await _answer_upload(intake, request, 201, upload, location)


async def append(intake: Intake, request: Request) -> None:
    """Handles PATCH /uploads/{id}: the bytes from Upload-Offset on."""
    caller = await _caller(intake, request, "prepare", "read")
    if request.header(b"content-type") != _OFFSET:
        raise RefusedError("content_type_unsupported", expected=_OFFSET)
    offset = request.header(b"upload-offset")
    if not offset.isascii() or not offset.isdigit():
        raise RefusedError("parameter_wrong", name="Upload-Offset", reason="send the byte at which this part begins")
    body = unpacked(request.receive, "")
    try:
        upload = await intake.uploads.append(caller, request.identifier("upload_id"), int(offset), body)
    except OffsetError as error:
        request.extra_headers += ((b"upload-offset", str(error.offset).encode()),)
        raise
    await _answer_upload(intake, request, 200, upload)


async def read_upload(intake: Intake, request: Request) -> None:
    """Handles GET and HEAD /uploads/{id}: how far a file has come, or its receipt."""
    caller = await _caller(intake, request, "read")
    upload = await intake.uploads.finish(caller, request.identifier("upload_id"))
    await _answer_upload(intake, request, 200, upload)


async def read_content(intake: Intake, request: Request) -> None:
    """Handles GET /uploads/{id}/content: the file as an attachment, never to be shown in place."""
    caller = await _caller(intake, request, "read")
    upload = await intake.uploads.readable(caller, request.identifier("upload_id"))
    name = "attachment; filename*=UTF-8''" + quote(upload.file_name)
    request.extra_headers += (
        (b"content-disposition", name.encode()),
        (b"content-security-policy", b"sandbox; default-src 'none'"),
    )
    await request.stream(200, intake.uploads.content(upload), (upload.media_type or "").encode())


async def remove_upload(intake: Intake, request: Request) -> None:
    """Handles DELETE /uploads/{id}: a file that was not sent yet."""
    caller = await _caller(intake, request, "prepare")
    await intake.uploads.remove(caller, request.identifier("upload_id"))
    await request.answer(200, b"{}")


async def list_notices(intake: Intake, request: Request) -> None:
    """Handles GET /notices: what the operator was told, oldest first, after `after`."""
    caller = await _caller(intake, request, "read")
    asked = request.parameters()
    after, limit = parameter(asked, "after", int, "100") or 0, page_of(asked, default=_PAGE).limit
    found = await notices_of_operator(intake.pool, caller.operator_id, _language(request, caller), after, limit)
    await request.answer(200, _encode(NoticePage(found, found[-1].notice_id if found else after)))


async def _caller(intake: Intake, request: Request, scope: str, kind: Kind | None = None) -> OperatorCaller:
    credential, operator_id = await intake.caller(request, scope, kind)
    card = await intake.card(credential, operator_id, scope)
    return OperatorCaller(UUID(bytes=card.operator_id), card.country, credential.credential_id)


async def _shown(intake: Intake, request: Request, caller: OperatorCaller, exchange: Exchange) -> RequestShown:
    reader, now = _language(request, caller), _now(intake)
    uploads = await intake.uploads.listed(caller, exchange)
    return RequestShown(
        await view(intake.pool, exchange, caller, reader, now),
        await history(intake.pool, exchange, caller, reader, now),
        [_receipt(intake, upload) for upload in uploads],
        {code: media_of(code) for code in exchange.asking.document_types},
        file_limits().megabytes,
    )


async def _answer_upload(
    intake: Intake, request: Request, status: int, upload: Upload, *headers: tuple[bytes, bytes]
) -> None:
    come = (
        (b"upload-offset", str(upload.received).encode()),
        (b"upload-length", str(upload.size).encode()),
        (b"tus-resumable", b"1.0.0"),
    )
    body = b"" if request.scope["method"] == "HEAD" else _encode(_receipt(intake, upload))
    await request.answer(status, body, b"application/json", *come, *headers)


def _receipt(intake: Intake, upload: Upload) -> FileReceipt:
    said: dict[str, Any] = {
        "uploadId": str(upload.upload_id),
        "documentType": upload.document_type,
        "fileName": upload.file_name,
        "size": upload.size,
        "digest": upload.digest,
        "keptAt": upload.kept_at and upload.kept_at.isoformat(),
    }
    kept = upload.state == "kept"
    return FileReceipt(
        upload.upload_id,
        upload.exchange_id,
        upload.document_type,
        upload.file_name,
        upload.size,
        upload.received,
        upload.state,
        upload.media_type,
        upload.digest,
        said["keptAt"],
        upload.sent_in,
        intake.signer.key_id if kept else None,
        intake.signer.sign(said) if kept else None,
    )


def _language(request: Request, caller: OperatorCaller) -> str:
    """Gives the language of the answer: `?language=`, else Accept-Language, else that of the operator's state."""
    named = request.parameters().get("language")
    if named:
        try:
            return known_language(named)
        except UnknownLanguageError as error:
            raise RefusedError("parameter_wrong", name="language", reason=f"one of {' '.join(LANGUAGES)}") from error
    for tag in request.header(b"accept-language").split(","):
        try:
            return known_language(tag.partition(";")[0])
        except UnknownLanguageError:
            continue
    return language_of(caller.country)


def _now(intake: Intake) -> datetime:
    return datetime.fromtimestamp(intake.now() / 1e6, UTC)
