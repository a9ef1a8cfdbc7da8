"""Supervision: the processes of one system are started, watched, started again when they die, and stopped."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from rtpd.addresses import Addresses, Running, RunningProcess, running_file
from rtpd.child import kill_session, start_child, stop_child

#: How a process of ours is called: from what is installed, never from the working folder.
RTPD = (sys.executable, "-P", "-m", "rtpd")

_log = structlog.get_logger("up")

_WATCH_S = 0.1
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
#: A process that lived this long begins with the shortest pause again.
_SETTLED_S = 30.0
_TOO_OFTEN = 3
_LARGEST_LOG = 64 << 20


class Program(Protocol):
    """Something that can be started again and again and stopped: an embedded server or a command of ours."""

    name: str
    process: subprocess.Popen[bytes] | None

    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(slots=True)
class Command:
    """One `rtpd` command as a process, its output in `log`, or where ours goes."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None
    patience_s: float = 30.0
    #: What tells it to start its own workers anew while it goes on listening; None if it has none.
    renewal: signal.Signals | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, after what an earlier run of it left running in its session is ended."""
        if self.process:
            kill_session(self.process)
        if self.log and self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.process = start_child(
            [*RTPD, *self.arguments],
            log=self.log,
            when_parent_dies=signal.SIGTERM,
            environment=self.environment,
        )

    def renew(self) -> None:
        """Lets the code on disk take over: its workers one after the other, or itself stopped and started."""
        if self.renewal and self.process and self.process.poll() is None:
            self.process.send_signal(self.renewal)
        else:
            self.stop()
            self.start()

    def stop(self) -> None:
        """Asks it to finish what it has begun, then ends it."""
        if self.process:
            stop_child(self.process, signal.SIGTERM, self.patience_s)


@dataclass(slots=True)
class _Watched:
    program: Program
    starts: int = 1
    started_at: float = field(default_factory=time.monotonic)
    pause_s: float = _FIRST_PAUSE_S
    start_at: float | None = None

    def look_after(self) -> bool:
        """Starts the program again if it has died and its pause is over; says whether anything changed."""
        now = time.monotonic()
        process = self.program.process
        if self.start_at is None and process and process.poll() is None:
            if now - self.started_at > _SETTLED_S:
                self.pause_s = _FIRST_PAUSE_S
            return False
        if self.start_at is None:
            code = process.returncode if process else None
            _log.warning("died", process=self.program.name, code=code, again_in_s=self.pause_s)
            self.start_at = now + self.pause_s
            self.pause_s = min(self.pause_s * 2, _LONGEST_PAUSE_S)
            return True
        if now < self.start_at:
            return False
        self.start_at = None
        self.started_at = now
        self.starts += 1
        try:
            self.program.start()
        except (OSError, RuntimeError) as error:  # it counts as dead again and has its next, longer pause
            _log.error("cannot_start", process=self.program.name, reason=str(error))
        return True


class Supervisor:
    """Keeps programs running, and tells in the home's `running.json` what runs."""

    def __init__(self, home: Path, addresses: Addresses) -> None:
        self._home = home
        self._addresses = addresses
        self._watched: list[_Watched] = []
        self._told = True
        self._renewal_asked = False

    def start(self, program: Program) -> None:
        """Starts a program and watches it from now on."""
        program.start()
        self.adopt(program)
        _log.info("started", process=program.name)

    def adopt(self, program: Program) -> None:
        """Watches a program that has been started already."""
        self._watched.append(_Watched(program))
        self._write_running()

    def watch_until(self, over: Callable[[], bool]) -> None:
        """Starts again what dies, until `over` says so or an exception, such as Ctrl-C, ends it."""
        while not over():
            time.sleep(_WATCH_S)
            if self._renewal_asked:
                self._renewal_asked = False
                self._renew()
            changes = [watched.look_after() for watched in self._watched]
            if any(changes) or not self._told:
                self._write_running()

    def ask_to_renew(self, *_: object) -> None:
        """Asks, as a signal's handler, that our own programs are started anew, one after the other."""
        self._renewal_asked = True

    def restless(self) -> str | None:
        """Gives the name of a program that dies again and again, None if there is none."""
        return next((one.program.name for one in self._watched if one.starts > _TOO_OFTEN), None)

    def stop(self) -> None:
        """Stops the programs in the reverse order of their start."""
        for watched in reversed(self._watched):
            watched.program.stop()
            _log.info("stopped", process=watched.program.name)
        running_file(self._home).unlink(missing_ok=True)

    def _renew(self) -> None:
        for watched in self._watched:
            if isinstance(watched.program, Command):
                watched.program.renew()
                _log.info("renewed", process=watched.program.name)
        self._write_running()

    def _write_running(self) -> None:
        processes = [
            RunningProcess(watched.program.name, watched.program.process.pid, watched.starts)
            for watched in self._watched
            if watched.program.process
        ]
        file = running_file(self._home)
        unfinished = file.with_suffix(".new")
        try:
            unfinished.touch(mode=0o600)  # addresses may hold a password
            unfinished.write_bytes(msgspec.json.encode(Running(self._addresses, processes)))
            unfinished.rename(file)
        except OSError as error:  # a full disk: watching goes on, and it is written when there is room
            if self._told:
                _log.error("cannot_tell_what_runs", reason=str(error))
            self._told = False
        else:
            self._told = True
