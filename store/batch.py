"""A batch: the frames of one drain as tables, ready for COPY and for Parquet. No Python object a declaration."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pgpq
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from asyncpg.pgproto.pgproto import UUID

from schemas.frame import Frame
from schemas.rows import DECLARATION_VERSION, FLEET, FLEET_PLATE, UUID16, in_lake
from store.runs import bytes_of, id_array, runs_of

#: Rows of operator_span for one batch (schemas/migrations/0001_pipeline.sql).
OPERATOR_SPAN = pa.schema(
    [
        pa.field("operator_id", UUID16, nullable=False),
        pa.field("first_id", UUID16, nullable=False),
        pa.field("last_id", UUID16, nullable=False),
        pa.field("batch_id", pa.int64(), nullable=False),
        pa.field("rows", pa.int32(), nullable=False),
    ]
)
#: Columns of few values, worth a dictionary in Parquet; of the others it is made and thrown away again.
_OF_FEW_VALUES = [
    "version",
    "operator_id",
    "operator_country",
    "accepted_at",
    "submitted_at",
    "posting_country",
    "start_date",
    "end_date",
    "driver_document_type",
    "driver_document_country",
    "driver_country",
    "driver_applicable_law",
    "contact_country",
    "weight",
    "declared_at",
]
#: Columns that look-ups are narrowed by; of the others least and greatest would be found for nothing.
_SOUGHT = frozenset(
    (
        "declaration_id",
        "operator_id",
        "posting_country",
        "start_date",
        "end_date",
        "accepted_at",
        "fleet_id",
        "plate_key",
    )
)
_ROWS_A_PIECE = 2_048


@dataclass(frozen=True, slots=True, order=True)
class FrameId:
    """The place of a frame in its shard's stream, as Redis gives it: milliseconds and sequence."""

    ms: int
    seq: int

    @classmethod
    def parse(cls, text: bytes) -> "FrameId":
        ms, seq = text.split(b"-")
        return cls(int(ms), int(seq))


@dataclass(frozen=True, slots=True)
class DeliveredFrame:
    """A frame with its place in the stream."""

    frame_id: FrameId
    frame: Frame


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A Parquet file on its way into the lake: `path` relative to the lake, `size` in bytes."""

    path: str
    lake_table: str
    rows: int
    size: int


def declarations_of(frames: Sequence[DeliveredFrame]) -> pa.RecordBatch:
    """Joins the frames' declaration versions into one batch (DECLARATION_VERSION)."""
    return _joined([delivered.frame.declarations for delivered in frames], DECLARATION_VERSION)


def fleets_of(frames: Sequence[DeliveredFrame], known: set[bytes]) -> tuple[pa.RecordBatch, list[bytes]]:
    """Joins the fleets (FLEET) that are not in `known`, each once; keys are operator id and fleet id together."""
    found: set[bytes] = set()
    new: list[pa.RecordBatch] = []
    for fleets in (delivered.frame.fleets for delivered in frames):
        places = []
        for place, key in enumerate(fleet_keys(fleets)):
            if key not in known and key not in found:
                found.add(key)
                places.append(place)
        if places:
            new.append(fleets if len(places) == fleets.num_rows else fleets.take(pa.array(places, pa.int64())))
    return _joined(new, FLEET), list(found)


def fleet_keys(fleets: pa.RecordBatch) -> list[bytes]:
    """Gives each fleet's key: 16 bytes operator id, 16 bytes fleet id."""
    both = np.hstack([bytes_of(fleets.column(name)) for name in ("operator_id", "fleet_id")])
    keys: list[bytes] = both.view("V32").ravel().tolist()
    return keys


def fleet_plates(fleets: pa.RecordBatch) -> pa.RecordBatch:
    """Turns fleets (FLEET) into their plates (FLEET_PLATE), one row a plate."""
    keys = fleets.column("plate_keys")
    parents = pc.list_parent_indices(keys)
    own = fleets.select(["operator_id", "fleet_id", "declared_at"]).take(parents)
    return pa.RecordBatch.from_arrays(
        [
            pc.list_flatten(keys),
            pc.list_flatten(fleets.column("plates")),
            pc.list_flatten(fleets.column("weights")),
            own.column("operator_id"),
            own.column("fleet_id"),
            own.column("declared_at"),
        ],
        schema=FLEET_PLATE,
    )


def operator_spans(declarations: pa.RecordBatch, batch_id: int) -> pa.RecordBatch:
    """Sums declarations (DECLARATION_VERSION) up to one row for each operator and submission in the batch."""
    runs = runs_of(declarations)
    return pa.RecordBatch.from_arrays(
        [
            id_array(runs.operators),
            id_array(runs.first_ids),
            id_array(runs.last_ids),
            pa.array(np.full(len(runs.rows), batch_id, np.int64)),
            pa.array(runs.rows.astype(np.int32)),
        ],
        schema=OPERATOR_SPAN,
    )


def copy_pieces(batch: pa.RecordBatch) -> list[bytes]:
    """Encodes a batch as Postgres reads it in COPY ... (FORMAT binary), in pieces of about a megabyte."""
    encoder = pgpq.ArrowToPostgresBinaryEncoder(batch.schema)
    pieces = [encoder.write_header()]
    pieces += [encoder.write_batch(batch.slice(at, _ROWS_A_PIECE)) for at in range(0, batch.num_rows, _ROWS_A_PIECE)]
    return [*pieces, encoder.finish()]


def write_lake_file(lake: Path, lake_table: str, batch: pa.RecordBatch) -> LakeFile:
    """Writes a batch as a Parquet file of level 0 and returns when it is on disk under its name."""
    relative = f"main/{lake_table}_recent/{uuid4().hex}.parquet"  # where DuckLake would put it itself
    path = lake / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        rows = pa.Table.from_batches([batch])
        pq.write_table(
            rows.cast(in_lake(batch.schema)),
            file,
            compression="lz4",
            use_dictionary=_OF_FEW_VALUES,
            write_statistics=[name for name in batch.schema.names if name in _SOUGHT],
        )
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    unfinished.rename(path)
    _sync_folder(path.parent)
    return LakeFile(relative, lake_table, batch.num_rows, size)


def uuids(values: Iterable[bytes]) -> list[UUID]:
    """Turns 16-byte ids into UUIDs, as asyncpg takes them: its own, six times as fast to make."""
    return [UUID(value) for value in values]


def _joined(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches, schema).combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
