"""Filters of keys: never a wrong no, few wrong yeses; a file is opened for a key only if it may have it."""

import asyncio
from uuid import uuid4

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from reports.keys import KeyFilter, key_number, key_numbers
from tests.reports.conftest import Roadside
from tests.store.lake_builder import Fleet, Version

_numbers = st.integers(0, 2**64 - 1)


@given(st.lists(_numbers, max_size=200))
def test_a_key_that_is_there_is_never_denied(numbers: list[int]) -> None:
    known = KeyFilter.of(np.array(numbers, np.uint64))
    assert all(map(known.may_have, numbers))


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), max_size=20), st.integers(0, 20))
def test_many_keys_have_the_numbers_that_each_has_alone(keys: list[str], skipped: int) -> None:
    column = pa.array(["in front of it", *keys], pa.string()).slice(min(skipped, len(keys)) + 1)
    assert key_numbers(column).tolist() == [key_number(key) for key in keys[skipped:]]


def test_of_keys_that_are_not_there_one_in_a_hundred_at_most_is_not_denied() -> None:
    numbers = key_numbers(pa.array([f"WA{key}" for key in range(30_000)]))
    known = KeyFilter.of(numbers)
    wrongly = sum(known.may_have(key_number(f"WB{key}")) for key in range(30_000))
    assert wrongly < 300
    assert known.nbytes < 3 * len(numbers)


async def test_a_file_that_was_looked_into_is_opened_again_only_for_its_keys(roadside: Roadside) -> None:
    versions = [Version(Fleet(uuid4(), (f"WA {number}",))) for number in range(10_000, 12_000)]
    await roadside.declare(*versions)
    await roadside.publish()
    await roadside.compact()
    plates = roadside.files.state.plates
    unknown = [f"XX{number}" for number in range(500)]
    assert sum(bool(plates.large([key])) for key in unknown) > 400
    deadline = asyncio.get_running_loop().time() + 10
    while sum(bool(plates.large([key])) for key in unknown) > 20:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)
    assert all(plates.large([f"WA{number}"]) for number in range(10_000, 12_000))
    for plate in ("WA 10000", "WA 11999"):
        assert (await roadside.look_up(plate))["total"] == 1
    assert (await roadside.look_up("XX 1"))["verdict"] == "NONE"


async def test_compaction_makes_what_is_known_of_files_void(roadside: Roadside) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("WA 10000",))))
    for number in (10_001, 10_002):
        await roadside.publish()
        await roadside.compact()
        assert (await roadside.look_up(f"WA {number}"))["verdict"] == "NONE"
        await roadside.files._keys.read_wanted(roadside.files._readers)
        await roadside.declare(Version(Fleet(uuid4(), (f"WA {number}",))))
    await roadside.publish()
    await roadside.compact()
    for number in (10_000, 10_001, 10_002):
        assert (await roadside.look_up(f"WA {number}"))["total"] == 1
