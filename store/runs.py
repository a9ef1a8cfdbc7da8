"""Runs of a batch: rows of one operator and one submission that stand side by side, summed up column by column."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.rows import UUID16

#: The part of an id that all declarations of one submission share; the rest is the line.
SUBMISSION_BYTES = 12


@dataclass(frozen=True, slots=True)
class Runs:
    """Sums of a batch, one for each operator, submission and what else they were told apart by.

    `places` are the rows where each begins, in their order; ids are arrays of 16 bytes each, lines big-endian.
    """

    places: np.ndarray
    operators: np.ndarray
    first_ids: np.ndarray
    last_ids: np.ndarray
    rows: np.ndarray


def runs_of(declarations: pa.RecordBatch, *apart: np.ndarray) -> Runs:
    """Sums declarations (DECLARATION_VERSION, at least one) up; `apart` are columns to tell apart by too."""
    operators, ids = (bytes_of(declarations.column(name)) for name in ("operator_id", "declaration_id"))
    lines = ids[:, SUBMISSION_BYTES:].copy().view(">u4").ravel().astype(np.uint32)
    halves, quarters = operators.view(np.uint64), ids.view(np.uint32)
    changed = np.zeros(len(ids) - 1, bool)
    told_apart: list[np.ndarray] = [*halves.T, *quarters.T[:3], *apart]
    for column in told_apart:
        changed |= column[1:] != column[:-1]
    starts = np.concatenate(([0], np.flatnonzero(changed) + 1))
    begin = ids[starts, :SUBMISSION_BYTES]
    others = (column[starts].astype(np.int64)[:, None].view(np.uint8) for column in apart)
    keys = np.hstack((operators[starts], begin, *others))
    least, greatest = np.minimum.reduceat(lines, starts), np.maximum.reduceat(lines, starts)
    rows = np.diff(starts, append=len(lines))
    seen: dict[bytes, int] = {}
    groups = [seen.setdefault(one.tobytes(), len(seen)) for one in keys]
    if len(seen) < len(groups):  # an operator's rows of one submission stand in several places
        places = np.full(len(seen), len(lines))
        np.minimum.at(places, groups, starts)
        lowest, highest, count = np.full(len(seen), 2**32 - 1, np.uint32), np.zeros(len(seen), np.uint32), places * 0
        np.minimum.at(lowest, groups, least)
        np.maximum.at(highest, groups, greatest)
        np.add.at(count, groups, rows)
        starts, least, greatest, rows = places, lowest, highest, count
        begin = ids[starts, :SUBMISSION_BYTES]
    return Runs(starts, operators[starts], _with_lines(begin, least), _with_lines(begin, greatest), rows)


def id_array(ids: np.ndarray) -> pa.Array:
    """Gives rows of 16 bytes as an Arrow column."""
    return pa.FixedSizeBinaryArray.from_buffers(UUID16, len(ids), [None, pa.py_buffer(np.ascontiguousarray(ids))])


def bytes_of(ids: pa.Array) -> np.ndarray:
    """Gives an Arrow column of ids as rows of 16 bytes."""
    return np.frombuffer(ids.buffers()[1], np.uint8)[ids.offset * 16 : (ids.offset + len(ids)) * 16].reshape(-1, 16)


def _with_lines(submissions: np.ndarray, lines: np.ndarray) -> np.ndarray:
    return np.hstack((submissions, lines.astype(">u4")[:, None].view(np.uint8)))
