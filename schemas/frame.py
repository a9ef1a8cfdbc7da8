"""A frame: all that one flush of the journal accepted for one shard, encoded once (DESIGN.md, step 2).

Inside are two Arrow record batches, declaration versions and the fleets that they name, serialised without
their schemas (the format number stands for those), compressed together with a checksum. The worker turns them
into COPY and Parquet without a Python object per declaration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec
import numpy as np
import pyarrow as pa
import zstandard

from schemas.codes import ALIASES, country
from schemas.declaration import Declaration
from schemas.operator import OperatorCard
from schemas.rows import DECLARATION_VERSION, FLEET, INSTANT, UUID16

FORMAT = 1
#: No honest frame is larger: a thousand declarations with a fleet of 5 000 plates each.
MAX_FRAME_BYTES = 512 << 20


class FleetLike(Protocol):
    """What a frame needs of a judged fleet; `validate.fleet.Fleet` is one."""

    @property
    def fleet_id(self) -> bytes | None: ...
    @property
    def plates(self) -> tuple[str, ...]: ...
    @property
    def plate_keys(self) -> tuple[str, ...]: ...
    @property
    def weights(self) -> tuple[str, ...]: ...


class JudgedLike(Protocol):
    """What a frame needs of a judgement; `validate.judge.Judgement` is one."""

    @property
    def fleet(self) -> FleetLike: ...
    @property
    def cabotage(self) -> bool: ...
    @property
    def international(self) -> bool: ...
    @property
    def goods(self) -> bool: ...
    @property
    def passengers(self) -> bool: ...


class Entry(NamedTuple):
    """One accepted version on its way into a frame; instants in microseconds since 1970."""

    declaration: Declaration
    judged: JudgedLike
    card: OperatorCard
    declaration_id: bytes
    version: int
    withdrawn: bool
    accepted_at: int
    submitted_at: int


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


_COMPRESSOR = zstandard.ZstdCompressor(level=1, write_checksum=True)
_DECOMPRESSOR = zstandard.ZstdDecompressor()
_encode = msgspec.msgpack.Encoder().encode
_decode_envelope = msgspec.msgpack.Decoder(_Envelope).decode
_decode_batches = msgspec.msgpack.Decoder(tuple[bytes, bytes]).decode

_OWN = ("fleet_id", "driver_id")
_COPIED = tuple(
    name
    for name in DECLARATION_VERSION.names
    if name in Declaration.__struct_fields__ and name not in _OWN and name != "operator_id"
)
_copied = attrgetter(*_COPIED)
_COUNTRY_COLUMNS = frozenset(name for name in _COPIED if name.endswith(("_country", "_law")))
_FLAGS = ("cabotage", "international", "goods", "passengers")
_flags = attrgetter(*_FLAGS)


def encode_frame(entries: Sequence[Entry]) -> bytes:
    """Encodes what one flush accepted for a shard.

    `entries` are one to some thousands of versions in the order of acceptance. Returns the bytes of one frame.
    """
    declarations, judged, cards, ids, versions, withdrawn, accepted, submitted = zip(*entries, strict=True)
    columns: dict[str, pa.Array] = {
        name: _column(name, values)
        for name, values in zip(_COPIED, zip(*map(_copied, declarations), strict=True), strict=True)
    }
    for name, values in zip(_FLAGS, zip(*map(_flags, judged), strict=True), strict=True):
        columns[name] = pa.array(values, pa.bool_())
    operators = [card.operator_id for card in cards]
    fleet_ids = [judgement.fleet.fleet_id for judgement in judged]
    columns |= {
        "declaration_id": _ids(ids),
        "version": pa.array(versions, pa.int32()),
        "operator_id": _ids(operators),
        "operator_country": pa.array([card.country for card in cards], pa.string()),
        "withdrawn": pa.array(withdrawn, pa.bool_()),
        "accepted_at": _instants(accepted),
        "submitted_at": _instants(submitted),
        "fleet_id": pa.array(fleet_ids, UUID16),
        "driver_id": _driver_ids([declaration.driver_id for declaration in declarations]),
    }
    batch = pa.RecordBatch.from_arrays(
        [columns[name] for name in DECLARATION_VERSION.names], schema=DECLARATION_VERSION
    )
    distinct = dict(zip(zip(operators, fleet_ids, strict=True), zip(judged, accepted, strict=True), strict=True))
    fleets = [
        (operator, fleet_id, judgement.fleet, at)
        for (operator, fleet_id), (judgement, at) in distinct.items()
        if fleet_id is not None
    ]
    inside = _encode((bytes(batch.serialize()), bytes(_fleet_batch(fleets).serialize())))
    return _encode(_Envelope(FORMAT, len(entries), min(ids), max(ids), _COMPRESSOR.compress(inside)))


class FrameIndex(NamedTuple):
    """What is said about a frame beside it, for reads before it is stored."""

    rows: int
    first_id: bytes
    last_id: bytes
    operators: frozenset[bytes]


def encode_index(entries: Sequence[Entry]) -> bytes:
    """Encodes a frame's index entry: rows (4 bytes), first and last id, then the distinct operators' ids."""
    ids = [entry.declaration_id for entry in entries]
    operators = dict.fromkeys(entry.card.operator_id for entry in entries)
    return b"".join([len(entries).to_bytes(4), min(ids), max(ids), *operators])


def decode_index(data: bytes) -> FrameIndex:
    """Reads a frame's index entry back."""
    operators = frozenset(data[at : at + 16] for at in range(36, len(data), 16))
    return FrameIndex(int.from_bytes(data[:4]), data[4:20], data[20:36], operators)


def decode_frame(data: bytes) -> Frame:
    """Reads a frame back. Raises `UnreadableFrameError` if it is damaged or of another format."""
    try:
        envelope = _decode_envelope(data)
        if envelope.format != FORMAT:
            raise UnreadableFrameError(f"frame format {envelope.format} is not known; {FORMAT} is")
        inside = _DECOMPRESSOR.decompress(envelope.batches, max_output_size=MAX_FRAME_BYTES)
        versions, fleets = _decode_batches(inside)
        frame = Frame(
            envelope.rows,
            envelope.first_id,
            envelope.last_id,
            pa.ipc.read_record_batch(pa.py_buffer(versions), DECLARATION_VERSION),
            pa.ipc.read_record_batch(pa.py_buffer(fleets), FLEET),
        )
        frame.declarations.validate(full=True)
        frame.fleets.validate(full=True)
    except (msgspec.MsgspecError, zstandard.ZstdError, pa.ArrowException, OSError) as error:
        raise UnreadableFrameError(str(error)) from error
    if frame.declarations.num_rows != frame.rows:
        raise UnreadableFrameError(f"{frame.declarations.num_rows} rows where the frame names {frame.rows}")
    return frame


def _column(name: str, values: tuple[object, ...]) -> pa.Array:
    if name in _COUNTRY_COLUMNS and not ALIASES.keys().isdisjoint(values):
        values = tuple(country(value) if isinstance(value, str) else value for value in values)
    return pa.array(values, DECLARATION_VERSION.field(name).type)


def _ids(values: Sequence[bytes]) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(UUID16, len(values), [None, pa.py_buffer(b"".join(values))])


def _instants(values: Sequence[int]) -> pa.Array:
    buffer = pa.py_buffer(np.fromiter(values, np.int64, len(values)))
    return pa.Array.from_buffers(INSTANT, len(values), [None, buffer])


def _driver_ids(values: Sequence[str | None]) -> pa.Array:
    if not any(values):
        return pa.nulls(len(values), UUID16)
    return pa.array([UUID(value).bytes if value else None for value in values], UUID16)


def _fleet_batch(fleets: Sequence[tuple[bytes, bytes, FleetLike, int]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [
            _ids([operator for operator, _, _, _ in fleets]),
            _ids([fleet_id for _, fleet_id, _, _ in fleets]),
            _instants([at for _, _, _, at in fleets]),
            pa.array([fleet.plates for _, _, fleet, _ in fleets], pa.list_(pa.string())),
            pa.array([fleet.plate_keys for _, _, fleet, _ in fleets], pa.list_(pa.string())),
            pa.array([fleet.weights for _, _, fleet, _ in fleets], pa.list_(pa.string())),
        ],
        schema=FLEET,
    )
