"""Records that are changed in place (drivers, vehicles, fleets): their revision is their entity tag."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ingest.http import Request

Row = Mapping[str, Any]
_encode = msgspec.json.Encoder().encode


def etag(row: Row) -> str:
    """Gives a record's entity tag."""
    return f'"{row["revision"]}"'


async def answer_record(request: Request, status: int, record: Any, row: Row) -> None:
    """Answers a record that was made or changed, with its entity tag."""
    await request.answer(status, _encode(record), b"application/json", (b"etag", etag(row).encode()))


async def answer_read(request: Request, record: Any, row: Row) -> None:
    """Answers a record that was read, or 304 to a client that has it already."""
    await request.answer_unless_known(_encode(record), etag(row))
