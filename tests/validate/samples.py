"""A declaration without a problem, and ways to change it."""

import json
from datetime import date
from typing import Any

from schemas.declaration import DeclarationLine
from validate.contract import decode_line
from validate.judge import Judge, Judgement

RECEIVED = date(2026, 8, 30)
ESTABLISHMENT = "PL"

CLEAN: dict[str, Any] = {
    "declarationPostingCountry": "FR",
    "declarationStartDate": "2026-09-01",
    "declarationEndDate": "2027-02-28",
    "declarationOperationType": ["CABOTAGE_OPERATIONS", "INTERNATIONAL_CARRIAGE"],
    "declarationTransportType": ["CARRIAGE_OF_GOODS"],
    "declarationVehiclePlateNumberLight": ["PO 2CD34"],
    "declarationVehiclePlateNumberHeavy": ["PO 1AB23", "WA 12345"],
    "driverLatinFirstName": "Łukasz",
    "driverLatinLastName": "Kowalski-Nowak",
    "driverDateOfBirth": "1980-05-17",
    "driverLicenseNumber": "00123/04/1234",
    "driverDocumentType": "DRIVINGLICENSE",
    "driverDocumentNumber": "00123/04/1234",
    "driverDocumentIssuingCountry": "PL",
    "driverAddressStreet": "ul. Polna 1",
    "driverAddressPostCode": "60-001",
    "driverAddressCity": "Poznań",
    "driverAddressCountry": "PL",
    "driverContractStartDate": "2020-01-01",
    "driverApplicableLaw": "PL",
    "otherContactAsTransportManager": True,
    "externalReference": "r-1",
}

CONTACT: dict[str, Any] = {
    "otherContactAsTransportManager": False,
    "otherContactFirstName": "Anna",
    "otherContactLastName": "Nowak",
    "otherContactEmail": "anna@example.eu",
    "otherContactPhone": "+48 61 000 00 00",
}


def wire(**changes: Any) -> dict[str, Any]:
    """The clean declaration with some wire fields changed; `None` takes a field away."""
    return {name: value for name, value in (CLEAN | changes).items() if value is not None}


def encoded(**changes: Any) -> bytes:
    """The same as a line of JSON."""
    return json.dumps(wire(**changes), ensure_ascii=False).encode()


def line(**changes: Any) -> DeclarationLine:
    """The same decoded as intake does."""
    return decode_line(encoded(**changes))


def judged(establishment: str = ESTABLISHMENT, **changes: Any) -> Judgement:
    """What a fresh judge says of it, control characters looked for."""
    return Judge(RECEIVED).judge(line(**changes), establishment, suspicious=True)


def found(establishment: str = ESTABLISHMENT, **changes: Any) -> list[tuple[str, str]]:
    """The codes and pointers of what a fresh judge says of it."""
    return [(one.code, one.pointer) for one in judged(establishment, **changes).problems]
