"""The inbox: what authorities ask for, and the documents with which one answers."""

import os
from typing import Any

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile

from exchange.catalogue import codes
from exchange.texts import table
from ingest.http import RefusedError
from ingest.pages.entering import pieces
from ingest.pages.visit import AnyResponse, Visit
from ingest.requests import (
    FileReceipt,
    RequestPage,
    RequestShown,
    announce,
    append,
    list_requests,
    read_content,
    read_request,
    read_upload,
    remove_upload,
    reply,
)
from schemas.identity import number_of

_OFFSET = "application/offset+octet-stream"
_PAGE = "50"


async def show_list(visit: Visit) -> AnyResponse:
    """Shows the inbox, newest first."""
    before = visit.request.query_params.get("before", "")
    query = {"limit": _PAGE} | ({"before": before} if before else {})
    page = await visit.read(list_requests, RequestPage, query=query)
    return visit.page("requests.html", {"found": page.items, "next": page.next_before})


async def show(visit: Visit) -> AnyResponse:
    """Shows one request with its documents and what became of it."""
    return await _shown(visit, ())


async def act(visit: Visit) -> AnyResponse:
    """Takes a document, removes one that was not sent, or sends the reply."""
    form = await visit.form()
    path = {"request_id": visit.part("request_id")}
    action = str(form.get("action", ""))
    try:
        if action == "upload":
            document = str(form.get("document", ""))
            await _take(visit, path, form.get(f"file_{document}"), document)
        elif action == "remove":
            await visit.ask(remove_upload, path={"upload_id": str(form.get("upload", ""))})
        else:
            await visit.ask(reply, path=path, said=_said(visit, form, complete=action == "complete"))
    except RefusedError as error:
        return await _shown(visit, visit.worded(error))
    return visit.go(f"/my/requests/{path['request_id']}", said="saved")


async def download(visit: Visit) -> AnyResponse:
    """Gives a document back as it was uploaded."""
    answer = await visit.ask(read_content, path={"upload_id": visit.part("upload_id")})
    return Response(answer.body, headers=answer.headers)


def _said(visit: Visit, form: Any, *, complete: bool) -> dict[str, Any]:
    """Writes a reply: what does not come and why, and words to the authority in the language of the page."""
    reasons = {name.removeprefix("missing_"): str(form[name]) for name in form if name.startswith("missing_")}
    missing = [{"documentType": code, "reason": reason} for code, reason in reasons.items() if reason]
    text = str(form.get("text", "")).strip()
    words = {"text": {"language": visit.language, "text": text}} if text else {}
    return {"complete": complete, "missing": missing, **words}


async def _take(visit: Visit, path: dict[str, str], file: Any, document: str) -> None:
    """Sends a file in one part, and has it checked and kept."""
    if not isinstance(file, UploadFile):
        raise RefusedError("body_empty")
    size = file.file.seek(0, os.SEEK_END)
    file.file.seek(0)
    said = {"documentType": document, "fileName": file.filename, "size": size}
    announced = await visit.ask(announce, path=path, said=said)
    upload = {"upload_id": str(msgspec.json.decode(announced.body, type=FileReceipt).upload_id)}
    headers = {"content-type": _OFFSET, "upload-offset": "0"}
    await visit.ask(append, path=upload, pieces=pieces(file), headers=headers)
    await visit.ask(read_upload, path=upload)


async def _shown(visit: Visit, problems: tuple[Any, ...]) -> AnyResponse:
    path = {"request_id": visit.part("request_id")}
    shown = await visit.read(read_request, RequestShown, path=path)
    words = table(visit.language, "reason")
    context = {
        "request_shown": shown,
        "found": shown.request,
        "numbers": [(one, number_of(one)) for one in shown.request.subject.declarations],
        "reasons": [(code, words[code]) for code in codes().reason["missing"]],
        "problems": problems,
    }
    return visit.page("request.html", context, status=422 if problems else 200)
