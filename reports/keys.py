"""Which keys a file has: a look-up opens no file that does not have the key, and none at all for most unknown plates.

A key is a plate's or an operator's id, and stands here as a number that is computed of many at once: DuckDB's MD5, from
which buckets are computed, took six times as long.
"""

from collections.abc import Set as AbstractSet
from functools import partial
from typing import Self

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reports.literals import literals
from reports.readers import Readers
from schemas import statements

_SQL = statements.load("reports", "keys")
_SOURCES = statements.load("reports", "lookup_sources")
#: With so many bits for a key, so many of them set, one answer in 400 is wrongly yes.
_BITS = 16
_SET = 4
_MOST_BYTES = 128 << 20

_WORD = 8
_FACTOR, _SHIFT, _ALL = 0x9E3779B97F4A7C15, 29, (1 << 64) - 1
#: What a word keeps of which so many bytes belong to the key.
_MASKS = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], np.uint64)

Numbers = NDArray[np.uint64]


def key_number(key: str) -> int:
    """Gives the number of a key, 64 bits."""
    data, number = key.encode(), 0
    for at in range(0, len(data), _WORD):
        number = (number ^ int.from_bytes(data[at : at + _WORD], "little")) * _FACTOR & _ALL
        number ^= number >> _SHIFT
    return number


def key_numbers(keys: pa.StringArray) -> Numbers:
    """Gives the number of each key of a column without nulls."""
    _, offsets, data = keys.buffers()
    numbers = np.zeros(len(keys), np.uint64)
    if not data or not data.size:
        return numbers
    bounds = np.frombuffer(offsets, np.int32)[keys.offset : keys.offset + len(keys) + 1].astype(np.int64)
    held = np.zeros(int(bounds[-1]) + _WORD, np.uint8)
    held[: bounds[-1]] = np.frombuffer(data, np.uint8)[: bounds[-1]]
    word_at: Numbers = np.ndarray(len(held) - _WORD + 1, "<u8", held, strides=(1,))
    begins, lengths = bounds[:-1], np.diff(bounds)
    for at in range(0, int(lengths.max(initial=0)), _WORD):
        goes_on = np.flatnonzero(lengths > at)
        words = word_at[begins[goes_on] + at] & _MASKS[np.minimum(lengths[goes_on] - at, _WORD)]
        mixed = (numbers[goes_on] ^ words) * np.uint64(_FACTOR)
        numbers[goes_on] = mixed ^ (mixed >> np.uint64(_SHIFT))
    return numbers


def numbers_in(cursor: duckdb.DuckDBPyConnection, table: str, rows: str) -> Numbers:
    """Gives the numbers of the keys that a table's `rows` (a FROM) have. Raises `duckdb.Error`."""
    found = cursor.execute(_SQL[table].format(rows=rows)).to_arrow_table()
    return key_numbers(found.column("key").cast(pa.string()).combine_chunks())


class KeyFilter:
    """Some keys in two bytes each (a Bloom filter): whether a key is not among them is certain."""

    def __init__(self, bits: bytes, size: int) -> None:
        self._bits = bits
        self._size = size

    @classmethod
    def of(cls, numbers: Numbers) -> Self:
        """Makes the filter of some numbers."""
        size = max(1, len(numbers)) * _BITS + 1
        bits = np.zeros(size, np.bool_)
        first, step = numbers & np.uint64(0xFFFFFFFF), numbers >> np.uint64(32)
        for turn in range(_SET):
            bits[(first + np.uint64(turn) * step) % np.uint64(size)] = True
        return cls(np.packbits(bits, bitorder="little").tobytes(), size)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return len(self._bits)

    def may_have(self, number: int) -> bool:
        """Says whether a key may be among them."""
        first, step = number & 0xFFFFFFFF, number >> 32
        places = ((first + turn * step) % self._size for turn in range(_SET))
        return all(self._bits[place >> 3] >> (place & 7) & 1 for place in places)


class FileKeys:
    """The keys of large files, read of each when it was first looked into; what is not read yet may have any key.

    Bounded: when all filters together are large, further files have none.
    """

    def __init__(self) -> None:
        self._filters: dict[str, KeyFilter] = {}
        self._wanted: dict[str, str] = {}

    def may_have(self, table: str, path: str, number: int) -> bool:
        """Says whether a file of a table may have a key."""
        known = self._filters.get(path)
        if known is None:
            self._wanted[path] = table
            return True
        return known.may_have(number)

    def keep(self, paths: AbstractSet[str]) -> None:
        """Forgets files other than these."""
        self._filters = {path: known for path, known in self._filters.items() if path in paths}
        for path in self._wanted.keys() - paths:
            self._wanted.pop(path, None)

    async def read_wanted(self, readers: Readers) -> None:
        """Reads the keys of files that were looked into. Raises `duckdb.Error`, as for a file that is gone."""
        while self._wanted:
            path, table = self._wanted.popitem()
            if path in self._filters or sum(known.nbytes for known in self._filters.values()) > _MOST_BYTES:
                continue
            rows = _SOURCES["files"].format(files=literals([path]))
            self._filters[path] = KeyFilter.of(await readers.run(partial(numbers_in, table=table, rows=rows)))
