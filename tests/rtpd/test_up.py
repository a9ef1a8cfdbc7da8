"""`rtpd up` keeps its processes running, stops in order, and refuses to start into trouble."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import psutil

from rtpd.addresses import read_running
from rtpd.processes import RTPD
from tests.running_system import RunningSystem, environment_for, free_port, running_system, wait_for


def start_in_vain(environment: dict[str, str]) -> str:
    done = subprocess.run([*RTPD, "up"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_whatever_dies_is_started_again(system: RunningSystem) -> None:
    before = {process.name: process for process in system.running().processes}
    assert before.keys() >= {"postgres", "redis", "drain-1", "ingest"}
    for name in before:
        system.kill(name)
    wait_for(lambda: all(one.starts == before[one.name].starts + 1 for one in system.running().processes))
    wait_for(system.ready)
    assert not {one.pid for one in before.values()} & {one.pid for one in system.running().processes}


def test_however_a_system_ended_the_next_start_finds_the_data(home: Path) -> None:
    environment = environment_for(home / ("a" * 60) / ("b" * 60))
    with running_system(environment) as system:
        assert system.ready()
        assert str(system.home) not in system.running().addresses.database_url, "no socket has so long a path"
        made = system.rtpd_json("officer", "create", "--name", "Agent Test", "--host", "FR")
        pids = [process.pid for process in system.running().processes]
        assert system.stop() == 0  # as Ctrl-C
    assert not any(alive(pid) for pid in pids)
    assert read_running(system.home) is None
    with running_system(environment) as system:
        assert system.ready()
        pids = [process.pid for process in system.running().processes]
        os.kill(system.process.pid, signal.SIGKILL)
        system.process.wait()
    wait_for(lambda: not any(alive(pid) for pid in pids))
    with running_system(environment) as system:
        assert system.ready()
        assert [one["officerId"] for one in system.rtpd_json("officer", "list")] == [made["officerId"]]
        system.process.send_signal(signal.SIGTERM)
        assert system.process.wait(60) == 0


def test_a_second_system_in_one_home_is_refused(system: RunningSystem) -> None:
    assert f"runs already in {system.home}" in start_in_vain(environment_for(system.home))
    assert system.ready()


def test_a_busy_port_is_said_before_anything_starts(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        text = start_in_vain(environment_for(home / "busy", RTPD_REPORTS_PORT=port))
    assert f"port {port}" in text
    assert "RTPD_REPORTS_PORT" in text
    assert not (home / "busy" / "postgres").exists()


def test_an_unknown_setting_is_said(home: Path) -> None:
    assert "RTPD_SHARD is no setting; did you mean RTPD_SHARDS?" in start_in_vain(
        environment_for(home / "unknown", RTPD_SHARD=8)
    )


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
