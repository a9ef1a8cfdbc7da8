"""POST /declarations/files: rows of CSV or XLSX become the lines of a bulk upload, and go in as one does.

Line n of the upload is row n of the file, so what is said of a line is said of the row that a spreadsheet shows.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from ingest.actions import noted
from ingest.approvals import judged_alone
from ingest.bulk import submit_bulk
from ingest.files.body import Table, receive_file, spool
from ingest.files.columns import names
from ingest.files.report import REPORT_COLUMNS, report
from ingest.files.template import csv_template, xlsx_template
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from schemas.declaration import WIRE_NAMES
from validate.file import cell_value

CSV = b"text/csv; charset=utf-8"
XLSX = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": CSV, "xlsx": XLSX}
#: What a declaration's file may have as columns: RTPD's names, ours, and those of the report, which are passed over.
KNOWN = names(WIRE_NAMES | {name: name for name in (*WIRE_NAMES.values(), *REPORT_COLUMNS)})
_ROWS_AT_ONCE = 1_000
_encode = msgspec.json.Encoder().encode


@noted("file.submitted")
@judged_alone
async def submit_file(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/files: the receipt, or with `Prefer: return=representation` the file with verdicts.

    A row that has a declarationId, as accepted ones have in the report, is passed over: a mended report can be
    sent as it is.
    """
    wants_report = "return=representation" in request.header(b"prefer")
    with spool() as file, spool() as verdicts:
        lines = _Lines(request, file)
        answer = _Answer(verdicts)
        inner = Request(request.scope, lines.receive, answer.send if wants_report else request.send)
        inner.headers = {name: value for name, value in request.headers.items() if name != b"content-encoding"}
        try:
            await submit_bulk(intake, inner)
        finally:
            request.submission_id, request.extra_headers = inner.submission_id, inner.extra_headers
        if wants_report:
            assert lines.table is not None
            request.extra_headers += (
                (b"content-disposition", b'attachment; filename="report.%s"' % lines.table.format.encode()),
                (b"x-submission-id", (request.submission_id or "").encode()),
            )
            pieces = _in_threads(report(lines.table, verdicts))
            await request.stream(answer.status, pieces, MEDIA_TYPES[lines.table.format])


async def read_template(_intake: Intake, request: Request) -> None:
    """Handles GET /declarations/files: the template, an Excel workbook or with `?format=csv` a heading."""
    match request.parameters().get("format", "xlsx"):
        case "xlsx":
            body, media_type, name = await asyncio.to_thread(xlsx_template), XLSX, b"declarations.xlsx"
        case "csv":
            body, media_type, name = csv_template(), CSV, b"declarations.csv"
        case _:
            raise RefusedError("parameter_wrong", name="format", reason="send csv or xlsx")
    await request.answer(200, body, media_type, (b"content-disposition", b'attachment; filename="%s"' % name))


class _Lines:
    """The rows of a file as the body of a bulk upload. The file is received when the first line is asked for."""

    def __init__(self, request: Request, file: BinaryIO) -> None:
        self._request = request
        self._file = file
        self._pieces: Iterator[bytes] | None = None
        self.table: Table | None = None

    async def receive(self) -> Any:
        """Gives the next message of the body (ASGI)."""
        if self._pieces is None:
            await receive_file(self._request, self._file)
            self.table = await asyncio.to_thread(Table, self._file, KNOWN)
            self._pieces = _pieces(self.table)
        piece = await asyncio.to_thread(next, self._pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}


def _pieces(table: Table) -> Iterator[bytes]:
    yield b"\n" * table.heading_row
    lines = (_line(table, row) for row in table.rows())
    while batch := list(islice(lines, _ROWS_AT_ONCE)):
        yield b"".join(batch)


def _line(table: Table, row: list[str]) -> bytes:
    given = table.columns.given(row)
    if "declarationId" in given:
        return b"\n"
    fields = {name: cell_value(name, cell) for name, cell in given.items() if name not in REPORT_COLUMNS}
    return _encode(fields) + b"\n" if fields else b"\n"


class _Answer:
    """Takes the verdicts that a bulk upload answers with, for the report."""

    def __init__(self, verdicts: BinaryIO) -> None:
        self._verdicts = verdicts
        self.status = 0

    async def send(self, message: Any) -> None:
        """Takes a message of the answer (ASGI)."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self._verdicts.write(message.get("body", b""))


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
