"""Declarations as RTPD has them, described."""

from typing import Any

from ingest.operations.parts import (
    ASKED,
    DONE,
    ID,
    IF_MATCH,
    IF_NONE_MATCH,
    KEYS,
    LIMIT,
    NOT_MODIFIED,
    REFERENCE,
    START_KEY,
    path_id,
)
from schemas.declaration import Declaration
from schemas.declared import CopyOrder, DeclarationDetail, DeclarationPage, DeclarationVersions
from schemas.openapi import Content, Operation, Parameter

POSTING = {
    "declarationPostingCountry": "FR",
    "declarationStartDate": "2026-12-01",
    "declarationEndDate": "2027-05-31",
    "declarationOperationType": ["CABOTAGE_OPERATIONS", "INTERNATIONAL_CARRIAGE"],
    "declarationTransportType": ["CARRIAGE_OF_GOODS"],
    "driverId": ID,
    "otherContactAsTransportManager": True,
    "declarationVehiclePlateNumberHeavy": ["PO 1AB23"],
    "externalReference": "TMS-4711",
}
DETAIL = POSTING | {
    "declarationId": ID,
    "declarationNumber": "0KQ7-M2XP-A9B-1-T",
    "declarationStatus": "SUBMITTED",
    "declarationVersion": 1,
    "declarationSubmissionDate": "2026-11-23T08:00:00.000Z",
    "declarationLastUpdate": "2026-11-23T08:00:00.000Z",
    "driverLatinFullName": "Jan Nowak",
    "operatorId": ID,
}
_ITEM_NAMES = (
    "declarationId",
    "driverLatinFullName",
    "declarationPostingCountry",
    "declarationStartDate",
    "declarationEndDate",
    "declarationStatus",
    "declarationLastUpdate",
    "declarationVersion",
    "driverId",
    "externalReference",
)
_ITEM = {name: DETAIL[name] for name in _ITEM_NAMES}
_ONE = "/declarations/{declarationId}"
BY_ID = path_id("declarationId", "The declaration's id, or its number.")
_DETAIL = Content("The declaration.", DeclarationDetail, DETAIL)
_CHANGED = (*ASKED, 404, 409, 412, 413, 422)


def _operation(name: str, method: str, path: str, summary: str, about: str, **rest: Any) -> Operation:
    return Operation(name, method, path, summary, about, **rest, security=KEYS, tag="Declarations")


def _filter(name: str, about: str, example: Any) -> Parameter:
    return Parameter(name, "query", about, example)


OPERATIONS = [
    _operation(
        "listDeclarations",
        "GET",
        "/declarations",
        "List declarations",
        "In the order in which they were made, from the moment of acceptance. EXPIRED is told by the end date alone.",
        parameters=(
            LIMIT,
            START_KEY,
            _filter("postingCountry", "Only postings to this country.", "FR"),
            _filter("status", "DRAFT, SUBMITTED, WITHDRAWN or EXPIRED, in any case.", "SUBMITTED"),
            _filter("driverId", "Only declarations of this driver.", ID),
            _filter("endDateFrom", "Only postings that end on this day or later.", "2026-12-01"),
            _filter("endDateTo", "Only postings that end on this day or earlier.", "2026-12-31"),
            _filter("plate", "Only declarations with this number plate, in any spelling.", "PO 1AB23"),
            _filter("fleetId", "Only declarations that name this fleet.", ID),
            REFERENCE,
            _filter("updatedSince", "Only what changed at this instant or later.", "2026-11-23T08:00:00Z"),
            _filter("updatedUntil", "Only what changed at this instant or earlier.", "2026-11-24T08:00:00Z"),
            _filter("submissionId", "Only declarations that came in this submission.", ID),
            _filter("fields", "`full` for all that each declaration says.", "full"),
            IF_NONE_MATCH,
        ),
        answers={
            200: Content("A page.", DeclarationPage, {"count": 1, "items": [_ITEM], "lastEvaluatedKey": None}),
            304: NOT_MODIFIED,
        },
        refusals=ASKED,
    ),
    _operation(
        "createDraft",
        "POST",
        "/declarations",
        "Make a draft",
        "Judged as if it were submitted now. Name a recorded driver by `driverId`; plates by weight must stand in "
        "the vehicle register.",
        body=Content("The declaration.", Declaration, POSTING),
        answers={201: Content("The draft.", DeclarationDetail, DETAIL | {"declarationStatus": "DRAFT"})},
        refusals=(*ASKED, 413, 422),
    ),
    _operation(
        "readDeclaration",
        "GET",
        _ONE,
        "Read a declaration",
        "The newest version, from the moment of acceptance.",
        parameters=(BY_ID, IF_NONE_MATCH),
        answers={200: _DETAIL, 304: NOT_MODIFIED},
        refusals=(*ASKED, 404),
    ),
    _operation(
        "changeDraft",
        "PUT",
        _ONE,
        "Change a draft",
        "Changes what the body names; null takes a member out. A list of plates that is left out while another is "
        "sent becomes empty.",
        parameters=(BY_ID, IF_MATCH),
        body=Content("What is to change.", Declaration, POSTING),
        answers={200: _DETAIL},
        refusals=_CHANGED,
    ),
    _operation(
        "deleteDraft",
        "DELETE",
        _ONE,
        "Delete a draft",
        "What is submitted can only be withdrawn.",
        parameters=(BY_ID, IF_MATCH),
        answers={200: DONE},
        refusals=(*ASKED, 404, 409, 412),
    ),
    _operation(
        "submitDraft",
        "POST",
        _ONE + "/submit",
        "Submit a draft",
        "200 means that it is on disk. Sent again after a lost answer, it does not submit twice.",
        parameters=(BY_ID, IF_MATCH),
        answers={200: _DETAIL},
        refusals=_CHANGED,
    ),
    _operation(
        "amendDeclaration",
        "PUT",
        _ONE + "/submit",
        "Change a submitted declaration",
        "Makes a new version: end date, operation and transport types, number plates or fleet, contact person, "
        "e-mail address of the driver, external reference. Nothing else may change. What the body does not name "
        "stays; a list of plates that is left out while another is sent becomes empty.",
        parameters=(BY_ID, IF_MATCH),
        body=Content("What is to change.", None, {"declarationEndDate": "2027-03-31"}),
        answers={200: _DETAIL},
        refusals=_CHANGED,
    ),
    _operation(
        "withdrawDeclaration",
        "POST",
        _ONE + "/withdraw",
        "Withdraw a declaration",
        "The last version, which says that the declaration no longer counts.",
        parameters=(BY_ID, IF_MATCH),
        answers={200: Content("The declaration.", DeclarationDetail, DETAIL | {"declarationStatus": "WITHDRAWN"})},
        refusals=(*ASKED, 404, 409, 412),
    ),
    _operation(
        "readVersions",
        "GET",
        _ONE + "/versions",
        "What was declared when",
        "All versions of a declaration, oldest first.",
        parameters=(BY_ID, IF_NONE_MATCH),
        answers={
            200: Content("The versions.", DeclarationVersions, {"count": 1, "items": [DETAIL]}),
            304: NOT_MODIFIED,
        },
        refusals=(*ASKED, 404),
    ),
    _operation(
        "printCopy",
        "POST",
        _ONE + "/print",
        "Get the driver's copy",
        "The address of the PDF, as bare text. It needs no key and is good for an hour.",
        parameters=(BY_ID,),
        body=Content("The language, English if it is left out.", CopyOrder, {"declarationLanguage": "bg"}),
        answers={200: Content("The address.", None, "https://posting.example.eu/copies/AZOhssPU", "text/plain")},
        refusals=(*ASKED, 404, 409, 422),
    ),
    _operation(
        "emailCopy",
        "POST",
        _ONE + "/email",
        "Send the driver's copy",
        "By e-mail to the address named, else to the driver's. `declarationEmailStatus` says what became of it. At "
        "submission this happens by itself if the driver has an address.",
        parameters=(BY_ID,),
        body=Content(
            "Where to, and in which language.",
            CopyOrder,
            {"declarationLanguage": "bg", "emailAddress": "jan.nowak@example.pl"},
        ),
        answers={200: DONE},
        refusals=(*ASKED, 404, 409, 422),
    ),
    Operation(
        "readCopy",
        "GET",
        "/copies/{link}",
        "Fetch a printed copy",
        "The PDF of the newest version. Whoever has the link needs no key.",
        parameters=(Parameter("link", "path", "As `print` answered it.", "AZOhssPU"),),
        answers={200: Content("The copy.", None, None, "application/pdf")},
        refusals=(404, 410, 500, 503),
        tag="Declarations",
    ),
]
