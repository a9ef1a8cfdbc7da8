"""Filters of keys: never a wrong no, few wrong yeses; a file is opened for a key only if it may have it."""

import asyncio
from uuid import uuid4

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reports.keys import KeyFilter
from store.buckets import number_of
from tests.reports.conftest import Roadside
from tests.store.lake_builder import Fleet, Version

_numbers = st.integers(0, 2**64 - 1)


@given(st.lists(_numbers, max_size=200))
def test_a_key_that_is_there_is_never_denied(numbers: list[int]) -> None:
    known = KeyFilter.of(np.array(numbers, np.uint64))
    assert all(map(known.may_have, numbers))


def test_of_keys_that_are_not_there_one_in_a_hundred_at_most_is_not_denied() -> None:
    numbers = [number_of(f"A{key}") // 512 * 512 for key in range(30_000)]  # of one bucket
    known = KeyFilter.of(np.array(numbers, np.uint64))
    wrongly = sum(known.may_have(number_of(f"B{key}") // 512 * 512) for key in range(30_000))
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
