"""What the driver's copy says: one version of a declaration, its fleet and its operator (domain.md 3.6)."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from schemas.identity import number_of
from schemas.operator import Operator


class Copy(Struct, frozen=True, kw_only=True):
    """The content of one copy. Fields are named as the columns of `declaration_version` and `fleet`.

    So a row of each, put together, converts: `msgspec.convert({**version, **fleet, "operator": operator}, Copy)`.
    Driver card and the document's dates come from the driver's record where the operator keeps one.
    """

    declaration_id: UUID
    version: int
    withdrawn: bool = False
    accepted_at: datetime
    submitted_at: datetime
    posting_country: str
    start_date: date
    end_date: date
    cabotage: bool
    international: bool
    goods: bool
    passengers: bool
    fleet_id: UUID | None = None
    plates: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    driver_first_name: str | None = None
    driver_last_name: str | None = None
    driver_birth_date: date | None = None
    driver_licence_number: str | None = None
    driver_card_number: str | None = None
    driver_street: str | None = None
    driver_post_code: str | None = None
    driver_city: str | None = None
    driver_country: str | None = None
    driver_contract_start: date | None = None
    driver_applicable_law: str | None = None
    driver_document_type: str | None = None
    driver_document_number: str | None = None
    driver_document_issued: date | None = None
    driver_document_expires: date | None = None
    driver_document_country: str | None = None
    contact_is_transport_manager: bool = False
    contact_first_name: str | None = None
    contact_last_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    contact_street: str | None = None
    contact_post_code: str | None = None
    contact_city: str | None = None
    contact_country: str | None = None
    operator: Operator

    @property
    def number(self) -> str:
        """The declaration's number as people read it out."""
        return number_of(self.declaration_id)

    @property
    def operation_types(self) -> tuple[str, ...]:
        """The operations declared, as codes."""
        declared = {"CABOTAGE_OPERATIONS": self.cabotage, "INTERNATIONAL_CARRIAGE": self.international}
        return tuple(code for code, yes in declared.items() if yes)

    @property
    def transport_types(self) -> tuple[str, ...]:
        """The carriages declared, as codes."""
        declared = {"CARRIAGE_OF_GOODS": self.goods, "CARRIAGE_OF_PASSENGERS": self.passengers}
        return tuple(code for code, yes in declared.items() if yes)
