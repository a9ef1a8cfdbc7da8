"""A file on its way in: spooled to disk, since a workbook is read from its end, and a report reads it twice."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from ingest.body import unpacked
from ingest.files.columns import Columns, recognise
from ingest.files.sheets import Row, format_of, rows_of
from ingest.http import RefusedError, Request

_IN_MEMORY = 8 << 20
MOST_MEGABYTES = 1024
_HEADING_AMONG = 20


@contextmanager
def spool() -> Iterator[BinaryIO]:
    """Opens a temporary file that stays in memory while it is small."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        yield cast(BinaryIO, file)


async def receive_file(request: Request, file: BinaryIO) -> None:
    """Writes a request's body to a file. Raises `RefusedError` (file_too_large) and what `unpacked` raises."""
    size = 0
    async for data in unpacked(request.receive, request.header(b"content-encoding").lower()):
        size += len(data)
        if size > MOST_MEGABYTES << 20:
            raise RefusedError("file_too_large", maximum=MOST_MEGABYTES, unit="MB")
        file.write(data)


class Table:
    """A file with its heading found; `heading_row` counts from 1, as a spreadsheet does."""

    def __init__(self, file: BinaryIO, known: dict[str, str]) -> None:
        self._file = file
        self.format = format_of(file)
        self.heading_row, self.heading = self._find_heading()
        self.columns: Columns = recognise(self.heading, known)

    def rows(self) -> Iterator[Row]:
        """Reads the rows after the heading."""
        for number, row in enumerate(rows_of(self._file, self.format), 1):
            if number > self.heading_row:
                yield row

    def _find_heading(self) -> tuple[int, Row]:
        for number, row in enumerate(rows_of(self._file, self.format), 1):
            if any(row):
                return number, row
            if number >= _HEADING_AMONG:
                break
        raise RefusedError("file_empty")
