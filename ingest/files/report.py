"""The report on a file of declarations: the same file, with what became of each row beside it."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import xlsxwriter

from ingest.files.body import Table, spool
from ingest.files.sheets import Row
from ingest.files.template import add_lists
from schemas.cells import unarmed
from schemas.problem import Problem

#: What the report adds to a file; in a file that is sent, these columns are passed over.
REPORT_COLUMNS = ("outcome", "problems", "declarationNumber", "declarationId")
_PIECE = 256 << 10


class _Verdict(msgspec.Struct, rename="camel"):
    line: int
    accepted: bool
    declaration_id: str = ""
    declaration_number: str = ""
    problems: tuple[Problem, ...] = ()


def report(table: Table, verdicts: BinaryIO) -> Iterator[bytes]:
    """Writes a file again in its own format with the verdicts on its rows, piece by piece.

    `verdicts` is NDJSON as a bulk upload answers with, in the order of lines. A row without a verdict, as those
    that were accepted before, keeps what its columns of the report said.
    """
    rows = _reported(table, verdicts)
    return _as_csv(rows) if table.format == "csv" else _as_xlsx(table, rows)


def words(problems: tuple[Problem, ...]) -> str:
    """Says problems as one cell has them: a line for each, the field first."""
    return "\n".join(_said(one) for one in problems)


def _said(one: Problem) -> str:
    field = one.pointer.removeprefix("/")
    text = f"{one.text} {one.suggestion}" if one.suggestion else one.text
    return f"{field}: {text}" if field else text


def _reported(table: Table, verdicts: BinaryIO) -> Iterator[Row]:
    """Gives the heading and the rows: the file's own columns, then those of the report."""
    fields = table.columns.fields
    own = [place for place, field in enumerate(fields) if field not in REPORT_COLUMNS]
    yield [*(table.heading[place] for place in own), *REPORT_COLUMNS]
    found = _read(verdicts)
    verdict = next(found, None)
    for number, row in enumerate(table.rows(), table.heading_row + 1):
        row += [""] * (len(fields) - len(row))
        kept = [row[place] for place in own] + row[len(fields) :]
        if verdict is not None and verdict.line == number:
            yield kept + _outcome(verdict)
            verdict = next(found, None)
        else:
            before = dict(zip(fields, row, strict=False))
            yield kept + [before.get(name, "") for name in REPORT_COLUMNS]


def _outcome(verdict: _Verdict) -> Row:
    outcome = "accepted" if verdict.accepted else "refused"
    return [outcome, words(verdict.problems), verdict.declaration_number, verdict.declaration_id]


def _read(verdicts: BinaryIO) -> Iterator[_Verdict]:
    verdicts.seek(0)
    decode = msgspec.json.Decoder(_Verdict).decode
    for line in verdicts:
        if line.strip():
            yield decode(line)


def _as_csv(rows: Iterator[Row]) -> Iterator[bytes]:
    text = io.StringIO()
    text.write("\ufeff")  # without it Excel takes UTF-8 for something else
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([unarmed(cell) for cell in row])
        if text.tell() > _PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _as_xlsx(table: Table, rows: Iterator[Row]) -> Iterator[bytes]:
    with spool() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as workbook:
            sheet = workbook.add_worksheet("Declarations")
            as_text = workbook.add_format({"num_format": "@"})
            wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
            last = len([field for field in table.columns.fields if field not in REPORT_COLUMNS])
            sheet.set_column(0, last, 24, as_text)
            sheet.set_column(last + 1, last + 1, 80, wrapped)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if cell:
                        sheet.write_string(number, place, cell, wrapped if place == last + 1 else as_text)
            add_lists(workbook, sheet, [field for field in table.columns.fields if field not in REPORT_COLUMNS])
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
