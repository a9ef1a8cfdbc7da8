"""The records of national registers as a file has them (docs/analysts.md) and as Postgres keeps them."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from schemas.codes import AnyCountry, DocumentType, TransportType, country
from schemas.declaration import Name, Number, Plate
from validate.plates import plate_key

_SEPARATORS = str.maketrans("", "", " -/.")

Count = Annotated[int, Meta(ge=0, le=2_000_000_000)]
Positive = Annotated[int, Meta(ge=1, le=2_000_000_000)]


class RegisterLineError(ValueError):
    """A line of the file contradicts itself."""


class _Record(Struct, frozen=True, kw_only=True, tag_field="record", rename="camel", forbid_unknown_fields=True):
    """What every record has: the country whose register it is from."""

    columns: ClassVar[tuple[str, ...]]
    country: AnyCountry

    def row(self) -> tuple[Any, ...]:
        """Gives the values of `columns`."""
        raise NotImplementedError


class Licence(_Record, frozen=True, kw_only=True, tag="licence"):
    """A Community licence with the number of its certified true copies (Regulation (EC) No 1072/2009, Article 4)."""

    columns = (
        "country",
        "licence_key",
        "licence_number",
        "undertaking",
        "status",
        "valid_from",
        "valid_until",
        "certified_copies",
    )
    licence_number: Number
    status: Literal["VALID", "SUSPENDED", "WITHDRAWN", "EXPIRED"]
    undertaking: Name | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    certified_copies: Count | None = None

    def row(self) -> tuple[Any, ...]:
        number = self.licence_number
        own = (number_key(number), number, self.undertaking, self.status)
        return (country(self.country), *own, self.valid_from, self.valid_until, self.certified_copies)


class Vehicle(_Record, frozen=True, kw_only=True, tag="vehicle"):
    """A motor vehicle of an undertaking."""

    columns = (
        "country",
        "licence_key",
        "plate",
        "plate_key",
        "plate_country",
        "weight",
        "carriage",
        "smart_tachograph",
    )
    licence_number: Number
    plate: Plate
    plate_country: AnyCountry | None = None
    weight: Literal["LIGHT", "HEAVY"] | None = None
    carriage: TransportType | None = None
    smart_tachograph: bool | None = None

    def row(self) -> tuple[Any, ...]:
        plate = (self.plate, plate_key(self.plate).key, country(self.plate_country or self.country))
        own = (self.weight, self.carriage, self.smart_tachograph)
        return (country(self.country), number_key(self.licence_number), *plate, *own)


class Manager(_Record, frozen=True, kw_only=True, tag="manager"):
    """A transport manager of an undertaking, by the certificate of professional competence."""

    columns = (
        "country",
        "licence_key",
        "certificate_country",
        "certificate_key",
        "certificate_number",
        "name",
        "external",
        "unfit_from",
        "unfit_until",
    )
    licence_number: Number
    certificate_number: Number
    certificate_country: AnyCountry | None = None
    name: Name
    external: bool
    unfit_from: date | None = None
    unfit_until: date | None = None

    def row(self) -> tuple[Any, ...]:
        if self.unfit_until and not self.unfit_from:
            raise RegisterLineError("unfitUntil without unfitFrom")
        number = self.certificate_number
        certificate = (country(self.certificate_country or self.country), number_key(number), number)
        unfit = (self.unfit_from, self.unfit_until)
        return (country(self.country), number_key(self.licence_number), *certificate, self.name, self.external, *unfit)


class Check(_Record, frozen=True, kw_only=True, tag="check"):
    """A check of an undertaking with the infringements found (Implementing Regulation (EU) 2022/695)."""

    columns = (
        "country",
        "licence_key",
        "reference",
        "checked_on",
        "host",
        "vehicles_checked",
        "minor",
        "serious",
        "very_serious",
        "most_serious",
    )
    licence_number: Number
    reference: Number
    checked_on: date
    host: AnyCountry
    vehicles_checked: Positive
    minor: Count = 0
    serious: Count = 0
    very_serious: Count = 0
    most_serious: Count = 0

    def row(self) -> tuple[Any, ...]:
        own = (self.reference, self.checked_on, country(self.host), self.vehicles_checked)
        found = (self.minor, self.serious, self.very_serious, self.most_serious)
        return (country(self.country), number_key(self.licence_number), *own, *found)


class Document(_Record, frozen=True, kw_only=True, tag="document"):
    """A driving licence or identity document with its last day."""

    columns = ("country", "document_type", "number_key", "birth_date", "expires_on")
    document_type: DocumentType
    number: Number
    birth_date: date | None = None
    expires_on: date

    def row(self) -> tuple[Any, ...]:
        own = (self.document_type, number_key(self.number), self.birth_date, self.expires_on)
        return (country(self.country), *own)


Record = Licence | Vehicle | Manager | Check | Document
RECORDS: tuple[type[_Record], ...] = (Licence, Vehicle, Manager, Check, Document)


def name_of(kind: type[_Record]) -> str:
    """Gives what a file's `record` and the table's name say of a kind."""
    return str(kind.__struct_config__.tag)


def number_key(number: str) -> str:
    """Gives the key under which every spelling of a licence, certificate or document number is found."""
    return number.upper().translate(_SEPARATORS)
