"""Many declarations in one request: drivers by countries, for one period with one fleet (domain.md 8.1)."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from schemas.codes import AnyCountry, OperationType, PostingCountry, TransportType
from schemas.declaration import WIRE_NAMES as DECLARED
from schemas.declaration import City, Email, Identifier, Name, Phone, Plates, PostCode, Reference, Street
from schemas.problem import Problem

#: What one request may come to, drivers times countries.
MOST = 5_000

WIRE_NAMES = DECLARED | {
    "driver_ids": "driverIds",
    "posting_countries": "declarationPostingCountries",
    "skip_covered": "skipCovered",
    "declaration_id": "declarationId",
    "declaration_number": "declarationNumber",
    "covered_by": "coveredBy",
}


class Matrix(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES):
    """One declaration for each driver and posting country, otherwise alike.

    With `skip_covered` a driver who is declared for a country through the whole period is left out.
    """

    driver_ids: Annotated[list[Identifier], Meta(min_length=1, max_length=MOST)]
    posting_countries: Annotated[list[PostingCountry], Meta(min_length=1, max_length=100)]
    start_date: date
    end_date: date
    operation_types: Annotated[list[OperationType], Meta(min_length=1, max_length=2)]
    transport_types: Annotated[list[TransportType], Meta(min_length=1, max_length=2)]
    plates: Plates = []
    plates_light: Plates = []
    plates_heavy: Plates = []
    named_fleet_id: Identifier | None = None
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
    skip_covered: bool = False


class MatrixVerdict(Struct, kw_only=True, omit_defaults=True, rename=WIRE_NAMES):
    """What became of one driver and country: declared, refused by its problems, or covered already."""

    driver_id: str
    posting_country: PostingCountry
    accepted: bool
    declaration_id: Identifier | None = None
    declaration_number: str | None = None
    covered_by: Identifier | None = None
    problems: tuple[Problem, ...] = ()
