"""The events that a drained batch is: one row for each operator, submission, kind and instant, not one a declaration.

A bulk upload is a handful of rows, and so is a change of a fleet of thousands of declarations that came together;
who wants the declarations themselves asks for the submission and the instant.
"""

import itertools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.rows import INSTANT, UUID16

#: Rows of the table `event` (schemas/migrations/0003_registers.sql) as a drain writes them.
EVENT = pa.schema(
    [
        pa.field("operator_id", UUID16, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("happened_at", INSTANT, nullable=False),
        pa.field("first_id", UUID16, nullable=False),
        pa.field("last_id", UUID16, nullable=False),
        pa.field("rows", pa.int32(), nullable=False),
    ]
)
KINDS = ("declaration.submitted", "declaration.amended", "declaration.withdrawn")
_SUBMISSION_BYTES = 12


def operator_events(declarations: pa.RecordBatch) -> pa.RecordBatch:
    """Sums declarations (DECLARATION_VERSION, at least one) up to events, in the order of acceptance."""
    operators, ids = (_bytes_of(declarations.column(name)) for name in ("operator_id", "declaration_id"))
    kinds = _kinds(declarations)
    instants = declarations.column("accepted_at").cast(pa.int64()).to_numpy()
    changed = (operators[1:] != operators[:-1]).any(1) | (kinds[1:] != kinds[:-1]) | (instants[1:] != instants[:-1])
    changed |= (ids[1:, :_SUBMISSION_BYTES] != ids[:-1, :_SUBMISSION_BYTES]).any(1)
    starts = [0, *(np.flatnonzero(changed) + 1).tolist(), declarations.num_rows]
    found: dict[tuple[bytes, bytes, int, int], tuple[bytes, bytes, int]] = {}
    for start, end in itertools.pairwise(starts):
        run = ids[start:end]
        lines = run[:, _SUBMISSION_BYTES:].copy().view(">u4").ravel()
        first, last = run[int(lines.argmin())].tobytes(), run[int(lines.argmax())].tobytes()
        key = operators[start].tobytes(), first[:_SUBMISSION_BYTES], int(kinds[start]), int(instants[start])
        least, greatest, rows = found.get(key, (first, last, 0))
        found[key] = min(least, first), max(greatest, last), rows + end - start
    first_ids, last_ids, counts = zip(*found.values(), strict=True)
    return pa.RecordBatch.from_arrays(
        [
            pa.array([operator for operator, _, _, _ in found], UUID16),
            pa.array([KINDS[kind] for _, _, kind, _ in found], pa.string()),
            pa.array([at for _, _, _, at in found], pa.int64()).cast(INSTANT),
            pa.array(first_ids, UUID16),
            pa.array(last_ids, UUID16),
            pa.array(counts, pa.int32()),
        ],
        schema=EVENT,
    )


def _kinds(declarations: pa.RecordBatch) -> np.ndarray:
    """Gives each row's place in KINDS: withdrawn, else amended if it is not the first version."""
    amended = pc.greater(declarations.column("version"), 1).to_numpy(zero_copy_only=False)
    withdrawn = declarations.column("withdrawn").to_numpy(zero_copy_only=False)
    return np.where(withdrawn, 2, amended.astype(np.int8))


def _bytes_of(ids: pa.Array) -> np.ndarray:
    return np.frombuffer(ids.buffers()[1], np.uint8)[ids.offset * 16 : (ids.offset + len(ids)) * 16].reshape(-1, 16)
