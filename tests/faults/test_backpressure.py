"""A queue at its limit: intake says when to come again, memory stays bounded, and the drains keep their pace."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.clients import Clients
from tests.running_system import RunningSystem, environment_for, running_system, wait_for

#: Takes most of a minute: `make faults` runs it.
pytestmark = pytest.mark.faults

_LIMIT = 20_000
#: What a process may take more with a queue at its limit than with an empty one, in MB.
_MORE_MB = 150


def test_a_queue_at_its_limit_bounds_memory_and_drains_when_it_can(home: Path, tmp_path: Path) -> None:
    with running_system(environment_for(home / "depth", RTPD_SHARDS=2, RTPD_QUEUE_LIMIT=_LIMIT)) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        clients = Clients.of(system, tmp_path / "receipts", seed=time.time_ns() % 1_000_000)
        drain = system.pid("drain-1")
        with clients.at_work():
            wait_for(lambda: clients.receipted > 2)
            before = _memory(system)
            os.kill(drain, signal.SIGSTOP)
            wait_for(lambda: clients.refused["queue_full"] > 6, 60)
            held = sum(shard.declarations for shard in system.status().queue)
            after = _memory(system)
            os.kill(drain, signal.SIGCONT)
            receipted = clients.receipted
            wait_for(lambda: clients.receipted > receipted + 5)
        assert _LIMIT <= held < 2 * _LIMIT, held
        assert all(after[name] - before[name] < _MORE_MB for name in after), (before, after)
        outcome = system.rtpd_json("reconcile", "--receipts", str(clients.receipts), "--complete", "--wait", "60")
        assert outcome["differing"] == 0, outcome


def _memory(system: RunningSystem) -> dict[str, int]:
    """Gives the megabytes of intake and of Redis, children included."""
    found = {process.name: psutil.Process(process.pid) for process in system.running().processes}
    return {
        name: sum(one.memory_info().rss for one in (found[name], *found[name].children(recursive=True))) >> 20
        for name in ("ingest", "redis")
    }
