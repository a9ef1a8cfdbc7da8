"""Buckets: which files of level 1 a key's rows are in.

A bucket that has grown large is split by further bits of the same hash into halves, quarters and so on, each with files
of its own: so a look-up reads as little of a large lake as of a small one. SQL and Python compute it alike, from MD5.

    0 to 127      whole buckets
    256 to 511    halves, 512 to 1023 quarters, and so on
"""

import hashlib

#: Fixed once a lake exists, as is how parts are numbered.
BUCKETS = 128
#: How often a bucket is split at most: its number is a SMALLINT.
DEEPEST = 7


def _hash_of(key: str) -> int:
    """Gives the 64 bits of a key that buckets are computed from, SQL's `md5_number_lower`."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[8:], "little")


def bucket_of(key: str, depth: int = 0) -> int:
    """Gives the bucket of a plate key, or of an operator's id in its usual spelling; split `depth` times, its part."""
    return _part(_hash_of(key), depth)


def buckets_of(key: str) -> list[int]:
    """Gives the bucket of a key and its parts, however often it is split."""
    number = _hash_of(key)
    return [_part(number, depth) for depth in range(DEEPEST + 1)]


def whole_bucket(part: int) -> int:
    """Gives the bucket that a part is of."""
    return part % BUCKETS


def depth_for(rows: int, most: int) -> int:
    """Gives how often a bucket of so many rows is split, so that a part has `most` of them on average."""
    parts = max(1, -(-rows // most))
    return min((parts - 1).bit_length(), DEEPEST)


def _part(number: int, depth: int) -> int:
    parts = BUCKETS << depth
    return number % parts + (parts if depth else 0)
