"""Matrix, renewals and external references, described."""

from typing import Any

import msgspec

from ingest.matrix import MatrixReceipt
from ingest.operations.declarations import BY_ID, DETAIL, POSTING
from ingest.operations.fleets import FLEET
from ingest.operations.parts import (
    ASKED,
    DONE,
    DRY_RUN,
    ID,
    IDEMPOTENCY,
    IF_MATCH,
    IF_NONE_MATCH,
    KEYS,
    LIMIT,
    NOT_MODIFIED,
    START_KEY,
    path_id,
)
from ingest.operations.registers import DRIVER, VEHICLE
from ingest.receipt import Receipt
from schemas.declaration import Declaration
from schemas.declared import DeclarationDetail
from schemas.driver import Driver, RecordedDriver
from schemas.fleet import NamedFleet, RecordedFleet
from schemas.matrix import Matrix
from schemas.openapi import Content, Operation, Parameter
from schemas.renewal import NextPeriod, StandingOrder, StandingRenewal, StandingRenewalPage
from schemas.vehicle import RecordedVehicle, Vehicle

_MATRIX = {
    "driverIds": [ID],
    "declarationPostingCountries": ["FR", "DE"],
    "declarationStartDate": "2026-12-01",
    "declarationEndDate": "2027-05-31",
    "declarationOperationType": ["INTERNATIONAL_CARRIAGE"],
    "declarationTransportType": ["CARRIAGE_OF_GOODS"],
    "fleetId": ID,
    "otherContactAsTransportManager": True,
    "skipCovered": True,
}
_SIGNED = Receipt(ID, "2026-11-23T08:00:00.000Z", 1, 0, 0, "9f" * 32, "q83vASNF", "c2ln" * 21 + "c2k=")
_VERDICTS = [
    {
        "driverId": ID,
        "declarationPostingCountry": "FR",
        "accepted": True,
        "declarationId": ID,
        "declarationNumber": "0KQ7-M2XP-A9B-1-T",
    },
    {"driverId": ID, "declarationPostingCountry": "DE", "accepted": False, "coveredBy": ID},
]
_RECEIPT = msgspec.to_builtins(_SIGNED) | {"verdicts": _VERDICTS}
_STANDING = {
    "renewalId": ID,
    "driverId": ID,
    "declarationPostingCountry": "FR",
    "leadDays": 2,
    "declarationId": ID,
    "coveredUntil": "2027-05-31",
    "renewsOn": "2027-05-29",
}
_ONE_STANDING = path_id("renewalId", "The standing renewal's id.")
_REFERENCE = Parameter("reference", "path", "What your system calls it; a slash in it as %2F.", "TMS-4711")
_CHANGED = (*ASKED, 404, 409, 412, 413, 422)


def _operation(name: str, method: str, path: str, summary: str, about: str, tag: str, **rest: Any) -> Operation:
    return Operation(name, method, path, summary, about, **rest, security=KEYS, tag=tag)


def _put_by_reference(noun: str, path: str, body: Content, answer: Content) -> Operation:
    return _operation(
        f"put{noun}ByReference",
        "PUT",
        f"{path}/by-reference/{{reference}}",
        f"Make or change the {noun.lower()} with a reference of yours",
        "Made if there is none (201), else what the body names is changed (200); never doubled.",
        f"{noun}s",
        parameters=(_REFERENCE, IF_MATCH),
        body=body,
        answers={200: answer, 201: answer},
        refusals=_CHANGED,
    )


def _by_reference(noun: str, path: str, body: Content, answer: Content) -> tuple[Operation, Operation]:
    read = _operation(
        f"read{noun}ByReference",
        "GET",
        f"{path}/by-reference/{{reference}}",
        f"Read the {noun.lower()} with a reference of yours",
        "What you call it, instead of the id that it has here.",
        f"{noun}s",
        parameters=(_REFERENCE, IF_NONE_MATCH),
        answers={200: answer, 304: NOT_MODIFIED},
        refusals=(*ASKED, 404),
    )
    return read, _put_by_reference(noun, path, body, answer)


OPERATIONS = [
    _operation(
        "submitMatrix",
        "POST",
        "/declarations/matrix",
        "Declare drivers by countries",
        "One declaration for each driver and country, each judged by itself, all that are accepted in one commit "
        "under one signed receipt. With `skipCovered`, pairs that are covered through the whole period are left out.",
        "Declarations",
        body=Content("Drivers, countries, and what the declarations have in common.", Matrix, _MATRIX),
        parameters=(IDEMPOTENCY, DRY_RUN),
        answers={
            200: Content("The verdicts of a dry run.", MatrixReceipt, _RECEIPT),
            202: Content("The receipt, and the verdict on each pair in order.", MatrixReceipt, _RECEIPT),
        },
        refusals=(*ASKED, 409, 413, 422),
    ),
    _operation(
        "renewDeclaration",
        "POST",
        "/declarations/{declarationId}/renew",
        "Renew a declaration",
        "Submits the declaration that follows: from the day after the old one ends, or from today if that is past, "
        "and as long. A driver's details and a fleet's plates are those of now. Once for each day: a driver who is "
        "declared for the first day already is a 409.",
        "Declarations",
        body=Content("The period, if it is to be another; the body may be empty.", NextPeriod, {}),
        parameters=(BY_ID, IF_MATCH),
        answers={201: Content("The new declaration.", DeclarationDetail, DETAIL)},
        refusals=_CHANGED,
    ),
    _operation(
        "orderRenewal",
        "POST",
        "/renewals",
        "Order standing renewals",
        "From now on the driver's declaration for the country, or for each country in which the driver is declared, "
        "is renewed `leadDays` before it ends. Events remind of it 30, 7 and 1 days before that. It stops when the "
        "declaration is withdrawn or the driver's contract ends.",
        "Renewals",
        body=Content("The order.", StandingOrder, {"driverId": ID, "leadDays": 2}),
        answers={
            201: Content(
                "The orders, one for each country.",
                StandingRenewalPage,
                {"count": 1, "items": [_STANDING], "lastEvaluatedKey": None},
            )
        },
        refusals=(*ASKED, 413, 422),
    ),
    _operation(
        "listRenewals",
        "GET",
        "/renewals",
        "List standing renewals",
        "`limit` is 250 if you leave it out.",
        "Renewals",
        parameters=(
            LIMIT,
            START_KEY,
            Parameter("driverId", "query", "Only renewals of this driver.", ID),
            Parameter("postingCountry", "query", "Only renewals for this country.", "FR"),
        ),
        answers={
            200: Content("A page.", StandingRenewalPage, {"count": 1, "items": [_STANDING], "lastEvaluatedKey": None})
        },
        refusals=ASKED,
    ),
    _operation(
        "readRenewal",
        "GET",
        "/renewals/{renewalId}",
        "Read a standing renewal",
        "One that has stopped says why.",
        "Renewals",
        parameters=(_ONE_STANDING, IF_NONE_MATCH),
        answers={200: Content("The order.", StandingRenewal, _STANDING), 304: NOT_MODIFIED},
        refusals=(*ASKED, 404),
    ),
    _operation(
        "stopRenewal",
        "DELETE",
        "/renewals/{renewalId}",
        "Stop a standing renewal",
        "Nothing more is renewed under it; what was declared stays.",
        "Renewals",
        parameters=(_ONE_STANDING,),
        answers={200: DONE},
        refusals=(*ASKED, 404),
    ),
    _operation(
        "readByReference",
        "GET",
        "/declarations/by-reference/{reference}",
        "Read the declaration with a reference of yours",
        "The one that is active or a draft, else the last that was.",
        "Declarations",
        parameters=(_REFERENCE, IF_NONE_MATCH),
        answers={200: Content("The declaration.", DeclarationDetail, DETAIL), 304: NOT_MODIFIED},
        refusals=(*ASKED, 404),
    ),
    _operation(
        "putByReference",
        "PUT",
        "/declarations/by-reference/{reference}",
        "Make or change the declaration with a reference of yours",
        "The body says all: the declaration is made and submitted (201), or amended where the body differs (200); "
        "the same body twice makes one declaration. With `draft` it stays a draft. Once the declaration is withdrawn "
        "or has expired, the next put makes a new one. Plates need not be registered.",
        "Declarations",
        parameters=(_REFERENCE, IF_MATCH, Parameter("draft", "query", "Do not submit it yet.", True, bool)),
        body=Content("The whole declaration.", Declaration, POSTING),
        answers={
            200: Content("Changed, or the same as before.", DeclarationDetail, DETAIL),
            201: Content("Made.", DeclarationDetail, DETAIL),
        },
        refusals=_CHANGED,
    ),
    *_by_reference(
        "Driver",
        "/drivers",
        Content("The driver.", Driver, DRIVER[0]),
        Content("The driver.", RecordedDriver, DRIVER[1]),
    ),
    *_by_reference(
        "Vehicle",
        "/plate-numbers",
        Content("The vehicle.", Vehicle, VEHICLE[0]),
        Content("The vehicle.", RecordedVehicle, VEHICLE[1]),
    ),
    *_by_reference(
        "Fleet", "/fleets", Content("The fleet.", NamedFleet, FLEET[0]), Content("The fleet.", RecordedFleet, FLEET[1])
    ),
]
