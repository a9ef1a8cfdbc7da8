"""The home: one folder with everything of one system, used by one `rtpd up` at a time."""

import fcntl
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rtpd.settings import Settings


class HomeInUseError(RuntimeError):
    """Another `rtpd up` runs in this home."""


class PortBusyError(RuntimeError):
    """A port that is wanted is taken."""


@contextmanager
def lock(home: Path) -> Iterator[None]:
    """Takes the home for this process; the kernel lets go of it when the process ends, however it ends.

    Raises `HomeInUseError` if another process has it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "up.lock", "a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise HomeInUseError(
                f"`rtpd up` runs already in {home} (process {file.read().strip()}); "
                "stop it, or set RTPD_HOME for a second system"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(home: Path) -> int | None:
    """Gives the id of the process that has the home, None if nothing runs there."""
    try:
        with open(home / "up.lock", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except BlockingIOError:
        return int((home / "up.lock").read_text("ascii"))
    except FileNotFoundError:
        return None


def check_ports(settings: Settings) -> None:
    """Raises `PortBusyError` if a port that intake or reports will listen on is taken."""
    wanted: Sequence[tuple[str, int, str]] = (
        (settings.ingest_host, settings.ingest_port, "RTPD_INGEST_PORT"),
        (settings.reports_host, settings.reports_port, "RTPD_REPORTS_PORT"),
    )
    if settings.ingest_port == settings.reports_port:
        raise PortBusyError("RTPD_INGEST_PORT and RTPD_REPORTS_PORT are the same")
    for host, port, variable in wanted:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortBusyError(
                    f"cannot listen on {host} port {port}: {error.strerror}; set {variable} to another port"
                ) from None
