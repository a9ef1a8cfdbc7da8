"""Files of exchanges over HTTP: announced, sent in parts from an offset, read back as attachments only."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from litestar import Response, delete, get, patch, post, route
from litestar.response import Stream

from exchange.reading import read_exchange
from exchange.uploads import NewUpload, Upload
from reports.desk.parts import HEADERS, Ask, answer, asked, body, identifier, identifier_or_number, parts_of
from reports.refusal import RefusedError

_OFFSET = "application/offset+octet-stream"


@get("/exchanges/{which:str}/uploads")
async def listed(request: Ask, which: str) -> Response[bytes]:
    """Lists the files that the officer may read or has begun to send."""
    who = await asked(request)
    exchange = await read_exchange(who.parts.pool, who.officer, identifier_or_number(which))
    return answer({"items": await who.parts.uploads.listed(who.officer, exchange)})


@post("/exchanges/{which:str}/uploads")
async def announce(request: Ask, which: str) -> Response[bytes]:
    """Makes ready for a file."""
    who, new = await asked(request), await body(request, NewUpload)
    exchange = await read_exchange(who.parts.pool, who.officer, identifier_or_number(which))
    upload = await who.parts.uploads.announce(who.officer, exchange.exchange_id, new)
    return answer(upload, 201, _headers(upload) | {"location": f"/uploads/{upload.upload_id}"})


@route("/uploads/{upload_id:str}", http_method=["GET", "HEAD"])
async def read(request: Ask, upload_id: str) -> Response[bytes]:
    """Gives a file's receipt: how far it has come (Upload-Offset), or its digest."""
    who = await asked(request)
    upload = await who.parts.uploads.finish(who.officer, identifier(upload_id))
    return answer(upload, 200, _headers(upload))


@patch("/uploads/{upload_id:str}", request_max_body_size=None)  # it is counted against what was announced
async def append(request: Ask, upload_id: str) -> Response[bytes]:
    """Takes the bytes of a file from an offset on."""
    who = await asked(request)
    if request.headers.get("content-type") != _OFFSET:
        raise RefusedError("content_type_unsupported", expected=_OFFSET)
    named = request.headers.get("upload-offset", "")
    if not named.isascii() or not named.isdigit():
        raise RefusedError("parameter_wrong", name="Upload-Offset", reason="send the byte at which this part begins")
    upload = await who.parts.uploads.append(who.officer, identifier(upload_id), int(named), request.stream())
    return answer(upload, 200, _headers(upload))


@get("/uploads/{upload_id:str}/content")
async def content(request: Ask, upload_id: str) -> Stream:
    """Reads a file as an attachment; a browser never shows it in place."""
    who = await asked(request)
    upload = await who.parts.uploads.readable(who.officer, identifier(upload_id))
    await who.log("document", str(upload.upload_id), upload.document_type)
    return Stream(_pieces(request, upload), media_type=upload.media_type, headers=HEADERS | attachment(upload))


@delete("/uploads/{upload_id:str}")
async def remove(request: Ask, upload_id: str) -> None:
    """Removes a file that was not sent yet."""
    who = await asked(request)
    await who.parts.uploads.remove(who.officer, identifier(upload_id))


def attachment(upload: Upload) -> dict[str, str]:
    """Gives the headers under which a file is only ever saved."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in upload.file_name)
    name = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(upload.file_name)}"
    return {
        "content-disposition": name,
        "content-length": str(upload.size),
        "content-security-policy": "sandbox; default-src 'none'",
        "digest": f"sha-256={upload.digest}",
    }


async def _pieces(request: Ask, upload: Upload) -> AsyncIterator[bytes]:
    async for piece in parts_of(request).uploads.content(upload):
        yield piece


def _headers(upload: Upload) -> dict[str, str]:
    return {"upload-offset": str(upload.received), "upload-length": str(upload.size)}


ROUTES = [listed, announce, read, append, content, remove]
