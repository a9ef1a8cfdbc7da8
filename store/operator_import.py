"""A register of operators read from a file, a million lines in about a minute: NDJSON or CSV, copied in by chunks.

Each chunk is one transaction, and an operator that is known already is brought up to date: an import that broke
off is simply run again. A line that cannot be read is reported and keeps none of the others out.
"""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas import statements
from schemas.codes import country
from schemas.operator import Operator
from store.operators import Connection

_SQL = statements.load("store", "operators")
_CHUNK_LINES = 25_000
_MOST_PROBLEMS = 1_000
_COLUMNS = (*Operator.__struct_fields__, "line")
_decode = msgspec.json.Decoder(Operator).decode

Row = tuple[Any, ...]


class OperatorLineError(ValueError):
    """A line of the file is not an operator."""


class LineProblem(Struct, frozen=True):
    """What is wrong with one line, counted from 1 (in CSV the heading is line 1)."""

    line: int
    text: str


class Imported(Struct):
    """What an import did so far; the first thousand `problems` are kept, `refused` counts them all."""

    lines: int = 0
    created: int = 0
    updated: int = 0
    refused: int = 0
    problems: list[LineProblem] = msgspec.field(default_factory=list)


async def import_operators(
    connection: Connection,
    path: Path,
    delegate_to: Sequence[UUID] = (),
    progress: Callable[[Imported, float], None] = lambda _imported, _share: None,
) -> Imported:
    """Reads operators from `path` (CSV if it is named so, else NDJSON) and enters or updates them.

    All of them delegate to the credentials `delegate_to`. `progress` is told, after each chunk, what was done
    and which share of the file was read. Every line names its operatorId.
    """
    imported = Imported()
    await connection.execute(_SQL["create_imported"])
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        lines = _read_csv(file) if path.suffix.lower() == ".csv" else _read_json(file)
        while chunk := list(islice(lines, _CHUNK_LINES)):
            rows = [row for row in chunk if isinstance(row, tuple)]
            async with connection.transaction():
                await connection.copy_records_to_table("imported", records=rows, columns=_COLUMNS)
                taken = await connection.fetchrow(_SQL["take_imported"])
                if delegate_to:
                    await connection.execute(_SQL["delegate_imported"], list(delegate_to))
            imported.lines += len(chunk)
            imported.created += taken["created"]
            imported.updated += taken["updated"]
            imported.refused += len(chunk) - len(rows)
            imported.problems += [row for row in chunk if isinstance(row, LineProblem)]
            del imported.problems[_MOST_PROBLEMS:]
            progress(imported, file.tell() / size)
    return imported


def _read_json(file: BinaryIO) -> Iterator[Row | LineProblem]:
    for number, line in enumerate(file, 1):
        if line.isspace():
            continue
        try:
            yield _row(_decode(line), number)
        except (OperatorLineError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield LineProblem(number, str(error))


def _read_csv(file: BinaryIO) -> Iterator[Row | LineProblem]:
    """Reads comma or semicolon separated values whose heading has the fields' names on the wire."""
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
            yield _row(msgspec.convert(given, Operator), rows.line_num)
        except (OperatorLineError, msgspec.MsgspecError, csv.Error, UnicodeDecodeError) as error:
            yield LineProblem(rows.line_num, str(error))


def _row(operator: Operator, line: int) -> Row:
    """Makes the row of the staging table. Raises `OperatorLineError`."""
    if operator.operator_id is None:
        raise OperatorLineError("the line has no operatorId; give each operator a UUID of its own")
    try:
        operator_id = UUID(operator.operator_id)
    except ValueError:
        raise OperatorLineError(f"the operatorId {operator.operator_id!r} is not a UUID") from None
    values = msgspec.structs.astuple(operator)
    if any(value and "\0" in value for value in values):
        raise OperatorLineError("the line has the control character U+0000")
    return (operator_id, values[1], country(operator.country), *values[3:], line)
