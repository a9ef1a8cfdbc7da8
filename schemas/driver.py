"""The driver as an operator records it once and names it on declarations (domain.md 2.3, 3.4)."""

from datetime import date

from msgspec import Struct

from schemas import declaration
from schemas.codes import AnyCountry, DocumentType
from schemas.declaration import City, Email, Identifier, Name, Number, PostCode, Reference, Street

WIRE_NAMES = {name: wire for name, wire in declaration.WIRE_NAMES.items() if name.startswith("driver_")} | {
    "driver_operator_id": "driverOperatorId",
    "driver_full_name": "driverFullName",
    "driver_has_declarations": "driverHasDeclarations",
    "driver_document_issued": "driverDocumentIssueDate",
    "driver_document_expires": "driverDocumentExpiryDate",
    "driver_contract_end": "driverContractEndDate",
    "driver_card_number": "driverCardNumber",
    "external_reference": "externalReference",
}


class Driver(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES):
    """A posted driver: Directive (EU) 2020/1057, Article 1(11)(a)(iii) and (iv).

    After `driver_contract_end` nothing is renewed for the driver.
    """

    driver_first_name: Name
    driver_last_name: Name
    driver_birth_date: date
    driver_licence_number: Number
    driver_document_type: DocumentType
    driver_document_number: Number
    driver_document_country: AnyCountry
    driver_document_issued: date | None = None
    driver_document_expires: date | None = None
    driver_street: Street
    driver_post_code: PostCode | None = None
    driver_city: City
    driver_country: AnyCountry
    driver_contract_start: date
    driver_contract_end: date | None = None
    driver_applicable_law: AnyCountry
    driver_email: Email | None = None
    driver_card_number: Number | None = None
    external_reference: Reference | None = None


class RecordedDriver(Driver, kw_only=True, omit_defaults=True, rename=WIRE_NAMES):
    """A driver with what the register adds; a driver with declarations cannot be deleted."""

    driver_id: Identifier
    driver_operator_id: Identifier
    driver_full_name: str
    driver_has_declarations: bool


class DriverPage(Struct, rename="camel"):
    """A page of drivers; `last_evaluated_key` goes back as `startKey` for the next."""

    count: int
    items: list[RecordedDriver]
    last_evaluated_key: Identifier | None
