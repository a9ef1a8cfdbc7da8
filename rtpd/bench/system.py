"""A system of the bench's own: started as a user starts it, on free ports, in a folder that is kept between runs."""

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from rtpd.addresses import Addresses, addresses_of, read_running
from rtpd.bench.meter import Meter
from rtpd.settings import Settings, read_settings

_READY_S = 120.0
_STOP_S = 180.0
#: The bench measures servers that it starts itself, as nobody.
_NOT_OURS = ("RTPD_DATABASE_URL", "RTPD_REDIS_URL", "RTPD_LAKE", "RTPD_API_KEY", "RTPD_OPERATOR_ID")


class BenchSystemError(RuntimeError):
    """The system to measure did not start."""


@dataclass(frozen=True, slots=True)
class BenchSystem:
    """A started system to measure."""

    settings: Settings
    addresses: Addresses
    meter: Meter
    environment: dict[str, str]

    def rtpd(self, *arguments: str) -> bytes:
        """Runs an `rtpd` command against it and gives what it prints, whatever it found."""
        command = [sys.executable, "-m", "rtpd", *arguments]
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE)
        if done.returncode > 1:
            raise BenchSystemError(f"`rtpd {arguments[0]}` failed")
        return done.stdout

    @contextmanager
    def suspended(self, beginning: str) -> Iterator[None]:
        """Holds the processes whose names begin so, children included."""
        running = read_running(self.settings.home)
        pids = [process.pid for process in running.processes if process.name.startswith(beginning)] if running else []
        held = [member for pid in pids for member in _tree(pid)]
        for process in held:
            process.suspend()
        try:
            yield
        finally:
            for process in held:
                with suppress(psutil.NoSuchProcess):
                    process.resume()


@contextmanager
def started(home: Path) -> Iterator[BenchSystem]:
    """Starts a system in `home` with the caller's other settings; stops it at the end, its data are kept.

    Raises `BenchSystemError` if it does not become ready.
    """
    own = {
        "RTPD_HOME": str(home),
        "RTPD_INGEST_PORT": str(free_port()),
        "RTPD_REPORTS_PORT": str(free_port()),
        "DEMO": "0",
    }
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_OURS} | own
    process = subprocess.Popen(
        [sys.executable, "-m", "rtpd", "up", "--json"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], _READY_S)
        line = process.stdout.readline() if readable else ""
        if not line:
            raise BenchSystemError(f"the system in {home} did not start; see {home / 'logs'}")
        msgspec.json.decode(line)
        settings = read_settings(environment)
        yield BenchSystem(settings, addresses_of(settings), Meter(home), environment)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)


def _tree(pid: int) -> Sequence[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
