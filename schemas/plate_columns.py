"""Columns of plates, made of fleets' texts by a loop that runs as machine code."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.compiled import compiled
from schemas.written import PART_END, PLATE_END

_PARTS = 3  # key, plate as written, weight


def plate_columns(texts: Sequence[bytes]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Makes columns of fleets' texts: lists of plates as written, of their keys, of their weights.

    What is in a text is what the rules have passed: it is no text of this kind if a plate has control characters.
    """
    joined = b"".join(texts)
    data = np.frombuffer(joined, np.uint8)
    plates = joined.count(PLATE_END)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    firsts = np.zeros(len(texts) + 1, np.int32)
    offsets = np.zeros((_PARTS, plates + 1), np.int32)
    values = np.empty((_PARTS, len(joined)), np.uint8)
    _take_apart(data, ends, np.zeros(_PARTS, np.int64), firsts, offsets, values)
    key, plate, weight = (
        pa.ListArray.from_arrays(
            pa.array(firsts),
            pa.StringArray.from_buffers(plates, pa.py_buffer(offsets[part]), pa.py_buffer(values[part])),
        )
        for part in range(_PARTS)
    )
    return plate, key, weight


@compiled("void(Array(uint8, 1, 'C', readonly=True), int64[::1], int64[::1], int32[::1], int32[:, ::1], uint8[:, ::1])")
def _take_apart(
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    filled: NDArray[np.int64],
    firsts: NDArray[np.int32],
    offsets: NDArray[np.int32],
    values: NDArray[np.uint8],
) -> None:
    """Puts each part of each plate into its column, and notes the first plate of each fleet.

    `filled` are the bytes that stand in each column so far, none.
    """
    plate, part, at = 0, 0, 0
    for fleet in range(ends.size):
        while at < ends[fleet]:
            one = data[at]
            if one in (PART_END, PLATE_END):
                offsets[part, plate + 1] = filled[part]
                part += 1
                if one == PLATE_END:
                    plate += 1
                    part = 0
            else:
                values[part, filled[part]] = one
                filled[part] += 1
            at += 1
        firsts[fleet + 1] = plate
