"""A whole system started as its user starts it, by `rtpd up`, on free ports and in a home of its own."""

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from rtpd.addresses import Running, read_running
from rtpd.processes import RTPD
from rtpd.status import Status

_READY_S = 90.0


@dataclass(slots=True)
class RunningSystem:
    """A system that runs: where it listens, and the environment in which its commands find it."""

    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    ingest_url: str = ""
    reports_url: str = ""
    operator: dict[str, Any] = field(default_factory=dict)
    officer: dict[str, Any] = field(default_factory=dict)

    def rtpd(self, *arguments: str, given: str | None = None, code: int | None = 0) -> str:
        """Runs a command against the system; checks its exit code if one is given, gives its standard output."""
        done = subprocess.run(
            [*RTPD, *arguments], input=given, env=self.environment, capture_output=True, text=True, timeout=300
        )
        assert code is None or done.returncode == code, done.stderr + done.stdout[-3000:]
        return done.stdout

    def rtpd_json(self, *arguments: str) -> Any:
        """Runs a command with --json and gives what it says."""
        return msgspec.json.decode(self.rtpd(*arguments, "--json"))

    def running(self) -> Running:
        """Gives what the system says about its processes."""
        running = read_running(self.home)
        assert running is not None
        return running

    def ready(self) -> bool:
        """Says whether both sides have all that they need."""
        try:
            answers = [httpx.get(f"{url}/ready", timeout=2) for url in (self.ingest_url, self.reports_url)]
        except httpx.TransportError:
            return False
        return all(value is True for answer in answers for value in answer.json().values())

    def status(self) -> Status:
        """Gives what `rtpd status` shows, whatever it thinks of it."""
        return msgspec.json.decode(self.rtpd("status", "--json", code=None), type=Status)

    def pid(self, name: str) -> int:
        """Gives the process id of one supervised process."""
        return next(process.pid for process in self.running().processes if process.name == name)

    def kill(self, name: str) -> None:
        """Kills one supervised process as a crash would."""
        os.kill(self.pid(name), signal.SIGKILL)

    def stop(self) -> int:
        """Stops the system as Ctrl-C does; gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def environment_for(home: Path, **settings: object) -> dict[str, str]:
    """Gives the environment of a system in `home`, on free ports and without demo data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RTPD_")}
    own = {
        "RTPD_HOME": home,
        "RTPD_INGEST_PORT": free_port(),
        "RTPD_REPORTS_PORT": free_port(),
        "RTPD_SHARED_BUFFERS_MB": 64,
        "DEMO": 0,
    }
    return kept | {name: str(value) for name, value in (own | settings).items()}


@contextmanager
def running_system(environment: dict[str, str]) -> Iterator[RunningSystem]:
    """Starts `rtpd up` and waits until it is ready; stops it at the end if it still runs."""
    process = subprocess.Popen([*RTPD, "up", "--json"], env=environment, stdout=subprocess.PIPE, text=True)
    system = RunningSystem(Path(environment["RTPD_HOME"]), environment, process)
    try:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], _READY_S)
        line = process.stdout.readline() if readable else ""
        assert line, f"not ready within {_READY_S} s, exit code {process.poll()}"
        urls = msgspec.json.decode(line)
        system.ingest_url, system.reports_url = urls["ingest"], urls["reports"]
        yield system
    finally:
        if process.poll() is None:
            system.stop()
        if process.stdout is not None:
            process.stdout.close()


def free_port() -> int:
    """Gives a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Waits until a condition holds, and fails when it does not within some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
