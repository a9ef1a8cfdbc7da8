"""A frame: all that one flush of the journal accepted for one shard, encoded once (DESIGN.md, step 2).

Inside are two Arrow record batches, declaration versions and the fleets that they name, serialised without
their schemas (the format number stands for those), compressed together with a checksum. The worker turns them
into COPY and Parquet without a Python object per declaration. Few versions are another format, `schemas/few.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import msgspec
import pyarrow as pa
import zstandard

from schemas.batches import distinct_fleets, fleets_batch, versions_batch
from schemas.entries import Entries, Entry
from schemas.few import FEW, decode_few, encode_few
from schemas.rows import DECLARATION_VERSION, FLEET

__all__ = [
    "Entries",
    "Entry",
    "Frame",
    "FrameIndex",
    "UnreadableFrameError",
    "decode_frame",
    "decode_frames",
    "decode_index",
    "encode_batches",
    "encode_frame",
    "encode_index",
    "encode_index_of",
]

FORMAT = 1
FORMAT_OF_FEW = 2
#: No honest frame is larger: a thousand declarations with a fleet of 5 000 plates each.
MAX_FRAME_BYTES = 512 << 20


class UnreadableFrameError(ValueError):
    """A frame's bytes are damaged or of a format that this release does not know."""


class _Envelope(msgspec.Struct, array_like=True):
    format: int
    rows: int
    first_id: bytes
    last_id: bytes
    batches: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame read back: `declarations` as DECLARATION_VERSION, `fleets` as FLEET (distinct in the frame)."""

    rows: int
    first_id: bytes
    last_id: bytes
    declarations: pa.RecordBatch
    fleets: pa.RecordBatch


#: Of the levels that zstd calls fast: half the CPU of level 1 for frames two fifths larger, which live for seconds.
_COMPRESSOR = zstandard.ZstdCompressor(level=-3, write_checksum=True)
_DECOMPRESSOR = zstandard.ZstdDecompressor()
_encode = msgspec.msgpack.Encoder().encode
_decode_envelope = msgspec.msgpack.Decoder(_Envelope).decode
_decode_batches = msgspec.msgpack.Decoder(tuple[bytes, bytes]).decode

_DAMAGED = (msgspec.MsgspecError, zstandard.ZstdError, pa.ArrowException, OSError, IndexError)


def encode_frame(entries: Entries) -> bytes:
    """Encodes what one flush accepted for a shard.

    `entries` are one to some thousands of versions in the order of acceptance. Returns the bytes of one frame.
    """
    ids = entries.declaration_ids
    if len(entries) > FEW:
        return encode_batches(versions_batch(entries), fleets_batch(distinct_fleets(entries)), min(ids), max(ids))
    return _encode(
        _Envelope(FORMAT_OF_FEW, len(entries), min(ids), max(ids), _COMPRESSOR.compress(encode_few(entries)))
    )


def encode_batches(versions: pa.RecordBatch, fleets: pa.RecordBatch, first_id: bytes, last_id: bytes) -> bytes:
    """Encodes a frame's two batches (DECLARATION_VERSION, FLEET), with the least and the greatest id in it."""
    inside = _encode((memoryview(versions.serialize()), memoryview(fleets.serialize())))
    return _encode(_Envelope(FORMAT, versions.num_rows, first_id, last_id, _COMPRESSOR.compress(inside)))


class FrameIndex(NamedTuple):
    """What is said about a frame beside it, for reads before it is stored."""

    rows: int
    first_id: bytes
    last_id: bytes
    operators: frozenset[bytes]


def encode_index(entries: Entries) -> bytes:
    """Encodes a frame's index entry: rows (4 bytes), first and last id, then the distinct operators' ids."""
    ids = entries.declaration_ids
    return encode_index_of(len(entries), min(ids), max(ids), [card.operator_id for card in entries.cards])


def encode_index_of(rows: int, first_id: bytes, last_id: bytes, operators: Iterable[bytes]) -> bytes:
    """Encodes a frame's index entry from what it says; operators may be named more than once."""
    return b"".join([rows.to_bytes(4), first_id, last_id, *dict.fromkeys(operators)])


def decode_index(data: bytes) -> FrameIndex:
    """Reads a frame's index entry back."""
    operators = frozenset(data[at : at + 16] for at in range(36, len(data), 16))
    return FrameIndex(int.from_bytes(data[:4]), data[4:20], data[20:36], operators)


def decode_frame(data: bytes) -> Frame:
    """Reads a frame back. Raises `UnreadableFrameError` if it is damaged or of another format."""
    (frame,) = decode_frames([data])
    if isinstance(frame, UnreadableFrameError):
        raise frame
    return frame


def decode_frames(frames: Sequence[bytes]) -> list[Frame | UnreadableFrameError]:
    """Reads frames back, in their order; what is damaged or of another format is the error that says so.

    Those of few versions share their columns, so that many of them cost what one large frame does.
    """
    read: dict[int, Frame | UnreadableFrameError] = {}
    few: dict[int, tuple[_Envelope, Entries]] = {}
    for place, data in enumerate(frames):
        try:
            envelope, inside = _open(data)
            if envelope.format == FORMAT:
                read[place] = _frame_of(envelope, *_columns_in(inside))
            else:
                entries = decode_few(inside)
                _check_rows(envelope, len(entries))
                few[place] = envelope, entries
        except UnreadableFrameError as error:
            read[place] = error
        except _DAMAGED as error:
            read[place] = UnreadableFrameError(str(error))
    read.update(zip(few, _frames_of_few(list(few.values())), strict=True))
    return [read[place] for place in range(len(frames))]


def _open(data: bytes) -> tuple[_Envelope, bytes]:
    envelope = _decode_envelope(data)
    if envelope.format not in (FORMAT, FORMAT_OF_FEW):
        known = f"{FORMAT} and {FORMAT_OF_FEW} are"
        raise UnreadableFrameError(f"frame format {envelope.format} is not known; {known}")
    return envelope, _DECOMPRESSOR.decompress(envelope.batches, max_output_size=MAX_FRAME_BYTES)


def _columns_in(inside: bytes) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    versions, fleets = (pa.py_buffer(part) for part in _decode_batches(inside))
    batches = (pa.ipc.read_record_batch(versions, DECLARATION_VERSION), pa.ipc.read_record_batch(fleets, FLEET))
    for batch in batches:
        batch.validate(full=True)
    return batches


def _frames_of_few(few: Sequence[tuple[_Envelope, Entries]]) -> Iterator[Frame]:
    """Makes frames of few versions, all columns at once."""
    if not few:
        return
    entries, fleets = Entries(), [distinct_fleets(each) for _, each in few]
    for _, each in few:
        entries.extend(each)
    versions, named = versions_batch(entries), fleets_batch(list(chain.from_iterable(fleets)))
    at = at_fleet = 0
    for (envelope, each), own in zip(few, fleets, strict=True):
        yield _frame_of(envelope, versions.slice(at, len(each)), named.slice(at_fleet, len(own)))
        at, at_fleet = at + len(each), at_fleet + len(own)


def _frame_of(envelope: _Envelope, versions: pa.RecordBatch, fleets: pa.RecordBatch) -> Frame:
    _check_rows(envelope, versions.num_rows)
    return Frame(envelope.rows, envelope.first_id, envelope.last_id, versions, fleets)


def _check_rows(envelope: _Envelope, rows: int) -> None:
    if rows != envelope.rows:
        raise UnreadableFrameError(f"{rows} rows where the frame names {envelope.rows}")
