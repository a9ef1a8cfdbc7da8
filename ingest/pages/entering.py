"""What people enter in forms, as the API takes it."""

import re
from collections.abc import AsyncIterator

from litestar.datastructures import UploadFile

_PIECE = 256 << 10
_SEPARATED = re.compile(r"[\r\n;,]+")


def lines_of(text: str) -> list[str]:
    """Gives the entries of a field that takes one a line; commas and semicolons separate too."""
    return [line.strip() for line in _SEPARATED.split(text) if line.strip()]


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """Gives a file piece by piece."""
    while piece := await file.read(_PIECE):
        yield piece
