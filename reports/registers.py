"""National registers read from a file: licences, vehicles, transport managers, checks, documents (docs/analysts.md).

A file has one record a line, NDJSON or CSV, and each says in `record` what it is. For every country and kind of
record that a file names, it takes the place of what was there: a register is handed over whole.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from schemas import statements
from schemas.codes import AnyCountry, DocumentType, TransportType, country
from schemas.declaration import Name, Number, Plate
from store.operators import Connection
from validate.plates import plate_key

_SQL = statements.load("reports", "registers")
_CHUNK_LINES = 25_000
_MOST_PROBLEMS = 1_000
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
_decode = msgspec.json.Decoder(Record).decode


class LineProblem(Struct, frozen=True):
    """What is wrong with one line, counted from 1 (in CSV the heading is line 1)."""

    line: int
    text: str


class Loaded(Struct):
    """What a load did: records taken by kind, lines refused; the first thousand `problems` are kept."""

    records: dict[str, int] = msgspec.field(default_factory=dict)
    refused: int = 0
    problems: list[LineProblem] = msgspec.field(default_factory=list)


class Load(Struct, frozen=True, rename="camel"):
    """One country's register of one kind as it was loaded last."""

    country: str
    record: str
    file: str
    rows: int
    loaded_at: datetime


def number_key(number: str) -> str:
    """Gives the key under which every spelling of a licence, certificate or document number is found."""
    return number.upper().translate(_SEPARATORS)


async def load_register(
    connection: Connection,
    path: Path,
    *,
    update: bool = False,
    told: Callable[[Loaded], None] = lambda _loaded: None,
) -> Loaded:
    """Reads records from `path` (CSV if it is named so, else NDJSON), all or nothing of those that can be read.

    With `update` they add to what is there instead of taking its place. `told` hears after each chunk. A line that
    cannot be read is reported and keeps none of the others out.
    """
    loaded = Loaded()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        file.seek(0)
        lines = _read_csv(file) if path.suffix.lower() == ".csv" else _read_json(file)
        async with connection.transaction():
            countries: dict[str, set[str]] = {}
            while chunk := list(islice(lines, _CHUNK_LINES)):
                await _copy(connection, chunk, loaded, countries)
                told(loaded)
            for name, named in sorted(countries.items()):
                await _take(connection, name, path.name, digest, sorted(named), update=update)
    return loaded


async def loads(connection: Connection) -> list[Load]:
    """Lists which countries' registers are here."""
    return [Load(**row) for row in await connection.fetch(_SQL["loads"])]


async def _copy(
    connection: Connection,
    chunk: list[tuple[int, Record] | LineProblem],
    loaded: Loaded,
    countries: dict[str, set[str]],
) -> None:
    problems = [line for line in chunk if isinstance(line, LineProblem)]
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for line in chunk:
        if isinstance(line, LineProblem):
            continue
        number, record = line
        try:
            values = record.row()
        except RegisterLineError as error:
            problems.append(LineProblem(number, str(error)))
            continue
        rows.setdefault(_name(type(record)), []).append((*values, number))
    for kind in RECORDS:
        name = _name(kind)
        if name in rows:
            if name not in countries:
                await connection.execute(_SQL[f"incoming_{name}"])
            countries.setdefault(name, set()).update(row[0] for row in rows[name])
            await connection.copy_records_to_table(
                f"register_{name}_incoming", records=rows[name], columns=(*kind.columns, "line")
            )
            loaded.records[name] = loaded.records.get(name, 0) + len(rows[name])
    loaded.refused += len(problems)
    loaded.problems += problems[: _MOST_PROBLEMS - len(loaded.problems)]


async def _take(
    connection: Connection, name: str, file: str, digest: bytes, countries: list[str], *, update: bool
) -> None:
    if not update:
        await connection.execute(_SQL["clear"].format(record=name))
    await connection.execute(_SQL[f"take_{name}"])
    await connection.execute(_SQL["record_load"].format(record=name), name, file, digest, countries)


def _name(kind: type) -> str:
    return str(kind.__struct_config__.tag)  # type: ignore[attr-defined]


def _read_json(file: BinaryIO) -> Iterator[tuple[int, Record] | LineProblem]:
    for number, line in enumerate(file, 1):
        if line.isspace():
            continue
        try:
            if b"\\u0000" in line:
                raise RegisterLineError("the line has the control character U+0000")
            yield number, _decode(line)
        except (RegisterLineError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield LineProblem(number, str(error))


def _read_csv(file: BinaryIO) -> Iterator[tuple[int, Record] | LineProblem]:
    """Reads comma or semicolon separated values whose heading has the members' names; an empty cell is no member."""
    heading = file.readline()
    file.seek(0)
    text = TextIOWrapper(file, "utf-8-sig", newline="")
    rows = csv.DictReader(text, delimiter=";" if heading.count(b";") > heading.count(b",") else ",", strict=True)
    while True:
        try:
            named = next(rows, None)
            if named is None:
                text.detach()
                return
            given = {name: value for name, value in named.items() if value}
            yield rows.line_num, msgspec.convert(given, Record, strict=False)
        except (msgspec.MsgspecError, csv.Error, UnicodeDecodeError) as error:
            yield LineProblem(rows.line_num, str(error))
