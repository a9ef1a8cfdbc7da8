"""The answer to a look-up as it goes over the wire: RTPD's names for what a declaration has."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from reports.verdict import Counts, VerdictCode
from reports.wording import Notice, Reason
from schemas.codes import OperationType, TransportType
from schemas.declaration import WIRE_NAMES
from schemas.identity import number_of
from schemas.rows import DECLARATION_VERSION


class PageKey(Struct, frozen=True):
    """The place after which a page begins: rank of the standing, then newest first."""

    rank: int
    declaration_id: UUID

    @property
    def order(self) -> tuple[int, int]:
        """What places are sorted by."""
        return self.rank, -self.declaration_id.int

    @classmethod
    def parse(cls, text: str) -> "PageKey":
        """Reads a key as `str` writes it. Raises `ValueError`."""
        rank, _, declaration_id = text.partition(".")
        return cls(int(rank), UUID(declaration_id))

    def __str__(self) -> str:
        return f"{self.rank}.{self.declaration_id}"


class Plate(Struct, frozen=True):
    """A plate as the operator wrote it, and its weight: LIGHT, HEAVY or empty."""

    plate: str
    weight: str


class Change(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One member that a version changed, under RTPD's name; for plates, those `added` and `removed`."""

    member: str
    before: Any = None
    after: Any = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class EarlierControl(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A control that came before: what an officer found, where and when."""

    control_id: UUID
    at: datetime
    outcome: str
    place: str | None = None


class OperatorName(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The operator behind a declaration, as the register has it today."""

    operator_id: UUID
    name: str
    country: str
    licence_number: str | None = None


_NAMES = WIRE_NAMES | {
    "declaration_id": "declarationId",
    "declaration_number": "declarationNumber",
    "newest_version": "newestVersion",
    "submitted_at": "submittedAt",
    "accepted_at": "declarationLastUpdate",
    "operator_country": "operatorCountry",
    "changed_since": "changedSince",
    "after_controls": "afterControls",
}


class FoundDeclaration(Struct, frozen=True, kw_only=True, rename=_NAMES, omit_defaults=True):
    """A declaration that names the vehicle, as it stood at the instant.

    `standing` is what it was worth that day; `newest_version` is greater than `version` if it was changed since, and
    `changed_since` says what. The version that stood came after `after_controls` of this vehicle or driver.
    """

    declaration_id: UUID
    declaration_number: str
    version: int
    newest_version: int
    standing: str
    submitted_at: datetime
    accepted_at: datetime
    posting_country: str
    start_date: date
    end_date: date
    operation_types: tuple[OperationType, ...]
    transport_types: tuple[TransportType, ...]
    vehicle: Plate
    operator: OperatorName | None
    operator_country: str
    driver_first_name: str | None = None
    driver_last_name: str | None = None
    driver_birth_date: date | None = None
    driver_licence_number: str | None = None
    driver_document_type: str | None = None
    driver_document_number: str | None = None
    driver_document_country: str | None = None
    driver_street: str | None = None
    driver_post_code: str | None = None
    driver_city: str | None = None
    driver_country: str | None = None
    driver_contract_start: date | None = None
    driver_applicable_law: str | None = None
    contact_is_transport_manager: bool | UnsetType = UNSET
    contact_first_name: str | None = None
    contact_last_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    contact_street: str | None = None
    contact_post_code: str | None = None
    contact_city: str | None = None
    contact_country: str | None = None
    changed_since: tuple[Change, ...] = ()
    after_controls: tuple[EarlierControl, ...] = ()


class LookupAnswer(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The verdict with its reasons, and one page of the declarations found.

    `notice` is always there; `controls` are the last two of the vehicle before the instant. `next_key` begins the
    next page (parameter startKey, with the same `at`).
    """

    plate: str
    plate_key: str
    country: str | None = None
    host: str
    at: datetime
    verdict: VerdictCode
    title: str
    reasons: tuple[Reason, ...]
    notice: Notice
    counts: Counts
    total: int
    declarations: tuple[FoundDeclaration, ...]
    controls: tuple[EarlierControl, ...] = ()
    next_key: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """How a declaration was found: its standing, the newest version, and the plate as written."""

    standing: str
    newest_version: int
    plate: Plate


_OPERATIONS: dict[str, OperationType] = {
    "cabotage": "CABOTAGE_OPERATIONS",
    "international": "INTERNATIONAL_CARRIAGE",
}
_TRANSPORTS: dict[str, TransportType] = {"goods": "CARRIAGE_OF_GOODS", "passengers": "CARRIAGE_OF_PASSENGERS"}
_SAME_NAME = tuple(name for name in FoundDeclaration.__struct_fields__ if name in DECLARATION_VERSION.names)
#: The columns of `DECLARATION_VERSION` that an answer is made of; each costs a look-up a tenth of a millisecond.
COLUMNS = (*_SAME_NAME, *_OPERATIONS, *_TRANSPORTS, "fleet_id")


def found_declaration(row: dict[str, Any], found: Found, operator: OperatorName | None) -> FoundDeclaration:
    """Makes the wire's declaration of a row with `COLUMNS`."""
    return FoundDeclaration(
        **{name: row[name] for name in _SAME_NAME},
        declaration_number=number_of(row["declaration_id"]),
        newest_version=found.newest_version,
        standing=found.standing,
        operation_types=tuple(code for name, code in _OPERATIONS.items() if row[name]),
        transport_types=tuple(code for name, code in _TRANSPORTS.items() if row[name]),
        vehicle=found.plate,
        operator=operator,
    )
