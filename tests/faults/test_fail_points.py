"""Every gap between two steps of drain, publication and compaction, hit on purpose: the next run makes good."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from ingest.journal import Journal, seal
from rtpd.processes import RTPD
from store.reconcile import Sides, compare, settle, windows
from tests.running_system import wait_for
from tests.store.test_drain import entries, ids

DRAIN = ("drain.after_parquet", "drain.after_copy", "drain.before_commit", "drain.after_commit", "drain.before_done")
LAKE = ("publish.before_commit", "publish.before_mark", "compact.before_drop", "compact.before_commit")
_KILLED = -9
_SHARDS = 12  # each leaves a file of its own for a batch, so that compaction soon has something to do


@pytest.fixture
async def sides(database_url: str, redis_url: str, lake: str) -> Sides:
    return Sides(database_url, redis_url, lake, shards=_SHARDS)


@pytest.fixture
async def journal(redis_url: str) -> AsyncIterator[Journal]:
    async with Redis.from_url(redis_url) as redis:
        yield Journal(redis, shards=_SHARDS, limit=1_000_000)


def _worker(sides: Sides, queue: str, home: Path, fail_point: str = "") -> "subprocess.Popen[bytes]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RTPD_")},
        "RTPD_HOME": str(home),
        "RTPD_DATABASE_URL": sides.database_url,
        "RTPD_REDIS_URL": sides.redis_url,
        "RTPD_LAKE": sides.lake,
        "RTPD_SHARDS": str(sides.shards),
        "RTPD_FAIL_POINTS": fail_point,
    }
    return subprocess.Popen([*RTPD, "worker", "--queue", queue], env=environment, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(("queue", "fail_points"), [("drain", DRAIN), ("lake", LAKE)], ids=["drain", "lake"])
async def test_workers_killed_between_two_steps_are_made_good(
    queue: str, fail_points: tuple[str, ...], sides: Sides, journal: Journal, tmp_path: Path
) -> None:
    """Each worker takes over what the one before it left, and is killed one step further; the last one is not."""
    helper = _worker(sides, "lake" if queue == "drain" else "drain", tmp_path)
    worker = None
    try:
        expected = 0
        for fail_point in fail_points:
            worker = _worker(sides, queue, tmp_path, fail_point)
            deadline = time.monotonic() + 60
            while worker.poll() is None:
                assert time.monotonic() < deadline, f"{fail_point} was never passed"
                for shard in range(_SHARDS):
                    made = ids(50)
                    await journal.commit({shard: [seal(entries(*[(one, 1) for one in made]))]})
                    expected += len(made)
                await asyncio.to_thread(_a_moment, worker)
            assert worker.returncode == _KILLED, fail_point
        worker = _worker(sides, queue, tmp_path)
        await settle(sides, 60)
    finally:
        for process in (helper, worker):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(30)
    outcome = compare(sides, await windows(sides.database_url), None, complete=False, most=5, progress=lambda: None)
    assert (outcome.stored, outcome.published, outcome.differing) == (expected, expected, 0), outcome.differences


def _a_moment(process: "subprocess.Popen[bytes]") -> None:
    """Gives the workers a moment to come to the fail point, unless it has been reached."""
    until = time.monotonic() + 0.5
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)


async def test_two_drains_at_once_store_every_frame_once(sides: Sides, journal: Journal, tmp_path: Path) -> None:
    made = ids(400)
    for start in range(0, 400, 4):
        await journal.commit({0: [seal(entries(*[(one, 1) for one in made[start : start + 4]]))]})
    workers = [_worker(sides, "drain", tmp_path), _worker(sides, "drain", tmp_path), _worker(sides, "lake", tmp_path)]
    try:
        await settle(sides, 60)
    finally:
        for process in workers:
            process.terminate()
            process.wait(30)
    connection = await asyncpg.connect(sides.database_url)
    assert await connection.fetchval("SELECT count(*) FROM declaration_version") == 400
    assert await connection.fetchval("SELECT count(*) FROM frame") == 100
    await connection.close()


@pytest.mark.parametrize(
    "fail_point",
    [
        "drain.after_parquet",
        pytest.param("drain.before_done", marks=pytest.mark.faults),
        pytest.param("drain.before_commit", marks=pytest.mark.faults),  # Postgres ends its transaction after 30 s
    ],
)
async def test_a_drain_that_stalls_past_its_lease_and_wakes_up_doubles_nothing(
    fail_point: str, sides: Sides, journal: Journal, tmp_path: Path
) -> None:
    made = ids(100)
    for start in range(0, 100, 4):
        await journal.commit({0: [seal(entries(*[(one, 1) for one in made[start : start + 4]]))]})
    workers = [_worker(sides, "lake", tmp_path), _worker(sides, "drain", tmp_path, f"{fail_point}=stall")]
    stalled = workers[1]
    try:
        await asyncio.to_thread(wait_for, lambda: psutil.Process(stalled.pid).status() == psutil.STATUS_STOPPED)
        workers.append(_worker(sides, "drain", tmp_path))
        await settle(sides, 60)
        stalled.send_signal(signal.SIGCONT)
        await journal.commit({0: [seal(entries(*[(one, 1) for one in ids(40)]))]})
        await settle(sides, 60)
    finally:
        for process in workers:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(30)
    outcome = compare(sides, await windows(sides.database_url), None, complete=False, most=5, progress=lambda: None)
    assert (outcome.stored, outcome.published, outcome.differing) == (140, 140, 0), outcome.differences
