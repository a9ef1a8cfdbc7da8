"""A rolling restart under load refuses nothing and loses nothing."""

import time
from pathlib import Path

import psutil
import pytest

from tests.faults.clients import Clients
from tests.running_system import RunningSystem, environment_for, running_system, wait_for


@pytest.mark.faults
def test_a_rolling_restart_refuses_nothing(home: Path, tmp_path: Path) -> None:
    with running_system(environment_for(home / "rolling", RTPD_SHARDS=2)) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        clients = Clients.of(system, tmp_path / "receipts", seed=time.time_ns() % 1_000_000)
        with clients.at_work():
            for _ in range(2):
                before, receipted = _workers(system), clients.receipted
                system.rtpd("restart")
                wait_for(lambda before=before: not before & _workers(system), 90)
                wait_for(lambda receipted=receipted: clients.receipted > receipted + 5)
        assert clients.unanswered == 0
        assert clients.refused.keys() <= {"submission_in_progress", "too_many_requests"}, clients.refused
        outcome = system.rtpd_json("reconcile", "--receipts", str(clients.receipts), "--complete", "--wait", "120")
        assert outcome["differing"] == 0, outcome
        assert outcome["stored"] == outcome["published"] == outcome["receipted"] > 0, outcome


def _workers(system: RunningSystem) -> set[int]:
    """Gives the processes that do the work: those behind intake and reports, and the workers themselves."""
    found = {process.name: process.pid for process in system.running().processes}
    children = [child for name in ("ingest", "reports") for child in psutil.Process(found[name]).children()]
    return {child.pid for child in children if _serves(child)} | {found["drain-1"], found["lake"], found["mail"]}


def _serves(process: psutil.Process) -> bool:
    """Says whether a process is one of Granian's workers, and not ended."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
