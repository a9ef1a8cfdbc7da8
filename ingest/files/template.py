"""The template of a file of declarations: a heading, lists to choose codes from, and what each column holds."""

import csv
import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import xlsxwriter
from msgspec import inspect
from xlsxwriter.utility import xl_col_to_name

from ingest.openapi import DECLARATION
from schemas.codes import ALIASES
from schemas.declaration import WIRE_NAMES, Declaration

_ROWS = 10_000
_HEADING = list(WIRE_NAMES.values())


def csv_template() -> bytes:
    """Makes a CSV file of nothing but the heading."""
    text = io.StringIO()
    csv.writer(text).writerow(_HEADING)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


@cache
def xlsx_template() -> bytes:
    """Makes the workbook: a sheet to fill in, its lists, and a sheet that says what each column holds."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Declarations")
        heading = workbook.add_format({"bold": True, "bottom": 1})
        as_text = workbook.add_format({"num_format": "@"})
        sheet.set_column(0, len(_HEADING) - 1, 28, as_text)
        sheet.write_row(0, 0, _HEADING, heading)
        sheet.freeze_panes(1, 0)
        guide = workbook.add_worksheet("Columns")
        guide.set_column(0, 2, 44)
        guide.write_row(0, 0, ("column", "holds", "example"), heading)
        for place, field in enumerate(_fields(), 1):
            guide.write_row(place, 0, (field.encode_name, _holds(field), _example(field.encode_name)), as_text)
        add_lists(workbook, sheet, _HEADING)
    return file.getvalue()


def add_lists(workbook: Any, sheet: Any, fields: Sequence[str]) -> None:
    """Gives the columns of a sheet lists to choose from, which stand on a hidden sheet; other values stay possible.

    `fields` are RTPD's names of the fields in the order of the columns.
    """
    codes = workbook.add_worksheet("Codes")
    codes.hide()
    place = 0
    for column, field in enumerate(fields):
        values = choices().get(field)
        if values:
            letter = xl_col_to_name(place)
            codes.write_column(0, place, values)
            source = f"=Codes!${letter}$1:${letter}${len(values)}"
            rule = {"validate": "list", "source": source, "error_type": "warning"}
            sheet.data_validation(1, column, _ROWS, column, rule)
            place += 1


@cache
def choices() -> dict[str, tuple[str, ...]]:
    """Gives what can be chosen for each field that has codes; a list's pairs stand beside its single values."""
    return {field.encode_name: values for field in _fields() if (values := _values(field.type))}


def _fields() -> tuple[inspect.Field, ...]:
    declaration = inspect.type_info(Declaration)
    assert isinstance(declaration, inspect.StructType)
    return declaration.fields


def _values(kind: inspect.Type) -> tuple[str, ...]:
    match kind:
        case inspect.LiteralType():
            return tuple(str(value) for value in kind.values if value not in ALIASES)
        case inspect.ListType(item_type=inspect.LiteralType() as item):
            single = tuple(str(value) for value in item.values)
            return (*single, ";".join(single))
        case inspect.BoolType():
            return ("true", "false")
        case inspect.UnionType():
            return next((values for one in kind.types if (values := _values(one))), ())
    return ()


def _holds(field: inspect.Field) -> str:
    """Says in a few words what a column holds."""
    needed = "required" if field.required else "may be empty"
    kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    match kinds[0]:
        case inspect.DateType():
            return f"date as 2026-12-31; {needed}"
        case inspect.ListType():
            return f"one or more, parted by semicolons; {needed}"
        case inspect.StrType(max_length=int() as most):
            return f"text of at most {most} characters; {needed}"
    return f"one of the list; {needed}"


def _example(field: str) -> str:
    """Gives an example as a cell holds it."""
    value: Any = DECLARATION.get(field, "")
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ";".join(value)
    return str(value)
