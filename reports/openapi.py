"""The officers' API described for programs: OpenAPI 3.1, made from the structs that are encoded."""

from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from reports.analysis.operations import OPERATIONS as ANALYSIS_OPERATIONS
from reports.answer import LookupAnswer
from reports.desk import operations as desk_operations
from reports.refusal import RefusedError, problem_document
from reports.roadside.operations import OPERATIONS as ROADSIDE_OPERATIONS
from reports.wording import notice
from schemas import __version__
from schemas.openapi import Content, Document, Operation, Parameter, openapi_document

_ID = "0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"
_AT = "2026-11-23T14:05:00Z"
_EARLIER_CONTROL = {"controlId": _ID, "at": "2026-11-19T09:10:00Z", "outcome": "to_be_examined", "place": "A6, km 112"}

ANSWER: dict[str, Any] = {
    "plate": "PO 1AB23",
    "plateKey": "PO1AB23",
    "host": "FR",
    "at": _AT,
    "verdict": "GREEN",
    "title": "Declared: a declaration in force names this vehicle.",
    "reasons": [
        {
            "code": "in_force",
            "rule": "R1",
            "text": "Declarations of this vehicle in force: 1.",
            "legalReference": "Directive (EU) 2020/1057, Article 1(11)(a)",
        }
    ],
    "notice": msgspec.to_builtins(notice()),
    "counts": {
        "covering": 1,
        "otherDriver": 0,
        "future": 0,
        "expired": 0,
        "withdrawn": 0,
        "begunBefore": 0,
        "plateRemoved": 0,
        "driverElsewhere": 0,
        "otherVehicles": 0,
        "declaredAfter": None,
    },
    "total": 1,
    "declarations": [
        {
            "declarationId": _ID,
            "declarationNumber": "0KQ7-M2XP-A9B-1-T",
            "version": 1,
            "newestVersion": 2,
            "standing": "IN_FORCE",
            "submittedAt": "2026-11-20T08:00:00Z",
            "declarationLastUpdate": "2026-11-20T08:00:00Z",
            "declarationPostingCountry": "FR",
            "declarationStartDate": "2026-11-22",
            "declarationEndDate": "2027-05-21",
            "declarationOperationType": ["CABOTAGE_OPERATIONS", "INTERNATIONAL_CARRIAGE"],
            "declarationTransportType": ["CARRIAGE_OF_GOODS"],
            "vehicle": {"plate": "PO 1AB23", "weight": "HEAVY"},
            "operator": {"operatorId": _ID, "name": "Przewozy Nowak", "country": "PL", "licenceNumber": "PL-1"},
            "operatorCountry": "PL",
            "driverLatinFirstName": "Jan",
            "driverLatinLastName": "Nowak",
            "driverDateOfBirth": "1984-05-06",
            "driverLicenseNumber": "00123/04/1234",
            "otherContactAsTransportManager": True,
            "changedSince": [{"member": "declarationEndDate", "before": "2027-05-21", "after": "2026-12-31"}],
            "afterControls": [_EARLIER_CONTROL],
        }
    ],
    "controls": [_EARLIER_CONTROL],
}

OPERATIONS: list[Operation] = [
    Operation(
        "lookUp",
        "GET",
        "/lookup",
        "Is this vehicle covered, here, at this instant?",
        "The verdict with its reasons and the law behind them, and one page of the declarations that name the vehicle "
        "for the officer's Member State, as they stood at the instant, with what was changed since and the controls "
        "after which they came. Texts follow Accept-Language. Every look-up is logged.",
        parameters=(
            Parameter("plate", "query", "The plate in any spelling.", "PO 1AB23", required=True),
            Parameter("host", "query", "The officer's Member State.", "FR", required=True),
            Parameter("country", "query", "Country of registration: ISO code or the sign on the plate.", "PL"),
            Parameter("at", "query", "The instant of the control; now if left out.", _AT, datetime),
            Parameter("driver", "query", "The driver's licence number or name.", "Jan Nowak"),
            Parameter("purpose", "query", "Why it is looked up, for the log.", "roadside check A7"),
            Parameter("limit", "query", "Declarations on a page, 1 to 100.", 20, int),
            Parameter("startKey", "query", "The `nextKey` of the page before, with the same `at`.", f"3.{_ID}"),
        ),
        answers={200: Content("The verdict and a page of declarations.", LookupAnswer, ANSWER)},
        refusals=(400, 401, 403, 500, 503),
        security=("officer",),
        tag="Look-up",
    ),
    *ROADSIDE_OPERATIONS,
    *ANALYSIS_OPERATIONS,
    *desk_operations.OPERATIONS,
]


@cache
def openapi() -> bytes:
    """Gives the document as JSON."""
    document = Document(
        "OpenRTPD, officers' API",
        __version__,
        "What authorities ask about posting declarations: Directive (EU) 2020/1057, Article 1(11).",
        OPERATIONS,
        {"officer": {"type": "http", "scheme": "bearer"}},
    )
    refused = problem_document(RefusedError("host_not_yours", own="FR", host="DE"))
    return msgspec.json.encode(openapi_document(document, refused))
