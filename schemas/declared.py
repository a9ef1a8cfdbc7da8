"""Declarations as they are answered: the contract's members and what became of them (domain.md 3.4)."""

from datetime import date, datetime

from msgspec import Struct

from schemas.codes import DeclarationStatus, PostingCountry
from schemas.declaration import WIRE_NAMES, Declaration, Email, Identifier, Reference
from schemas.problem import Problem

NAMES = WIRE_NAMES | {
    "declaration_id": "declarationId",
    "declaration_number": "declarationNumber",
    "declaration_status": "declarationStatus",
    "declaration_version": "declarationVersion",
    "submission_date": "declarationSubmissionDate",
    "last_update": "declarationLastUpdate",
    "email_status": "declarationEmailStatus",
    "driver_full_name": "driverLatinFullName",
}


class DeclarationDetail(Declaration, kw_only=True, omit_defaults=True, rename=NAMES):
    """A declaration with all that it says; the newest version, or a draft (version 0, without submission date)."""

    declaration_id: Identifier
    declaration_number: str
    declaration_status: DeclarationStatus
    declaration_version: int
    submission_date: datetime | None = None
    last_update: datetime
    email_status: str | None = None
    driver_full_name: str
    warnings: tuple[Problem, ...] = ()


class DeclarationItem(Struct, kw_only=True, omit_defaults=True, rename=NAMES):
    """A declaration in a list: RTPD's members, and the ids that its list lacks."""

    declaration_id: Identifier
    driver_full_name: str
    posting_country: PostingCountry
    start_date: date
    end_date: date
    declaration_status: DeclarationStatus
    last_update: datetime
    declaration_version: int
    driver_id: Identifier | None = None
    named_fleet_id: Identifier | None = None
    external_reference: Reference | None = None


class DeclarationPage(Struct, rename="camel"):
    """A page of declarations; `last_evaluated_key` goes back as `startKey` for the next.

    With `fields=full` each item is whole.
    """

    count: int
    items: list[DeclarationItem]
    last_evaluated_key: Identifier | None


class DeclarationVersions(Struct, rename="camel"):
    """What was declared when, oldest first."""

    count: int
    items: list[DeclarationDetail]


class CopyOrder(Struct, omit_defaults=True, rename={"language": "declarationLanguage", "email": "emailAddress"}):
    """In which language (ISO 639-1) a driver's copy is wanted, and where it is to go."""

    language: str = "en"
    email: Email | None = None
