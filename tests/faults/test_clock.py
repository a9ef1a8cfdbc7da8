"""Clocks that are set forward and back while everything runs."""

import shutil
import struct
import subprocess
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from arq import create_pool, cron
from arq.connections import RedisSettings
from redis.asyncio import Redis

from ingest.idempotency import IdempotencyKeys, SubmissionInProgressError
from schemas import keys
from schemas.identity import SerialClock, submission_id
from store.clock import ClockDrift
from store.drain import LEASE_MILLISECONDS
from store.jobs import SteadyWorker
from store.worker import tend
from tests.faults.clients import Clients
from tests.running_system import RunningSystem, environment_for, running_system, wait_for

#: Takes most of a minute: `make faults` runs it.
pytestmark = pytest.mark.faults

HOUR = timedelta(hours=1)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as redis:
        yield redis


def test_serials_never_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    clock, seen = SerialClock(1), []
    for jump in (0, 3600, -7200, 0, 86_400, 0):
        monkeypatch.setattr(time, "time_ns", lambda jump=jump: now + jump * 10**9)
        seen += [submission_id(clock.next(), b"secret") for _ in range(3)]
    assert seen == sorted(set(seen))


def test_drift_is_told_forward_and_back() -> None:
    times = {"wall": 1000.0, "steady": 5.0}
    clock = ClockDrift(lambda: times["wall"], lambda: times["steady"])
    times |= {"wall": 1060.0, "steady": 65.0}
    assert clock.drift() == timedelta(0)
    for jump in (3600.0, -3600.0):
        times["wall"] = 1060.0 + jump
        assert clock.drift() == HOUR


async def test_a_lease_from_before_the_clock_went_back_holds_nobody_up(redis: Redis) -> None:
    idempotency, credential = IdempotencyKeys(redis), uuid4()
    first = await idempotency.claim(credential, "key", uuid4(), 0)
    with pytest.raises(SubmissionInProgressError):
        await idempotency.claim(credential, "key", uuid4(), 0)
    await redis.hset(first.lease.key, "lease_until", str((time.time_ns() // 10**6) + 3_600_000))
    again = await idempotency.claim(credential, "key", uuid4(), 0)
    assert again.submission_id == first.submission_id


async def test_a_dead_drains_lease_ends_in_time_though_the_clock_went_back(redis: Redis, redis_url: str) -> None:
    await redis.set(keys.drain_lease(0), b"dead", px=3_600_000)
    orders = await create_pool(RedisSettings.from_dsn(redis_url))
    await tend({"redis": orders, "journal": redis, "shards": 1})
    assert 0 < await redis.pttl(keys.drain_lease(0)) <= LEASE_MILLISECONDS
    await orders.aclose()


async def test_the_beat_goes_on_after_the_clock_was_set(redis_url: str) -> None:
    async def beat(_context: object) -> None: ...

    pool = await create_pool(RedisSettings.from_dsn(redis_url))
    job = cron(beat, second=set(range(60)), microsecond=0)
    worker = SteadyWorker(cron_jobs=[job], redis_pool=pool, queue_name="beats", handle_signals=False)
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    async def ordered(at: datetime) -> int:
        before = await pool.zcard("beats")
        for tenth in range(20):
            await worker.run_cron(at + timedelta(seconds=tenth / 10), 0.1)
        return int(await pool.zcard("beats")) - before

    assert [await ordered(now), await ordered(now - HOUR)] == [2, 2]
    assert await ordered(now + HOUR) == 3  # one for all that it missed
    await pool.aclose()


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler, for a library that sets the clock")
@pytest.mark.faults
def test_nothing_is_lost_while_clocks_jump(home: Path, tmp_path: Path) -> None:
    clock, library = _Clock(tmp_path / "shift"), tmp_path / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    environment = environment_for(home / "clock", LD_PRELOAD=library, CLOCK_SHIFT=clock.file)
    with running_system(environment) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        clients = Clients.of(system, tmp_path / "receipts", seed=time.time_ns() % 1_000_000)
        with clients.at_work():
            for hours in (2, -1, 24 * 5, 0):  # a week ahead, idempotency keys would expire (docs/operations.md)
                clock.set(hours)
                system.kill("drain-1")
                before, stored = clients.receipted, _stored(system)
                wait_for(lambda before=before: clients.receipted > before + 5, 60)
                wait_for(lambda stored=stored: _stored(system) > stored, 60)
        outcome = system.rtpd_json("reconcile", "--receipts", str(clients.receipts), "--complete", "--wait", "120")
        assert outcome["differing"] == 0, outcome
        assert outcome["stored"] == outcome["published"] == outcome["receipted"] > 0, outcome


class _Clock:
    """A shift of the wall clock that processes with `clock.c` in them follow at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.set(0)

    def set(self, hours: int) -> None:
        with self.file.open("r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=q", hours * 3600))


def _stored(system: RunningSystem) -> int:
    store = system.status().store
    return store.declarations if store else 0
