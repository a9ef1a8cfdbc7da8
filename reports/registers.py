"""National registers read from a file: licences, vehicles, transport managers, checks, documents (docs/analysts.md).

A file has one record a line, NDJSON or CSV, and each says in `record` what it is. For every country and kind of
record that a file names, it takes the place of what was there: a register is handed over whole.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from reports.register_records import RECORDS, Record, RegisterLineError, name_of
from schemas import statements
from store.operators import Connection

_SQL = statements.load("reports", "registers")
_CHUNK_LINES = 25_000
_MOST_PROBLEMS = 1_000
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
        rows.setdefault(name_of(type(record)), []).append((*values, number))
    for kind in RECORDS:
        name = name_of(kind)
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
