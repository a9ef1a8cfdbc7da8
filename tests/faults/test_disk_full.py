"""A disk without room: intake refuses, status says which it is, and with room again all goes on by itself."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.clients import Clients
from tests.faults.disks import fill, small_disk
from tests.running_system import RunningSystem, environment_for, running_system, wait_for

#: Takes most of a minute: `make faults` runs it.
pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def crowded(home: Path) -> Iterator[RunningSystem]:
    """A system with three disks of its own: one for all, one for Redis, one for the lake."""
    folder = home / "crowded"
    with ExitStack() as stack:
        for disk, megabytes in ((folder, 640), (folder / "redis", 64), (folder / "lake", 64)):
            stack.enter_context(small_disk(disk, megabytes))
        system = stack.enter_context(running_system(environment_for(folder, RTPD_SHARDS=2, RTPD_QUEUE_LIMIT=20_000)))
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        yield system


@pytest.mark.parametrize(
    ("disk", "refusal"), [("lake", "queue_full"), ("redis", "queue_unreachable"), (".", "queue_full")]
)
def test_a_full_disk_is_refused_said_and_survived(
    disk: str, refusal: str, crowded: RunningSystem, tmp_path: Path
) -> None:
    clients = Clients.of(crowded, tmp_path / "receipts", seed=time.time_ns() % 1_000_000)
    with clients.at_work():
        wait_for(lambda: clients.receipted > 0)
        filler = fill(crowded.home / disk)
        wait_for(lambda: clients.refused[refusal] > 0, 60)
        full = str((crowded.home / disk).resolve())
        assert any(f"the disk of {full} has 0 MB left" in one for one in crowded.status().trouble)
        filler.unlink()
    outcome = crowded.rtpd_json("reconcile", "--receipts", str(clients.receipts), "--wait", "120")
    assert outcome["differing"] == 0, outcome
    assert crowded.process.poll() is None
    wait_for(lambda: not crowded.status().trouble)
