"""CSV and XLSX read row by row, told apart by their content; every cell comes as the text that a person sees."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, BinaryIO, Literal, TypeAlias

import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ingest.http import RefusedError
from schemas.cells import as_meant

Format = Literal["csv", "xlsx"]
Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta
Row = list[str]

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UNPACKED_MEGABYTES = 512
_MOST_CELLS = 40_000_000
_PIECE = 1 << 20
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["'](\d{1,10})["']""")


def format_of(file: BinaryIO) -> Format:
    """Tells a file by its first bytes. Raises `RefusedError` (file_unreadable) for a workbook of before 2007."""
    file.seek(0)
    start = file.read(4)
    if start == _OLD_EXCEL:
        raise RefusedError("file_unreadable", reason="it is a workbook in the format of before 2007 (.xls)")
    return "xlsx" if start == _ZIP else "csv"


def rows_of(file: BinaryIO, kind: Format) -> Iterator[Row]:
    """Reads all rows of a file from the first, blank ones too, so that the how manieth is what a spreadsheet shows.

    Of a workbook the first visible sheet is read. Raises `RefusedError` (file_unreadable, file_too_large), also
    in the middle.
    """
    file.seek(0)
    return _xlsx_rows(file) if kind == "xlsx" else _csv_rows(file)


def _csv_rows(file: BinaryIO) -> Iterator[Row]:
    start = file.read(64 << 10)
    encoding = "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    first = start.decode(encoding, "replace").lstrip("\r\n").partition("\n")[0]
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        for row in csv.reader(text, delimiter=max(",;\t", key=first.count), strict=False):
            yield [as_meant(cell.strip()) for cell in row]
    except (UnicodeError, csv.Error) as error:
        reason = f"it is not text in UTF-8 ({error.reason})" if isinstance(error, UnicodeDecodeError) else str(error)
        raise RefusedError("file_unreadable", reason=reason) from error
    finally:
        text.detach()


def _xlsx_rows(file: BinaryIO) -> Iterator[Row]:
    try:
        _measure(file)
        file.seek(0)
        with CalamineWorkbook.from_filelike(file) as workbook:
            sheet = workbook.get_sheet_by_name(_first_visible(workbook))
            for row in _from_the_top(sheet):
                yield [_text(cell) for cell in row]
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError) as error:
        raise RefusedError("file_unreadable", reason="it is no whole workbook (.xlsx)") from error


def _measure(file: BinaryIO) -> None:
    """Refuses a workbook that unpacks to too much, or whose cells lie so far apart that their table would."""
    with zipfile.ZipFile(file) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > _UNPACKED_MEGABYTES << 20:
            raise RefusedError("file_too_large", maximum=_UNPACKED_MEGABYTES, unit="MB unpacked")
        for part in parts.infolist():
            if "worksheets/" in part.filename and part.filename.endswith(".xml"):
                with parts.open(part) as sheet:
                    _measure_sheet(sheet)


def _measure_sheet(sheet: IO[bytes]) -> None:
    columns = rows = 0
    rest = b""
    while piece := sheet.read(_PIECE):
        data = rest + piece
        for column, row in _CELL.findall(data):
            place = 0
            for letter in column:
                place = place * 26 + letter - 64
            columns, rows = max(columns, place), max(rows, int(row))
        rows = max([rows, *map(int, _ROW.findall(data))])
        if columns * rows > _MOST_CELLS:
            raise RefusedError("file_too_large", maximum=_MOST_CELLS, unit="cells")
        rest = data[-64:]


def _first_visible(workbook: CalamineWorkbook) -> str:
    for sheet in workbook.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            return str(sheet.name)
    raise RefusedError("file_empty")


def _from_the_top(sheet: CalamineSheet) -> Iterator[list[Cell]]:
    """Gives the rows from the first of the sheet, with the columns that the reader leaves out before the first cell."""
    before: list[Cell] = [""] * sheet.start[1] if sheet.start else []
    for cells in sheet.iter_rows():
        yield before + cells


def _text(cell: Cell) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
        case date():
            return cell.isoformat()
        case str():
            return cell.strip()
    return str(cell)
