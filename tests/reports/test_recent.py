"""The memory tables know which keys they have, so that a look-up asks them for no other."""

from uuid import uuid4

from tests.reports.conftest import Roadside
from tests.store.lake_builder import Fleet, Version


async def test_only_keys_that_are_in_memory_are_looked_for_there(roadside: Roadside) -> None:
    first, second, third = (Fleet(uuid4(), (f"WA {number}0001",)) for number in range(3))
    await roadside.declare(Version(first))
    began = roadside.files.state.plates.recent
    await roadside.declare(Version(second))
    joined = roadside.files.state.plates.recent
    assert began.rows("WA00001")
    assert not began.rows("WA10001")  # a look-up that began before does not see it
    assert joined.rows("WA00001")
    assert joined.rows("WA10001")
    assert not joined.rows("WA20001")
    await roadside.publish()
    await roadside.compact()
    await roadside.declare(Version(third))
    left = roadside.files.state.plates.recent
    assert [key for key in ("WA00001", "WA10001", "WA20001") if left.rows(key)] == ["WA20001"]


async def test_declarations_are_found_in_memory_by_their_operator(roadside: Roadside) -> None:
    version = Version(Fleet(uuid4(), ("WA 00001",)))
    await roadside.declare(version)
    recent = roadside.files.state.declarations.recent
    assert recent.rows(str(version.fleet.operator_id))
    assert not recent.rows(str(uuid4()))
