"""Drivers and vehicles, described."""

from typing import Any

import msgspec

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
from schemas.driver import Driver, DriverPage, RecordedDriver
from schemas.openapi import Content, Operation, Parameter
from schemas.vehicle import RecordedVehicle, Vehicle, VehiclePage

_DRIVER = {
    "driverLatinFirstName": "Jan",
    "driverLatinLastName": "Nowak",
    "driverDateOfBirth": "1984-05-06",
    "driverLicenseNumber": "00123/04/1234",
    "driverDocumentType": "IDCARD",
    "driverDocumentNumber": "ABC123456",
    "driverDocumentIssuingCountry": "PL",
    "driverAddressStreet": "ul. Polna 4",
    "driverAddressPostCode": "60-535",
    "driverAddressCity": "Poznan",
    "driverAddressCountry": "PL",
    "driverContractStartDate": "2020-02-01",
    "driverApplicableLaw": "PL",
    "driverEmail": "jan.nowak@example.pl",
    "externalReference": "driver-17",
}
_RECORDED_DRIVER = _DRIVER | {
    "driverId": ID,
    "driverOperatorId": ID,
    "driverFullName": "Jan Nowak",
    "driverHasDeclarations": True,
}
_VEHICLE = {
    "plateNumber": "PO 1AB23",
    "registrationCountry": "PL",
    "transportType": "CARRIAGE_OF_GOODS",
    "vehicleWeight": "HEAVY",
    "externalReference": "truck-12",
}
_RECORDED_VEHICLE = _VEHICLE | {"plateNumberId": ID}


#: A driver and a vehicle as they are sent and as they are answered.
DRIVER, VEHICLE = (_DRIVER, _RECORDED_DRIVER), (_VEHICLE, _RECORDED_VEHICLE)


def register(
    noun: str,
    path: str,
    key: str,
    kinds: tuple[type[msgspec.Struct], type[msgspec.Struct], type[msgspec.Struct]],
    examples: tuple[dict[str, Any], dict[str, Any]],
    said: dict[str, str],
    filters: tuple[Parameter, ...],
    *,
    changing: tuple[Parameter, ...] = (),
    previewed: Content | None = None,
) -> list[Operation]:
    """Describes the five operations of a register; `said` are their descriptions by what they do.

    `changing` are further parameters of a change, `previewed` is the other thing that it may answer.
    """
    sent, recorded, page = kinds
    body, answered = examples
    one, tag = f"{path}/{{{key}}}", f"{noun}s"
    by_id = path_id(key, f"The {noun.lower()}'s id.")
    answer = Content(f"The {noun.lower()}.", recorded, answered)
    listed = Content("A page.", page, {"count": 1, "items": [answered], "lastEvaluatedKey": None})

    def operation(verb: str, method: str, at: str, about: str, **rest: Any) -> Operation:
        name = f"{verb}{noun}{'s' if verb == 'list' else ''}"
        return Operation(name, method, at, f"{verb.capitalize()} {noun.lower()}", about, **rest, security=KEYS, tag=tag)

    return [
        operation(
            "list",
            "GET",
            path,
            said["list"],
            parameters=(LIMIT, START_KEY, REFERENCE, *filters, IF_NONE_MATCH),
            answers={200: listed, 304: NOT_MODIFIED},
            refusals=ASKED,
        ),
        operation(
            "create",
            "POST",
            path,
            said["create"],
            body=Content(f"The {noun.lower()}.", sent, body),
            answers={201: answer},
            refusals=(*ASKED, 409, 413, 422),
        ),
        operation(
            "read",
            "GET",
            one,
            said["read"],
            parameters=(by_id, IF_NONE_MATCH),
            answers={200: answer, 304: NOT_MODIFIED},
            refusals=(*ASKED, 404),
        ),
        operation(
            "change",
            "PUT",
            one,
            said["change"],
            parameters=(by_id, IF_MATCH, *changing),
            body=Content("What is to change.", sent, body),
            answers={200: answer if previewed is None else (answer, previewed)},
            refusals=(*ASKED, 404, 409, 412, 413, 422),
        ),
        operation(
            "delete",
            "DELETE",
            one,
            said["delete"],
            parameters=(by_id, IF_MATCH),
            answers={200: DONE},
            refusals=(*ASKED, 404, 409, 412),
        ),
    ]


OPERATIONS = [
    *register(
        "Driver",
        "/drivers",
        "driverId",
        (Driver, RecordedDriver, DriverPage),
        DRIVER,
        {
            "list": "The drivers that you have recorded, in the order in which they were recorded.",
            "create": "Records a driver. Declarations name the driver by `driverId`.",
            "read": "One driver.",
            "change": "Changes what the body names; null takes a member out. All active declarations of the driver "
            "take the new details at the same time, as new versions.",
            "delete": "Possible while there is no declaration of the driver, else 409.",
        },
        (
            Parameter("term", "query", "Part of the name.", "nowak"),
            Parameter("byLastName", "query", "1: look for `term` in last names only.", 1, int),
            Parameter("withActiveDeclarations", "query", "1: only drivers who are declared now.", 1, int),
            Parameter("dateOfBirth", "query", "Only drivers born on this day.", "1984-05-06"),
        ),
    ),
    *register(
        "Vehicle",
        "/plate-numbers",
        "plateNumberId",
        (Vehicle, RecordedVehicle, VehiclePage),
        VEHICLE,
        {
            "list": "The vehicle register, in the order in which it was filled. `limit` is 250 if you leave it out.",
            "create": "Registers a vehicle. What a declaration lists as light or heavy must be registered.",
            "read": "One vehicle.",
            "change": "Changes what the body names. Declarations keep what they declared.",
            "delete": "Takes a vehicle out of the register. Declarations keep what they declared.",
        },
        (Parameter("term", "query", "Part of the number plate, in any spelling.", "1AB23"),),
    ),
]
