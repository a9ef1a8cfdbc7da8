"""Judging a file of declarations without a server: NDJSON, or CSV with RTPD's names as columns."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

import msgspec
from msgspec import Struct, inspect

from schemas.declaration import Declaration
from schemas.limits import LIMITS
from validate.contract import decode_line, explain
from validate.judge import Judge
from validate.plates import fits_any_series, plate_key
from validate.problems import Found, problem, refuses
from validate.text import is_suspicious

_YES = frozenset({"true", "yes", "1", "x"})
_NO = frozenset({"false", "no", "0"})
_LIST_SEPARATOR = re.compile(r"[;,\n]")


class UnreadableFileError(ValueError):
    """The file is not UTF-8 text, or no table."""


class LineVerdict(Struct, frozen=True):
    """What was found on one line of a file, counted from 1 (in CSV the header is line 1)."""

    line: int
    refused: bool
    problems: Found


def judge_file(file: BinaryIO, *, as_csv: bool, establishment: str, received_on: date) -> Iterator[LineVerdict]:
    """Judges each declaration of a file by the rules that intake applies; empty lines are passed over.

    `establishment` is the operator's country (ISO code, or empty if not known), `received_on` the day on which
    the declarations would be submitted. Raises `UnreadableFileError` for what is no CSV in UTF-8.
    """
    judge = Judge(received_on)
    for number, line in _csv_lines(file) if as_csv else _json_lines(file):
        found = _judged(line, judge, establishment)
        yield LineVerdict(number, refuses(found), found)


def _judged(line: bytes, judge: Judge, establishment: str) -> Found:
    if len(line) > LIMITS.line.bytes:
        return (problem("line_too_long", maximum=LIMITS.line.bytes),)
    try:
        decoded = decode_line(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return explain(line)
    return judge.judge(decoded, establishment, suspicious=is_suspicious(line)).problems


def _json_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Reads lines; of one that is too long, only so much that it can be told."""
    number = 0
    while piece := file.readline(LIMITS.line.bytes + 2):
        number += 1
        rest = piece
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(LIMITS.line.bytes)
        line = piece.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line


def _csv_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Reads rows and writes each as the line of JSON that it stands for; an empty cell is no field."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        header = text.readline()
        delimiter = max(",;\t", key=header.count)
        columns = next(csv.reader([header], delimiter=delimiter), [])
        rows = csv.reader(text, delimiter=delimiter)
        for row in rows:
            cells = {column.strip(): cell.strip() for column, cell in zip(columns, row, strict=False)}
            cells |= {f"column {place + 1}": cell for place, cell in enumerate(row) if place >= len(columns)}
            given = {column: cell_value(column, cell) for column, cell in cells.items() if cell}
            if given:
                yield rows.line_num + 1, msgspec.json.encode(given)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"not UTF-8 text: {error.reason}") from error
    except csv.Error as error:
        raise UnreadableFileError(f"no table: {error}") from error


def cell_value(column: str, cell: str) -> str | bool | list[str]:
    """Gives what a cell's text stands for in a column (RTPD's name of a field): a list, a flag or the text."""
    if column in _LISTS:
        return _listed(cell)
    if column in _FLAGS:
        return True if cell.lower() in _YES else False if cell.lower() in _NO else cell
    return cell


def _listed(cell: str) -> list[str]:
    """Parts a list at ; , or line ends, else at blanks if each part is a code or a plate of its own (not `AB 123`)."""
    if _LIST_SEPARATOR.search(cell):
        return [part.strip() for part in _LIST_SEPARATOR.split(cell) if part.strip()]
    parts = cell.split()
    return parts if all("_" in part or fits_any_series(plate_key(part).key) for part in parts) else [cell]


def _columns(kind: type[inspect.Type]) -> frozenset[str]:
    declaration = inspect.type_info(Declaration)
    assert isinstance(declaration, inspect.StructType)
    return frozenset(field.encode_name for field in declaration.fields if isinstance(field.type, kind))


_LISTS = _columns(inspect.ListType)
_FLAGS = _columns(inspect.BoolType)
