"""A frame: all that one flush of the journal accepted for one shard, encoded once (DESIGN.md, step 2).

Inside are two Arrow record batches, declaration versions and the fleets that they name, serialised without
their schemas (the format number stands for those), compressed together with a checksum. The worker turns them
into COPY and Parquet without a Python object per declaration.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
import numpy as np
import pyarrow as pa
import zstandard
from msgspec.structs import astuple

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


class CarriageLike(Protocol):
    """What a frame needs of a judged carriage; `validate.carriage.Carriage` is one."""

    @property
    def cabotage(self) -> bool: ...
    @property
    def international(self) -> bool: ...
    @property
    def goods(self) -> bool: ...
    @property
    def passengers(self) -> bool: ...


class JudgedLike(CarriageLike, Protocol):
    """What a frame needs of a judgement; `validate.judge.Judgement` is one."""

    @property
    def fleet(self) -> FleetLike: ...


class Entries:
    """Accepted versions on their way into a frame, column by column: one list entry for each version.

    `rows` are the declarations taken apart (`msgspec.structs.astuple`), instants microseconds since 1970,
    ids 16 bytes.
    """

    __slots__ = (
        "accepted_at",
        "cards",
        "carriages",
        "declaration_ids",
        "fleets",
        "rows",
        "submitted_at",
        "versions",
        "withdrawn",
    )

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.carriages: list[CarriageLike] = []
        self.fleets: list[FleetLike] = []
        self.cards: list[OperatorCard] = []
        self.declaration_ids: list[bytes] = []
        self.versions: list[int] = []
        self.withdrawn: list[bool] = []
        self.accepted_at: list[int] = []
        self.submitted_at: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, entry: "Entry") -> None:
        """Adds one version."""
        self.rows.append(astuple(entry.declaration))
        self.carriages.append(entry.judged)
        self.fleets.append(entry.judged.fleet)
        self.cards.append(entry.card)
        self.declaration_ids.append(entry.declaration_id)
        self._complete(entry.version, entry.withdrawn, entry.accepted_at, entry.submitted_at)

    def add_first(
        self,
        at: int,
        rows: Iterable[tuple[Any, ...]],
        carriages: Iterable[CarriageLike],
        fleets: Iterable[FleetLike],
        cards: Iterable[OperatorCard],
        declaration_ids: Iterable[bytes],
    ) -> None:
        """Adds the first versions of some declarations, accepted and submitted at `at`."""
        self.rows.extend(rows)
        self.carriages.extend(carriages)
        self.fleets.extend(fleets)
        self.cards.extend(cards)
        self.declaration_ids.extend(declaration_ids)
        self._complete(1, False, at, at)

    def _complete(self, version: int, withdrawn: bool, accepted_at: int, submitted_at: int) -> None:
        """Gives the same version and instants to all that have none yet."""
        missing = len(self.rows) - len(self.versions)
        self.versions += [version] * missing
        self.withdrawn += [withdrawn] * missing
        self.accepted_at += [accepted_at] * missing
        self.submitted_at += [submitted_at] * missing


class Entry(NamedTuple):
    """One accepted version; instants in microseconds since 1970, id 16 bytes."""

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

_FIELDS = Declaration.__struct_fields__
_OWN = ("fleet_id", "driver_id", "named_fleet_id")
_COPIED = tuple(
    name for name in DECLARATION_VERSION.names if name in _FIELDS and name not in _OWN and name != "operator_id"
)
_COUNTRY_COLUMNS = frozenset(name for name in _COPIED if name.endswith(("_country", "_law")))
_kinds = attrgetter("cabotage", "international", "goods", "passengers")


def encode_frame(entries: Entries) -> bytes:
    """Encodes what one flush accepted for a shard.

    `entries` are one to some thousands of versions in the order of acceptance. Returns the bytes of one frame.
    """
    ids = entries.declaration_ids
    fields = dict(zip(_FIELDS, zip(*entries.rows, strict=True), strict=True))
    cabotage, international, goods, passengers = zip(*map(_kinds, entries.carriages), strict=True)
    operators = [card.operator_id for card in entries.cards]
    fleet_ids = [fleet.fleet_id for fleet in entries.fleets]
    columns = {name: _column(name, fields[name]) for name in _COPIED}
    columns |= {
        "declaration_id": _ids(ids),
        "version": pa.array(entries.versions, pa.int32()),
        "operator_id": _ids(operators),
        "operator_country": pa.array([card.country for card in entries.cards], pa.string()),
        "withdrawn": pa.array(entries.withdrawn, pa.bool_()),
        "accepted_at": _instants(entries.accepted_at),
        "submitted_at": _instants(entries.submitted_at),
        "cabotage": pa.array(cabotage, pa.bool_()),
        "international": pa.array(international, pa.bool_()),
        "goods": pa.array(goods, pa.bool_()),
        "passengers": pa.array(passengers, pa.bool_()),
        "fleet_id": pa.array(fleet_ids, UUID16),
        "driver_id": _named(fields["driver_id"]),
        "named_fleet_id": _named(fields["named_fleet_id"]),
    }
    batch = pa.RecordBatch.from_arrays(
        [columns[name] for name in DECLARATION_VERSION.names], schema=DECLARATION_VERSION
    )
    fleets = _fleet_batch(operators, fleet_ids, entries)
    inside = _encode((bytes(batch.serialize()), bytes(fleets.serialize())))
    return _encode(_Envelope(FORMAT, len(entries), min(ids), max(ids), _COMPRESSOR.compress(inside)))


class FrameIndex(NamedTuple):
    """What is said about a frame beside it, for reads before it is stored."""

    rows: int
    first_id: bytes
    last_id: bytes
    operators: frozenset[bytes]


def encode_index(entries: Entries) -> bytes:
    """Encodes a frame's index entry: rows (4 bytes), first and last id, then the distinct operators' ids."""
    ids = entries.declaration_ids
    operators = dict.fromkeys([card.operator_id for card in entries.cards])
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


def _named(values: Sequence[str | None]) -> pa.Array:
    if not any(values):
        return pa.nulls(len(values), UUID16)
    return pa.array([UUID(value).bytes if value else None for value in values], UUID16)


def _fleet_batch(operators: list[bytes], fleet_ids: list[bytes | None], entries: Entries) -> pa.RecordBatch:
    """Gives each fleet that is named, once for each operator."""
    keys = zip(operators, fleet_ids, strict=True)
    distinct = dict(zip(keys, zip(entries.fleets, entries.accepted_at, strict=True), strict=True))
    named = [
        (operator, fleet_id, fleet, at)
        for (operator, fleet_id), (fleet, at) in distinct.items()
        if fleet_id is not None
    ]
    return pa.RecordBatch.from_arrays(
        [
            _ids([operator for operator, _, _, _ in named]),
            _ids([fleet_id for _, fleet_id, _, _ in named]),
            _instants([at for _, _, _, at in named]),
            pa.array([fleet.plates for _, _, fleet, _ in named], pa.list_(pa.string())),
            pa.array([fleet.plate_keys for _, _, fleet, _ in named], pa.list_(pa.string())),
            pa.array([fleet.weights for _, _, fleet, _ in named], pa.list_(pa.string())),
        ],
        schema=FLEET,
    )
