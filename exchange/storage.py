"""Where files lie: one interface over a folder or an object storage (S3), by the address of the settings.

A part is written once and never changed; a kept file is made of its parts. Only names that we made are paths.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

#: What is held in memory of a file on its way.
PIECE_BYTES = 1 << 20
Result = TypeVar("Result")


class Storage:
    """Files below one address: a folder, or `s3://bucket/prefix?region=...&endpoint_override=...`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opened: FileSystem | None = None

    async def write_part(self, upload_id: UUID, start: int, pieces: AsyncIterator[bytes]) -> tuple[str, int]:
        """Writes what comes as one part; gives its path and its bytes. What came before an error is kept."""
        path, written = f"parts/{upload_id}/{start:012d}-{uuid4().hex}", 0
        stream = await asyncio.to_thread(self._open_output, path)
        try:
            async for piece in pieces:
                await asyncio.to_thread(stream.write, piece)
                written += len(piece)
        finally:
            await asyncio.to_thread(self._close, stream, path)
        return path, written

    async def join(self, paths: Sequence[str], upload_id: UUID) -> str:
        """Makes the parts of an upload into one kept file; gives its path."""
        return await asyncio.to_thread(self._join, paths, upload_id)

    async def look_at(self, path: str, look: Callable[[BinaryIO], Result]) -> Result:
        """Gives what `look` finds in a file that it may read and seek in."""
        return await asyncio.to_thread(self._look_at, path, look)

    async def pieces(self, path: str) -> AsyncIterator[bytes]:
        """Reads a kept file piece by piece."""
        stream = await asyncio.to_thread(self._open_input, path)
        try:
            while piece := await asyncio.to_thread(stream.read, PIECE_BYTES):
                yield piece
        finally:
            await asyncio.to_thread(stream.close)

    async def remove(self, paths: Sequence[str]) -> None:
        """Removes files; those that are gone already do not matter."""
        await asyncio.to_thread(self._remove, paths)

    @property
    def _files(self) -> "FileSystem":
        if self._opened is None:
            self._opened = _open(self._address)
        return self._opened

    def _open_output(self, path: str) -> BinaryIO:
        self._files.create_dir(os.path.dirname(path), recursive=True)
        stream: BinaryIO = self._files.open_output_stream(path)
        return stream

    def _open_input(self, path: str) -> BinaryIO:
        stream: BinaryIO = self._files.open_input_stream(path)
        return stream

    def _close(self, stream: BinaryIO, path: str) -> None:
        stream.close()
        self._to_disk(path)

    def _join(self, paths: Sequence[str], upload_id: UUID) -> str:
        kept = f"kept/{upload_id.hex[-2:]}/{upload_id}"
        self._files.create_dir(os.path.dirname(kept), recursive=True)
        if len(paths) == 1:
            try:
                self._files.move(paths[0], kept)
            except FileNotFoundError:  # a crash came between the move and its entry in the register
                self._files.open_input_stream(kept).close()
        else:
            with self._files.open_output_stream(kept) as whole:
                for path in paths:
                    for piece in _pieces(self._files, path):
                        whole.write(piece)
        self._to_disk(kept)
        return kept

    def _look_at(self, path: str, look: Callable[[BinaryIO], Result]) -> Result:
        with self._files.open_input_file(path) as file:
            return look(file)

    def _remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            with suppress(FileNotFoundError):
                self._files.delete_file(path)

    def _to_disk(self, path: str) -> None:
        """Makes a file of a folder survive a loss of power; an object storage has done so when it closed the file."""
        if "://" in self._address:
            return
        whole = Path(self._address) / path
        for one in (whole, whole.parent):
            handle = os.open(one, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _open(address: str) -> "FileSystem":
    from pyarrow import fs  # asked for by those who store files, not by every process

    if "://" not in address:
        Path(address).mkdir(parents=True, exist_ok=True)
        return fs.SubTreeFileSystem(str(Path(address).absolute()), fs.LocalFileSystem())
    files, path = fs.FileSystem.from_uri(address)
    return fs.SubTreeFileSystem(path, files)


def _pieces(files: "FileSystem", path: str) -> Iterator[bytes]:
    with files.open_input_stream(path) as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece
