"""`rtpd status` says what the system holds, and ends with 1 when something needs a person."""

import msgspec
from redis import Redis

from rtpd.status import Status
from schemas import keys
from tests.running_system import RunningSystem, wait_for


def status(system: RunningSystem, code: int | None = 0) -> Status:
    return msgspec.json.decode(system.rtpd("status", "--json", code=code), type=Status)


def test_what_was_submitted_is_seen_stored_and_published(system: RunningSystem) -> None:
    before = status(system).store.declarations
    lines = system.rtpd("generate", "--count", "500", "--operator-id", system.operator["operatorId"])
    who = ("--api-key", system.operator["apiKey"], "--operator-id", system.operator["operatorId"])
    system.rtpd("submit", "-", *who, given=lines)
    wait_for(lambda: status(system).store.declarations == before + 500)
    wait_for(lambda: status(system).store.unpublished_batches == 0)
    found = status(system)
    assert found.snapshot is not None
    assert sum(table.rows for table in found.lake if table.name.startswith("declaration_version")) == before + 500
    assert all(process.memory_mb for process in found.processes)


def test_dead_letters_are_seen_and_end_it_with_1(system: RunningSystem) -> None:
    with Redis.from_url(system.running().addresses.redis_url) as redis:
        redis.xadd(keys.frames(0), {"frame": b"no frame"})
        try:
            wait_for(lambda: status(system, None).queue[0].dead_letters == 1)
            assert status(system, 1).queue[0].frames == 0
        finally:
            redis.delete(keys.dead_letters(0))
    assert status(system, 0).trouble == []
