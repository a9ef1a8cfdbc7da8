"""The events that a drained batch is: one row for each operator, submission, kind and instant, not one a declaration.

A bulk upload is a handful of rows, and so is a change of a fleet of thousands of declarations that came together;
who wants the declarations themselves asks for the submission and the instant.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.rows import INSTANT, UUID16
from store.runs import id_array, runs_of

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
_NAMES = np.array(KINDS, dtype=object)


def operator_events(declarations: pa.RecordBatch) -> pa.RecordBatch:
    """Sums declarations (DECLARATION_VERSION, at least one) up to events, in the order of acceptance."""
    kinds = _kinds(declarations)
    instants = declarations.column("accepted_at").cast(pa.int64()).to_numpy()
    runs = runs_of(declarations, kinds, instants)
    return pa.RecordBatch.from_arrays(
        [
            id_array(runs.operators),
            pa.array(_NAMES[kinds[runs.places]], pa.string()),
            pa.array(instants[runs.places]).cast(INSTANT),
            id_array(runs.first_ids),
            id_array(runs.last_ids),
            pa.array(runs.rows.astype(np.int32)),
        ],
        schema=EVENT,
    )


def _kinds(declarations: pa.RecordBatch) -> np.ndarray:
    """Gives each row's place in KINDS: withdrawn, else amended if it is not the first version."""
    amended = pc.greater(declarations.column("version"), 1).to_numpy(zero_copy_only=False)
    withdrawn = declarations.column("withdrawn").to_numpy(zero_copy_only=False)
    return np.where(withdrawn, 2, amended.astype(np.int8))
