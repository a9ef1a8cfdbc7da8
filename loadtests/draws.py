"""Chance that can be asked twice: every draw is a function of the seed, its name and whom it is about.

No state is carried, so any stretch of lines is made without those before it, always the same.
The mixing function is that of SplitMix64 (Steele, Lea, Flood 2014).
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


def mixed(words: Words) -> Words:
    """Turns each word into another that shows nothing of the first."""
    words = words + _GOLDEN
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    result: Words = words ^ (words >> np.uint64(31))
    return result


class Draws:
    """All draws of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._salts: dict[str, np.uint64] = {}

    def words(self, name: str, *about: NDArray[Any]) -> Words:
        """Gives one 64-bit word for each row of `about` (columns of whole numbers, all of one length)."""
        words = mixed(about[0].astype(np.uint64) ^ self._salt(name))
        for column in about[1:]:
            words = mixed(words ^ column.astype(np.uint64))
        return words

    def units(self, name: str, *about: NDArray[Any]) -> NDArray[np.float64]:
        """Gives one number in [0, 1) for each row."""
        return (self.words(name, *about) >> np.uint64(11)).astype(np.float64) * _UNIT

    def below(self, name: str, limits: "int | NDArray[Any]", *about: NDArray[Any]) -> Numbers:
        """Gives one whole number in [0, limit) for each row; `limits` is one number or one a row."""
        drawn: Numbers = (self.units(name, *about) * limits).astype(np.int64)
        return drawn

    def happens(self, name: str, share: "float | NDArray[Any]", *about: NDArray[Any]) -> NDArray[np.bool_]:
        """Gives true for about `share` of the rows."""
        return self.units(name, *about) < share

    def choice(self, name: str, shares: NDArray[np.float64], *about: NDArray[Any]) -> Numbers:
        """Gives one index into `shares` for each row, as often as its share says."""
        bounds = np.cumsum(shares)
        place: Numbers = np.searchsorted(bounds[:-1], self.units(name, *about) * bounds[-1], side="right")
        return place

    def _salt(self, name: str) -> np.uint64:
        if name not in self._salts:
            seen = hashlib.blake2b(f"{self._seed} {name}".encode(), digest_size=8).digest()
            self._salts[name] = np.uint64(int.from_bytes(seen, "little"))
        return self._salts[name]
