"""Requests for documents and the files of their replies, described."""

from typing import Any

from exchange.uploads import NewUpload
from ingest.operations.parts import ASKED, ID, KEYS, path_id
from ingest.requests import FileReceipt, NoticePage, Reply, RequestPage, RequestShown
from schemas.openapi import Content, Operation, Parameter

_TAG = "Requests for documents"
_REQUEST_ID = path_id("requestId", "The request's id.")
_UPLOAD_ID = path_id("uploadId", "The file's id.")
_LANGUAGE = Parameter("language", "query", "Language of the answer; else Accept-Language, else your state's.", "pl")
_AUTHORITY = {
    "country": "FR",
    "countryName": "Francja",
    "name": "Directorate-General for Labour",
    "authority": "FR-DGT",
}
_OPERATOR = {"country": "PL", "countryName": "Polska", "name": "Spedycja Test", "operatorId": ID}
_LINE: dict[str, Any] = {
    "exchangeId": ID,
    "number": "29423.1",
    "procedure": {"code": "document_request", "text": "Wniosek o dokumenty"},
    "module": {"code": "posting", "text": "Transport drogowy: zgłoszenia delegowania"},
    "state": {"code": "OPEN", "text": "Otwarty"},
    "ball": {"code": "replying", "text": "Strona odpowiadająca"},
    "ballSide": _OPERATOR,
    "requesting": _AUTHORITY,
    "replying": _OPERATOR,
    "sentAt": "2026-06-03T08:00:00Z",
    "dates": {"legal": "2026-07-29", "due": "2026-07-29", "dueIs": "legal", "daysLeft": 56, "legalDaysLeft": 56},
}
_RECEIPT = {
    "uploadId": ID,
    "exchangeId": ID,
    "documentType": "consignment_note",
    "fileName": "CMR 4711.pdf",
    "size": 81920,
    "received": 81920,
    "state": "kept",
    "mediaType": "application/pdf",
    "digest": "9f" * 32,
    "keptAt": "2026-06-10T09:00:00+00:00",
    "keyId": "q83vASNF",
    "signature": "c2ln" * 21 + "c2k=",
}
_VIEW = _LINE | {
    "subject": {"declarations": [ID], "fields": {"operator_name": "Spedycja Test"}},
    "form": {"Nazwa operatora": "Spedycja Test"},
    "questions": [],
    "documents": [{"code": "consignment_note", "text": "Listy przewozowe", "state": "open"}],
    "openQuestions": [],
    "openDocuments": ["consignment_note"],
    "moves": [{"code": "send_part", "text": "Wyślij część dokumentów"}],
    "revision": 1,
}
_SHOWN = {
    "request": _VIEW,
    "history": [],
    "uploads": [_RECEIPT],
    "media": {"consignment_note": ["pdf", "jpeg"]},
    "mostMegabytes": 50,
}
_FILE = Content("The file as it stands.", FileReceipt, _RECEIPT)
_OFFSET = Parameter("Upload-Offset", "header", "The byte at which this part begins.", 0, int, required=True)
_BYTES = Content("The bytes of the file from the offset on.", None, None, "application/offset+octet-stream")
_NOTICE = {
    "noticeId": 1,
    "at": "2026-06-03T08:00:00Z",
    "kind": "request_opened",
    "subject": "Wniosek o dokumenty 29423.1",
    "text": "Prosimy o przesłanie dokumentów.",
    "exchangeId": ID,
}


def _operation(name: str, method: str, path: str, summary: str, about: str, **rest: Any) -> Operation:
    refusals = (*ASKED, *rest.pop("refusals", (404,)))
    return Operation(name, method, path, summary, about, refusals=refusals, security=KEYS, tag=_TAG, **rest)


OPERATIONS = [
    _operation(
        "listRequests",
        "GET",
        "/requests",
        "Your inbox",
        "The requests for documents that authorities have sent you, newest first.",
        parameters=(
            Parameter("state", "query", "Only those in these states, parted by commas.", "OPEN,MORE_INFO_REQUESTED"),
            Parameter("running", "query", "Only those that are not closed.", True, bool),
            Parameter("overdue", "query", "Only those whose reply is late.", True, bool),
            Parameter("before", "query", "The `nextBefore` of the page before.", 29423, int),
            Parameter("limit", "query", "How many items a page has, 1 to 250.", 50, int),
            _LANGUAGE,
        ),
        answers={200: Content("A page.", RequestPage, {"items": [_LINE], "nextBefore": None})},
        refusals=(),
    ),
    _operation(
        "readRequest",
        "GET",
        "/requests/{requestId}",
        "One request",
        "What is asked for, by when, what has come, what was sent and when.",
        parameters=(_REQUEST_ID, _LANGUAGE),
        answers={200: Content("The request.", RequestShown, _SHOWN)},
    ),
    _operation(
        "replyToRequest",
        "POST",
        "/requests/{requestId}/reply",
        "Send what was uploaded",
        "In part, or with `complete` as the whole: then each document type has a file or a reason why there is none.",
        parameters=(_REQUEST_ID, _LANGUAGE),
        body=Content(
            "What goes with the files.",
            Reply,
            {
                "complete": True,
                "missing": [{"documentType": "remuneration", "reason": "not_yet_available"}],
                "text": {"text": "Reszta w przyszłym tygodniu.", "language": "pl"},
            },
        ),
        answers={200: Content("The request.", RequestShown, _SHOWN)},
        refusals=(404, 409, 413, 422),
    ),
    _operation(
        "announceFile",
        "POST",
        "/requests/{requestId}/uploads",
        "Announce a file",
        "Then send its bytes with PATCH to the address in `Location`, at once or in parts.",
        parameters=(_REQUEST_ID,),
        body=Content(
            "The file.",
            NewUpload,
            {"documentType": "consignment_note", "fileName": "CMR 4711.pdf", "size": 81920},
        ),
        answers={201: _FILE},
        refusals=(404, 409, 413, 422),
    ),
    _operation(
        "readFile",
        "GET",
        "/uploads/{uploadId}",
        "A file's receipt",
        "How far it has come (also as Upload-Offset); once whole, its SHA-256 with a signature.",
        parameters=(_UPLOAD_ID,),
        answers={200: _FILE},
    ),
    _operation(
        "fileOffset",
        "HEAD",
        "/uploads/{uploadId}",
        "How far a file has come",
        "Upload-Offset says at which byte the next part begins.",
        parameters=(_UPLOAD_ID,),
        answers={200: Content("Upload-Offset and Upload-Length.", media_type="")},
    ),
    _operation(
        "sendFile",
        "PATCH",
        "/uploads/{uploadId}",
        "Send a file, or a part of it",
        "What broke off counts as far as it came. A whole file is examined: its content must be of a kind that its "
        "document type takes.",
        parameters=(_UPLOAD_ID, _OFFSET),
        body=_BYTES,
        answers={200: _FILE},
        refusals=(404, 408, 409, 413, 415, 422),
    ),
    _operation(
        "removeFile",
        "DELETE",
        "/uploads/{uploadId}",
        "Remove a file",
        "Possible until it is sent.",
        parameters=(_UPLOAD_ID,),
        answers={200: Content("Removed.", dict[str, str], {})},
        refusals=(404, 409),
    ),
    _operation(
        "readFileContent",
        "GET",
        "/uploads/{uploadId}/content",
        "A file's content",
        "Always as an attachment.",
        parameters=(_UPLOAD_ID,),
        answers={200: Content("The file.", None, None, "application/octet-stream")},
    ),
    _operation(
        "listNotices",
        "GET",
        "/notices",
        "What you were told",
        "Requests, reminders and results, oldest first; the same go out by e-mail.",
        parameters=(
            Parameter("after", "query", "The `after` of the page before.", 100, int),
            Parameter("limit", "query", "How many items a page has, 1 to 250.", 50, int),
            _LANGUAGE,
        ),
        answers={200: Content("A page.", NoticePage, {"items": [_NOTICE], "after": 1})},
        refusals=(),
    ),
]
