"""Receipts in a file: one JSON object a line, after a first line that says of which run and input they are."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

import msgspec
from msgspec import Struct

from rtpd.client import Answer, Chunk


class ReceiptsError(ValueError):
    """The file of receipts does not fit what is to be submitted."""


class Run(Struct, frozen=True, rename="camel"):
    """What the receipts are of: `run` begins every idempotency key; `bytes` is the input's size, if known."""

    run: str
    lines_each: int
    bytes: int | None = None


class RefusedLine(Struct, frozen=True):
    """A line of a submission that the receipt does not cover, counted from 1 in the submission."""

    line: int


class StoredReceipt(Struct, frozen=True, rename="camel"):
    """A receipt as intake signed it, without which lines (`problems`), and for which lines of the input it is."""

    submission_id: str
    received_at: str
    accepted: int
    refused: int
    warned: int
    digest: str
    key_id: str
    signature: str
    chunk: int
    first_line: int
    lines: int
    idempotency_key: str
    problems: list[RefusedLine] = []


class ReceiptsFile:
    """A file of receipts being written; a receipt is on disk before the next line is looked at."""

    def __init__(self, path: Path, file: BinaryIO, run: Run, done: frozenset[int]) -> None:
        self.path = path
        self._file = file
        self.run = run
        self.done = done

    @classmethod
    def begin(cls, path: Path, run: Run) -> Self:
        """Starts a fresh file. Raises `ReceiptsError` if there is one already."""
        try:
            file = path.open("xb")
        except FileExistsError:
            raise ReceiptsError(f"{path} exists: name another file, or go on with it by --resume") from None
        written = cls(path, file, run, frozenset())
        written._write(run)
        return written

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Goes on with a file; a receipt that was only half written is cut off."""
        file = path.open("r+b")
        whole = path.read_bytes().rpartition(b"\n")[0]
        lines = whole.split(b"\n")
        try:
            run = msgspec.json.decode(lines[0], type=Run)
            done = frozenset(msgspec.json.decode(line, type=StoredReceipt).chunk for line in lines[1:])
        except msgspec.DecodeError as error:
            raise ReceiptsError(f"{path} is no file of receipts: {error}") from error
        file.seek(len(whole) + 1)
        file.truncate()
        return cls(path, file, run, done)

    def add(self, chunk: Chunk, answer: Answer, key: str) -> None:
        """Writes one receipt."""
        receipt = {name: getattr(answer, name) for name in _SIGNED}
        self._write(
            StoredReceipt(
                **receipt,
                chunk=chunk.number,
                first_line=chunk.first_line,
                lines=chunk.lines,
                idempotency_key=key,
                problems=[RefusedLine(finding.line) for finding in answer.problems],
            )
        )

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _write(self, value: Struct) -> None:
        self._file.write(msgspec.json.encode(value) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


_SIGNED = ("submission_id", "received_at", "accepted", "refused", "warned", "digest", "key_id", "signature")


def read_receipts(path: Path) -> Iterator[StoredReceipt]:
    """Gives the receipts of a file, one after another; the line about the run is passed over."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number:
                yield msgspec.json.decode(line, type=StoredReceipt)
