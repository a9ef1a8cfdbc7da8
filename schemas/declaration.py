"""The posting declaration as it goes over the wire: RTPD's names outside, the field's names inside.

Legal content: Directive (EU) 2020/1057, Article 1(11)(a); wire: domain.md 1.2 and 3.4.
"""

from datetime import date
from typing import Annotated

from msgspec import Meta, Raw, Struct

from schemas.codes import AnyCountry, DocumentType, OperationType, PostingCountry, TransportType

Name = Annotated[str, Meta(min_length=1, max_length=255)]
Number = Annotated[str, Meta(min_length=1, max_length=50)]
Street = Annotated[str, Meta(min_length=1, max_length=255)]
City = Annotated[str, Meta(min_length=1, max_length=100)]
PostCode = Annotated[str, Meta(max_length=20)]
Phone = Annotated[str, Meta(max_length=30)]
Email = Annotated[str, Meta(max_length=254)]
Reference = Annotated[str, Meta(min_length=1, max_length=100)]
Identifier = Annotated[str, Meta(min_length=36, max_length=36)]
LONGEST_PLATE = 20  # as it is written
MOST_PLATES = 5000
Plate = Annotated[str, Meta(min_length=1, max_length=LONGEST_PLATE)]
Plates = Annotated[list[Plate], Meta(max_length=MOST_PLATES)]

#: The field's own name of each field, and RTPD's name of it on the wire.
WIRE_NAMES = {
    "posting_country": "declarationPostingCountry",
    "start_date": "declarationStartDate",
    "end_date": "declarationEndDate",
    "operation_types": "declarationOperationType",
    "transport_types": "declarationTransportType",
    "plates": "declarationVehiclePlateNumber",
    "plates_light": "declarationVehiclePlateNumberLight",
    "plates_heavy": "declarationVehiclePlateNumberHeavy",
    "driver_id": "driverId",
    "driver_first_name": "driverLatinFirstName",
    "driver_last_name": "driverLatinLastName",
    "driver_birth_date": "driverDateOfBirth",
    "driver_licence_number": "driverLicenseNumber",
    "driver_document_type": "driverDocumentType",
    "driver_document_number": "driverDocumentNumber",
    "driver_document_country": "driverDocumentIssuingCountry",
    "driver_street": "driverAddressStreet",
    "driver_post_code": "driverAddressPostCode",
    "driver_city": "driverAddressCity",
    "driver_country": "driverAddressCountry",
    "driver_contract_start": "driverContractStartDate",
    "driver_applicable_law": "driverApplicableLaw",
    "driver_email": "driverEmail",
    "contact_is_transport_manager": "otherContactAsTransportManager",
    "contact_first_name": "otherContactFirstName",
    "contact_last_name": "otherContactLastName",
    "contact_email": "otherContactEmail",
    "contact_phone": "otherContactPhone",
    "contact_street": "otherContactAddressStreet",
    "contact_post_code": "otherContactAddressPostCode",
    "contact_city": "otherContactAddressCity",
    "contact_country": "otherContactAddressCountry",
    "external_reference": "externalReference",
    "operator_id": "operatorId",
    "named_fleet_id": "fleetId",
}


class Declaration(Struct, gc=False, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES):
    """A self-contained posting declaration: one driver, one posting country, one period, a fleet.

    Either `driver_id` names a driver that the operator has recorded, or the `driver_*` fields stand inline.
    Likewise `named_fleet_id` names a fleet that the operator keeps, or the plates stand in the three lists.
    Source: Directive (EU) 2020/1057, Article 1(11)(a); domain.md 1.2, 3.4.
    """

    posting_country: PostingCountry
    start_date: date
    end_date: date
    operation_types: Annotated[list[OperationType], Meta(min_length=1, max_length=2)]
    transport_types: Annotated[list[TransportType], Meta(min_length=1, max_length=2)]
    plates: Plates = []
    plates_light: Plates = []
    plates_heavy: Plates = []
    driver_id: Identifier | None = None
    driver_first_name: Name | None = None
    driver_last_name: Name | None = None
    driver_birth_date: date | None = None
    driver_licence_number: Number | None = None
    driver_document_type: DocumentType | None = None
    driver_document_number: Number | None = None
    driver_document_country: AnyCountry | None = None
    driver_street: Street | None = None
    driver_post_code: PostCode | None = None
    driver_city: City | None = None
    driver_country: AnyCountry | None = None
    driver_contract_start: date | None = None
    driver_applicable_law: AnyCountry | None = None
    driver_email: Email | None = None
    contact_is_transport_manager: bool = False
    contact_first_name: Name | None = None
    contact_last_name: Name | None = None
    contact_email: Email | None = None
    contact_phone: Phone | None = None
    contact_street: Street | None = None
    contact_post_code: PostCode | None = None
    contact_city: City | None = None
    contact_country: AnyCountry | None = None
    external_reference: Reference | None = None
    operator_id: Identifier | None = None
    named_fleet_id: Identifier | None = None


NO_PLATES = Raw(b"[]")


class DeclarationLine(
    Declaration, gc=False, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES
):
    """The same declaration with its lists left as they came.

    Large operators put one fleet on thousands of declarations: the bytes of a list are the key under which
    `validate` keeps what it found out about it, so the list itself is decoded once a fleet.
    """

    operation_types: Raw  # type: ignore[assignment]
    transport_types: Raw  # type: ignore[assignment]
    plates: Raw = NO_PLATES  # type: ignore[assignment]
    plates_light: Raw = NO_PLATES  # type: ignore[assignment]
    plates_heavy: Raw = NO_PLATES  # type: ignore[assignment]
