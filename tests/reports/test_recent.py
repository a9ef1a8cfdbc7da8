"""The memory tables know which keys they have, so that a look-up asks them for no other."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from tests.reports.conftest import Roadside
from tests.store.lake_builder import Fleet, Version


async def _until(condition: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)


async def test_only_keys_that_are_in_memory_are_looked_for_there(roadside: Roadside) -> None:
    first, second, third = (Fleet(uuid4(), (f"WA {number}0001",)) for number in range(3))
    await roadside.declare(Version(first))
    await _until(lambda: not roadside.files.state.plates.recent.rows("WA10001"))  # read when it was asked for
    began = roadside.files.state.plates.recent
    assert began.rows("WA00001")
    await roadside.declare(Version(second))
    joined = roadside.files.state.plates.recent
    assert not began.rows("WA10001")  # a look-up that began before does not see it
    assert joined.rows("WA00001")
    assert joined.rows("WA10001")
    assert not joined.rows("WA20001")
    await roadside.publish()
    await roadside.compact()
    await roadside.declare(Version(third))
    await _until(lambda: not roadside.files.state.plates.recent.rows("WA10001"))
    left = roadside.files.state.plates.recent
    assert [key for key in ("WA00001", "WA10001", "WA20001") if left.rows(key)] == ["WA20001"]


async def test_declarations_are_found_in_memory_by_their_operator(roadside: Roadside) -> None:
    version = Version(Fleet(uuid4(), ("WA 00001",)))
    await roadside.declare(version)
    await _until(lambda: not roadside.files.state.declarations.recent.rows(str(uuid4())))
    assert roadside.files.state.declarations.recent.rows(str(version.fleet.operator_id))


async def test_keys_that_nobody_asks_for_are_not_read(roadside: Roadside) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("WA 00001",))))
    await roadside.declare(Version(Fleet(uuid4(), ("WA 00002",))))
    assert roadside.files.state.plates.recent.keys is None
    assert (await roadside.look_up("WA 00001"))["total"] == 1
    await _until(lambda: roadside.files.state.plates.recent.keys is not None)
    assert (await roadside.look_up("WA 00002"))["total"] == 1
    assert (await roadside.look_up("WA 00003"))["verdict"] == "NONE"
