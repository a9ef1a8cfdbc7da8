"""A fuzz target: whatever bytes come, a decoder gives what it is for or the error that it names, and nothing else.

`make fuzz` feeds it for a minute with coverage as its guide (atheris, where that can be installed), else with bytes
made up by hypothesis. A find is a file `crash-*`; `python -m tests.fuzz.decoders crash-…` shows it again.
"""

import asyncio
import io
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.catalogue import document_types
from exchange.media import examine, safe_name
from ingest.body import BodyError, blocks
from ingest.files.sheets import format_of, rows_of
from ingest.http import RefusedError
from reports.roadside import pack
from schemas.columns import columns_of
from schemas.frame import UnreadableFrameError, decode_frame
from schemas.identity import InvalidNumberError, parse_number
from validate import seal
from validate.contract import explain
from validate.file import UnreadableFileError, judge_file
from validate.plates import loose_key, plate_key

_KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key()
_MOST_BYTES = 4_096


def _lines(data: bytes) -> None:
    for _ in judge_file(io.BytesIO(data), as_csv=False, establishment="PL", received_on=date(2026, 3, 1)):
        pass
    for line in data.splitlines():
        explain(line)
    columns_of(data + b"\n")


def _table(data: bytes) -> None:
    for _ in judge_file(io.BytesIO(data), as_csv=True, establishment="PL", received_on=date(2026, 3, 1)):
        pass


def _sheet(data: bytes) -> None:
    file = io.BytesIO(data)
    for _ in rows_of(file, format_of(file)):
        pass


def _stream(data: bytes) -> None:
    async def read(encoding: str) -> None:
        waiting = [{"type": "http.request", "body": data, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop()

        async for _ in blocks(receive, encoding):
            pass

    for encoding in ("", "gzip", "zstd"):
        with suppress(BodyError):
            asyncio.run(read(encoding))


def _text(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    plate_key(text)
    loose_key(text)
    safe_name(text)
    with suppress(InvalidNumberError):
        parse_number(text, b"\x07" * 32)
    with suppress(seal.SealError):
        seal.verify(text, [_KEY])


def _document(data: bytes) -> None:
    for document_type in document_types():
        with suppress(RefusedError):
            examine(io.BytesIO(data), document_type)


#: Each decoder, with the errors by which it may refuse.
DECODERS: dict[str, tuple[Callable[[bytes], Any], tuple[type[Exception], ...]]] = {
    "lines": (_lines, (UnreadableFileError,)),
    "table": (_table, (UnreadableFileError,)),
    "sheet": (_sheet, (RefusedError,)),
    "stream": (_stream, ()),
    "text": (_text, ()),
    "document": (_document, ()),
    "frame": (decode_frame, (UnreadableFrameError,)),
    "pack": (lambda data: pack.read(data, [_KEY]), (pack.PackError,)),
}
_NAMES = sorted(DECODERS)


def feed(name: str, data: bytes) -> None:
    """Gives bytes to one decoder; raises what it does not name."""
    decoder, refusals = DECODERS[name]
    with suppress(*refusals):
        decoder(data)


def _one(data: bytes) -> None:
    """Takes the decoder out of the first byte, as a fuzzer knows only bytes."""
    if data:
        feed(_NAMES[data[0] % len(_NAMES)], data[1:])


def main() -> None:
    """Runs atheris with its own arguments, else hypothesis for some thousand examples."""
    try:
        import atheris
    except ImportError:
        from hypothesis import given, settings
        from hypothesis import strategies as st

        given(st.binary(max_size=_MOST_BYTES))(settings(max_examples=20_000, deadline=None, database=None)(_one))()
        return
    atheris.instrument_all()
    atheris.Setup(sys.argv, _one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
