"""The roadside described for programs: every operation beside the look-up, with examples."""

from datetime import date, datetime
from typing import Any

import msgspec

from reports.roadside.accesses import AccessReport
from reports.roadside.batch import PlatesAsked, PlateVerdict, Suggestions, Verdicts
from reports.roadside.codes import CodeAnswer
from reports.roadside.controls import Control, ControlPage, NewControl
from reports.roadside.declarations import DeclarationList
from reports.roadside.history import DeclarationTold
from reports.roadside.pack_shelf import MEDIA_TYPE
from reports.roadside.routes import Code
from reports.wording import notice
from schemas.openapi import Content, Operation, Parameter

_ID, _NUMBER = "0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b", "0KQ7-M2XP-A9B-1-T"
_AT, _SUBMITTED = "2026-11-23T14:05:00Z", "2026-11-20T08:00:00Z"
_START, _END = "2026-11-22", "2027-05-21"
_READ, _SEARCHED = (400, 401, 403, 404, 500, 503), (400, 401, 403, 500, 503)
_SENT = (400, 401, 403, 413, 422, 500, 503)

_PURPOSE = Parameter("purpose", "query", "Why it is read, for the log.", "roadside check A6")
_INSTANT = Parameter("at", "query", "As it stood at this instant; now if left out.", _AT, datetime)
_LIMIT = Parameter("limit", "query", "How many on a page.", 20, int)
_NEXT = Parameter("startKey", "query", "The `nextKey` of the page before.", _ID)

_CONTROL = {
    "controlId": _ID,
    "officerId": _ID,
    "host": "FR",
    "at": _AT,
    "place": "A6, km 112",
    "plate": "PO 1AB23",
    "plateKey": "PO1AB23",
    "driverLastName": "Nowak",
    "outcome": "to_be_examined",
    "createdAt": _AT,
}
_OPERATOR = {"operatorId": _ID, "name": "Przewozy Nowak", "country": "PL", "licenceNumber": "PL-0123456"}
_CHANGE = {"member": "declarationEndDate", "before": _END, "after": "2026-12-31"}
_EARLIER = {"controlId": _ID, "at": _AT, "outcome": "to_be_examined", "place": "A6, km 112"}
_TOLD: dict[str, Any] = {
    "declarationId": _ID,
    "declarationNumber": _NUMBER,
    "at": _AT,
    "standing": "IN_FORCE",
    "version": 1,
    "newestVersion": 2,
    "submittedAt": _SUBMITTED,
    "lastUpdate": _SUBMITTED,
    "operatorId": _ID,
    "operatorCountry": "PL",
    "operator": _OPERATOR | {"email": "biuro@example.eu", "managerLastName": "Zielińska"},
    "declared": {"declarationPostingCountry": "FR", "declarationStartDate": _START, "declarationEndDate": _END},
    "plates": [{"plate": "PO 1AB23", "weight": "HEAVY"}],
    "changedSince": [_CHANGE],
    "history": [
        {"version": 1, "acceptedAt": _SUBMITTED, "kind": "SUBMITTED"},
        {
            "version": 2,
            "acceptedAt": "2026-11-23T15:00:00Z",
            "kind": "AMENDED",
            "changes": [_CHANGE],
            "afterControls": [_EARLIER],
        },
    ],
    "controls": [_CONTROL],
}
_LISTED = {
    "declarationId": _ID,
    "declarationNumber": _NUMBER,
    "version": 1,
    "standing": "IN_FORCE",
    "submittedAt": _SUBMITTED,
    "declarationLastUpdate": _SUBMITTED,
    "declarationStartDate": _START,
    "declarationEndDate": _END,
    "operatorId": _ID,
    "operatorCountry": "PL",
    "operator": _OPERATOR,
    "driverLatinLastName": "Nowak",
    "plateCount": 1,
}
_COPY = {
    "declarationId": _ID,
    "number": _NUMBER,
    "version": 1,
    "withdrawn": False,
    "postingCountry": "FR",
    "startDate": _START,
    "endDate": _END,
    "operatorCountry": "PL",
    "operatorName": "Przewozy Nowak",
    "driverName": "Jan Nowak",
    "driverBirthYear": 1984,
    "driverLicenceTail": "1234",
    "cabotage": True,
    "international": True,
    "goods": True,
    "passengers": False,
    "submittedAt": _SUBMITTED,
    "fleetId": None,
    "plateCount": 1,
    "plates": ["PO 1AB23"],
}
_VERDICT = {
    "plate": "po 1ab-23",
    "plateKey": "PO1AB23",
    "verdict": "GREEN",
    "reasons": ["in_force"],
    "declarations": 1,
}
_VERDICTS = {"host": "FR", "at": _AT, "notice": msgspec.to_builtins(notice()), "verdicts": [_VERDICT]}
_LIST = Content("A page of declarations, newest first.", DeclarationList, {"declarations": [_LISTED], "nextKey": None})


def _get(
    name: str, path: str, summary: str, about: str, answer: Content, *parameters: Parameter, searched: bool = False
) -> Operation:
    refusals = _SEARCHED if searched else _READ
    return Operation(
        name, "GET", path, summary, about, {200: answer}, refusals, None, parameters, ("officer",), "Roadside"
    )


def _post(
    name: str,
    path: str,
    summary: str,
    about: str,
    body: Content,
    answer: Content | tuple[Content, ...],
    status: int = 200,
) -> Operation:
    return Operation(name, "POST", path, summary, about, {status: answer}, _SENT, body, (), ("officer",), "Roadside")


OPERATIONS: list[Operation] = [
    _post(
        "lookUpMany",
        "/lookups",
        "One verdict for each of up to 10 000 plates.",
        "For camera feeds: the verdicts of the look-up with the codes of their reasons, in the order of the plates. "
        "With `Accept: application/x-ndjson` each verdict is a line.",
        Content("The plates.", PlatesAsked, {"plates": ["po 1ab-23"], "at": _AT, "purpose": "camera A6"}),
        (
            Content("The verdicts.", Verdicts, _VERDICTS),
            Content("A verdict a line.", PlateVerdict, _VERDICT, "application/x-ndjson"),
        ),
    ),
    _get(
        "suggestPlates",
        "/lookup/suggestions",
        "Which declared plates is this one easily misread for?",
        "Plates declared for the officer's Member State that differ only by letters and digits that look alike. "
        "Suggestions, never a verdict on this plate.",
        Content(
            "Plates, those in force first.",
            Suggestions,
            {
                "plate": "P0 1AB23",
                "suggestions": [{"plate": "PO 1AB23", "plateKey": "PO1AB23", "verdict": "GREEN"}],
            },
        ),
        Parameter("plate", "query", "The plate in any spelling.", "P0 1AB23", required=True),
        _INSTANT,
        _PURPOSE,
        searched=True,
    ),
    _post(
        "checkCode",
        "/lookup/code",
        "Is this driver's copy genuine and up to date?",
        "Verifies the seal in the copy's QR code and finds its declaration. A copy for another Member State is told to "
        "be genuine, and nothing else.",
        Content("What the QR code holds.", Code, {"code": "HTTPS://POSTING.EXAMPLE.EU/C/AGZ2QTMX"}),
        Content(
            "Whether it is genuine, and what is declared now.",
            CodeAnswer,
            {"genuine": True, "outdated": True, "copy": _COPY, "declaration": _TOLD},
        ),
    ),
    _get(
        "readDeclaration",
        "/declarations/{declaration}",
        "A declaration as it stood, what changed since, and its history.",
        "By number (in any spelling) or id, within the officer's Member State. Changes after a control of its vehicle "
        "or driver are marked.",
        Content("The declaration.", DeclarationTold, _TOLD),
        Parameter("declaration", "path", "Number or id.", _NUMBER, required=True),
        _INSTANT,
        _PURPOSE,
    ),
    _get(
        "downloadCopy",
        "/declarations/{declaration}/copy",
        "The driver's copy of a declaration as a PDF.",
        "As it stood at the instant, in the language of Accept-Language, with the code that verifies it.",
        Content("The copy.", media_type="application/pdf"),
        Parameter("declaration", "path", "Number or id.", _NUMBER, required=True),
        _INSTANT,
        _PURPOSE,
    ),
    _get(
        "findByDriver",
        "/drivers/declarations",
        "A driver's declarations.",
        "By the driving licence's number, or by name (any order and spelling) together with the date of birth.",
        _LIST,
        Parameter("licence", "query", "The driving licence's number.", "00123/04/1234"),
        Parameter("name", "query", "First and last name.", "Jan Nowak"),
        Parameter("born", "query", "Date of birth.", "1984-05-06", date),
        _LIMIT,
        _NEXT,
        _PURPOSE,
        searched=True,
    ),
    _get(
        "reportAccesses",
        "/drivers/accesses",
        "Who read what about a driver in the officer's Member State?",
        "For the driver's right of access (Regulation (EU) 2016/679, Article 15): readings by licence, by name and "
        "date of birth, of the driver's declarations and copies, and of plates that they named. Roles: auditor, "
        "administrator.",
        Content(
            "The readings, oldest first.",
            AccessReport,
            {
                "host": "FR",
                "declarations": 1,
                "accesses": [
                    {
                        "at": _AT,
                        "kind": "plate",
                        "sought": "PO 1AB23",
                        "purpose": "roadside check A6",
                        "verdict": "GREEN",
                        "authority": "FR-DGT",
                    }
                ],
            },
        ),
        Parameter("licence", "query", "The driving licence's number.", "00123/04/1234", required=True),
        Parameter("name", "query", "First and last name.", "Jan Nowak"),
        Parameter("born", "query", "Date of birth.", "1984-05-06", date),
        searched=True,
    ),
    _get(
        "findByOperator",
        "/operators/{operator}/declarations",
        "An operator's declarations for the officer's Member State.",
        "Newest first, each in its newest version.",
        _LIST,
        Parameter("operator", "path", "The operator's id.", _ID, required=True),
        Parameter("host", "query", "The officer's own Member State, if given.", "FR"),
        _LIMIT,
        _NEXT,
        _PURPOSE,
    ),
    _get(
        "downloadPack",
        "/pack",
        "The day's officers' pack.",
        "One signed file with all declarations for the officer's Member State, hashed, for places without coverage. "
        "It is made anew every hour. Roles: roadside, desk, coordinator.",
        Content("The pack.", media_type=MEDIA_TYPE),
        searched=True,
    ),
    _post(
        "recordControl",
        "/controls",
        "Record what was found at the roadside.",
        "What is edited, withdrawn or submitted afterwards is judged against it. Sent again with the same `controlId` "
        "it is kept once. Roles: roadside, desk, coordinator.",
        Content(
            "The control.",
            NewControl,
            {"at": _AT, "place": "A6, km 112", "plate": "PO 1AB23", "driverLastName": "Nowak", "outcome": "in_order"},
        ),
        Content("The control as it is kept.", Control, _CONTROL),
        201,
    ),
    _get(
        "listControls",
        "/controls",
        "Controls of the officer's Member State, newest first.",
        "Narrowed by plate and by time.",
        Content("A page of controls.", ControlPage, {"controls": [_CONTROL], "nextKey": None}),
        Parameter("since", "query", "From this instant on.", _SUBMITTED, datetime),
        Parameter("until", "query", "Before this instant.", _AT, datetime),
        Parameter("plate", "query", "The plate in any spelling.", "PO 1AB23"),
        _LIMIT,
        Parameter("startKey", "query", "The `nextKey` of the page before.", f"{_AT}_{_ID}"),
        _PURPOSE,
        searched=True,
    ),
    _get(
        "readControl",
        "/controls/{control}",
        "One control of the officer's Member State.",
        "As it was recorded; controls are never changed.",
        Content("The control.", Control, _CONTROL),
        Parameter("control", "path", "The control's id.", _ID, required=True),
    ),
]
