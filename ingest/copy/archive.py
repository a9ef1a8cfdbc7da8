"""Many copies as one ZIP, written while it is sent: the memory it takes does not grow with their number."""

import asyncio
import io
import itertools
import zipfile
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Sequence

from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter

#: Characters that some file system does not take in a name.
_FORBIDDEN = str.maketrans(dict.fromkeys('/\\:*?"<>|', " ") | {chr(code): " " for code in range(32)})


class _Pipe(io.RawIOBase):
    """What `zipfile` writes to and the archive is taken from; it cannot seek, so nothing is kept back."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        return taken


def file_name(copy: Copy) -> str:
    """Names a copy's file: a folder for each driver, then posting country and number of the declaration."""
    driver = f"{copy.driver_last_name or ''} {copy.driver_first_name or ''}".translate(_FORBIDDEN)
    folder = " ".join(driver.split()).lstrip(".")
    name = f"{copy.posting_country} {copy.number}.pdf"
    return f"{folder}/{name}" if folder else name


async def archive(
    copies: AsyncIterable[Copy], typesetters: Sequence[Typesetter], language: str
) -> AsyncIterator[bytes]:
    """Gives a ZIP of the copies' PDFs piece by piece, each typesetter at work in a thread of its own.

    At any time no more copies are held than there are typesetters.
    """
    pipe = _Pipe()
    at_work: deque[tuple[Copy, asyncio.Task[bytes]]] = deque()
    turns = itertools.cycle(typesetters)
    try:
        with zipfile.ZipFile(pipe, "w") as zipped:  # stored as they are: a PDF is compressed already
            async for copy in copies:
                if len(at_work) == len(typesetters):
                    yield await _store(zipped, pipe, *at_work.popleft())
                work = asyncio.to_thread(next(turns).pdf, copy, language)
                at_work.append((copy, asyncio.create_task(work)))
            while at_work:
                yield await _store(zipped, pipe, *at_work.popleft())
        yield pipe.take()
    finally:  # the reader went away, or a copy could not be made
        for _, task in at_work:
            task.cancel()


async def _store(zipped: zipfile.ZipFile, pipe: _Pipe, copy: Copy, pdf: asyncio.Task[bytes]) -> bytes:
    entry = zipfile.ZipInfo(file_name(copy), copy.accepted_at.timetuple()[:6])
    zipped.writestr(entry, await pdf)
    return pipe.take()
