"""The distinct ones among small numbers, without sorting them."""

import numpy as np
from numpy.typing import NDArray

from schemas.compiled import compiled


def distinct(values: NDArray[np.int32], most: int) -> tuple[list[int], NDArray[np.int64]]:
    """Gives the distinct numbers in the order in which they come, and each value's place among them.

    `values` are from -1 to below `most`.
    """
    found = np.empty(len(values), np.int32)
    place_of = np.empty(len(values), np.int64)
    count = _distinct(values, np.full(most + 1, -1, np.int32), found, place_of)
    return found[:count].tolist(), place_of


@compiled("int64(int32[::1], int32[::1], int32[::1], int64[::1])")
def _distinct(
    values: NDArray[np.int32], places: NDArray[np.int32], found: NDArray[np.int32], place_of: NDArray[np.int64]
) -> int:
    count = 0
    for at in range(values.size):
        value = values[at]
        if places[value + 1] < 0:
            places[value + 1] = count
            found[count] = value
            count += 1
        place_of[at] = places[value + 1]
    return count
