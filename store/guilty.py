"""Finding the rows that make a COPY fail: by halves, in transactions that are rolled back."""

from collections.abc import AsyncIterator

import asyncpg
import pyarrow as pa

from store.batch import copy_pieces

#: What Postgres says about data that it will never take; anything else is the moment's fault, not the row's.
REFUSED_DATA = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.UntranslatableCharacterError,
)


class _RollBackError(Exception):
    """The COPY went through; what it wrote is not kept."""


async def find_guilty(connection: asyncpg.Connection, rows: pa.RecordBatch) -> set[int]:
    """Gives the places of the rows (DECLARATION_VERSION) that Postgres refuses, or that repeat an earlier one.

    Takes about log2(rows) COPYs for each guilty row.
    """
    return await _refused(connection, rows, 0) | _repeats(rows)


async def _refused(connection: asyncpg.Connection, rows: pa.RecordBatch, first: int) -> set[int]:
    if not rows.num_rows or await _goes_through(connection, rows):
        return set()
    if rows.num_rows == 1:
        return {first}
    half = rows.num_rows // 2
    left = await _refused(connection, rows.slice(0, half), first)
    return left | await _refused(connection, rows.slice(half), first + half)


async def _goes_through(connection: asyncpg.Connection, rows: pa.RecordBatch) -> bool:
    async def source() -> AsyncIterator[bytes]:
        for piece in copy_pieces(rows.take(pa.array(range(rows.num_rows), pa.int64()))):
            yield piece

    try:
        async with connection.transaction():
            await connection.copy_to_table(
                "declaration_version", source=source(), columns=rows.schema.names, format="binary"
            )
            raise _RollBackError
    except _RollBackError:
        return True
    except REFUSED_DATA:
        return False


def _repeats(rows: pa.RecordBatch) -> set[int]:
    seen: set[tuple[bytes, int]] = set()
    repeated = set()
    ids, versions = rows.column("declaration_id").to_pylist(), rows.column("version").to_pylist()
    for place, row in enumerate(zip(ids, versions, strict=True)):
        if row in seen:
            repeated.add(place)
        seen.add(row)
    return repeated
