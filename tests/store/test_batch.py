"""What a batch becomes, column by column: pieces for COPY, runs for spans and events."""

from collections import defaultdict

import numpy as np
import pgpq
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rows import DECLARATION_VERSION, FLEET, INSTANT, UUID16
from store import batch as batches
from store.runs import runs_of

_ROWS = 5_003


def _values(field: pa.Field, generator: np.random.Generator) -> pa.Array:
    made: dict[pa.DataType, list[object]] = {
        UUID16: [generator.bytes(16) for _ in range(_ROWS)],
        INSTANT: generator.integers(0, 2**50, _ROWS).tolist(),
        pa.bool_(): generator.integers(0, 2, _ROWS).astype(bool).tolist(),
        pa.string(): ["ż" * int(count) for count in generator.integers(0, 9, _ROWS)],
        pa.list_(pa.string()): [["PO 1", ""] * int(count) for count in generator.integers(0, 4, _ROWS)],
    }
    values = made.get(field.type) or generator.integers(0, 20_000, _ROWS).tolist()
    missing = generator.random(_ROWS) < 0.4
    if field.nullable:
        values = [None if gone else value for gone, value in zip(missing, values, strict=True)]
    return pa.array(values, field.type)


@pytest.mark.parametrize("schema", [DECLARATION_VERSION, FLEET])
def test_a_batch_in_pieces_is_the_batch(schema: pa.Schema) -> None:
    generator = np.random.default_rng(1)
    batch = pa.RecordBatch.from_arrays([_values(field, generator) for field in schema], schema=schema)
    encoder = pgpq.ArrowToPostgresBinaryEncoder(schema)
    whole = encoder.write_header() + encoder.write_batch(batch) + encoder.finish()
    pieces = batches.copy_pieces(batch)
    assert len(pieces) > 3
    assert b"".join(pieces) == whole


_Row = tuple[int, int, int, int]
_SMALL = st.integers(0, 2)


@settings(deadline=None)
@given(st.lists(st.tuples(_SMALL, _SMALL, st.integers(0, 2**32 - 1), _SMALL), min_size=1))
def test_runs_are_the_sums_of_their_rows(rows: list[_Row]) -> None:
    operators = [bytes([operator]) * 16 for operator, _, _, _ in rows]
    ids = [bytes([submission]) * 12 + line.to_bytes(4) for _, submission, line, _ in rows]
    kinds = np.array([kind for _, _, _, kind in rows], np.int8)
    names = ["operator_id", "declaration_id"]
    table = pa.RecordBatch.from_arrays([pa.array(operators, UUID16), pa.array(ids, UUID16)], names)
    wanted = defaultdict[tuple[bytes, bytes, int], list[tuple[int, bytes]]](list)
    for place, key in enumerate(zip(operators, (each[:12] for each in ids), kinds.tolist(), strict=True)):
        wanted[key].append((place, ids[place]))
    runs = runs_of(table, kinds)
    found = zip(
        runs.places.tolist(),
        (operator.tobytes() for operator in runs.operators),
        (each.tobytes() for each in runs.first_ids),
        (each.tobytes() for each in runs.last_ids),
        runs.rows.tolist(),
        strict=True,
    )
    assert list(found) == [
        (held[0][0], operator, min(each for _, each in held), max(each for _, each in held), len(held))
        for (operator, _, _), held in wanted.items()
    ]
