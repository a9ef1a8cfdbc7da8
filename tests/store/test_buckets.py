"""Buckets: SQL and Python agree on them, and a part is never of another bucket."""

from collections import Counter
from uuid import uuid4

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from store.buckets import BUCKETS, DEEPEST, bucket_of, buckets_of, depth_for, whole_bucket

_keys = st.text(min_size=1, max_size=40)


@given(_keys)
def test_sql_and_python_put_a_key_into_the_same_bucket(key: str) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT md5_number_lower($1) % {BUCKETS}", [key]).fetchone()
    assert found == (bucket_of(key),)


@given(_keys)
def test_all_parts_of_a_key_are_of_its_bucket(key: str) -> None:
    parts = buckets_of(key)
    assert parts == [bucket_of(key, depth) for depth in range(DEEPEST + 1)]
    assert {whole_bucket(part) for part in parts} == {bucket_of(key)}
    assert max(parts) < 1 << 15  # a SMALLINT


def test_parts_of_different_depths_share_no_number() -> None:
    depths = {part: depth for key in map(str, range(10_000)) for depth, part in enumerate(buckets_of(key))}
    for key in map(str, range(10_000, 12_000)):
        for depth, part in enumerate(buckets_of(key)):
            assert depths.get(part, depth) == depth


def test_a_bucket_is_split_evenly() -> None:
    keys = [key for key in (str(uuid4()) for _ in range(100_000)) if bucket_of(key) == 7]
    counts = Counter(bucket_of(key, 2) for key in keys)
    assert len(counts) == 4
    assert min(counts.values()) > len(keys) / 8


@given(st.integers(0, 10**8), st.integers(1, 10**5))
def test_parts_have_no_more_than_they_should_and_are_no_smaller_than_they_need_be(rows: int, most: int) -> None:
    depth = depth_for(rows, most)
    if depth < DEEPEST:
        assert rows <= most << depth
    if depth:
        assert rows > most << (depth - 1)
