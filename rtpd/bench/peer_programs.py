"""The peers as programs: installed from their lock files into a folder that is kept, started and stopped."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import loadtests
from rtpd.child import start_child, stop_child

_SOURCES = Path(loadtests.__file__).parent / "peers"
_NODE_AT_LEAST = 20
_STOP_S = 20.0

_Command = Sequence[str | Path]


class PeerError(RuntimeError):
    """A peer cannot be installed or does not work."""


class NoNodeError(PeerError):
    """Node.js 20 or newer with npm is needed for the peer in Node; install it, or name the others with --peer."""

    def __str__(self) -> str:
        return str(self.__doc__)


@dataclass(frozen=True, slots=True)
class Peer:
    """A stack to compare with: `bulk` if it takes batches; `queues` are the lists and hashes of its queue in Redis.

    `put` installs it below a folder and gives its own there; `commands` start its interface on a port and its worker.
    """

    name: str
    title: str
    bulk: bool
    queues: tuple[str, ...]
    put: Callable[[Path], Path]
    commands: Callable[[Path, int], tuple[_Command, _Command]]

    def install(self, cache: Path) -> "Stack":
        """Installs it unless that was done. Raises `PeerError`, or `NoNodeError` where that is lacking."""
        return Stack(self, self.put(cache))


@dataclass(frozen=True, slots=True)
class Stack:
    """A peer that is installed in a folder."""

    peer: Peer
    folder: Path

    @contextmanager
    def running(self, port: int, told: Mapping[str, str], log: Path) -> Iterator[dict[str, int]]:
        """Runs its interface and worker; gives their process ids. `told` are the PEER_* variables."""
        own = {"NODE_ENV": "production", "PEER_PORT": str(port), **told}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RTPD_")} | own
        started: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name, command in zip(("api", "worker"), self.peer.commands(self.folder, port), strict=True):
                started[name] = start_child(command, log=log, when_parent_dies=signal.SIGKILL, environment=environment)
            yield {name: process.pid for name, process in started.items()}
        finally:
            for process in started.values():
                stop_child(process, signal.SIGTERM, _STOP_S)


def _install_python(cache: Path) -> Path:
    """Makes a virtual environment of the peers' own from their lock file, once for each state of it."""
    lock = _sources("python") / "requirements.lock"
    folder = cache / f"python-{_digest(lock)}"
    if not folder.exists():
        unfinished = _unfinished(folder)
        _run(sys.executable, "-m", "venv", unfinished)
        pip = (unfinished / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-qq")
        _run(*pip, "install", "--require-hashes", "--requirement", lock)
        unfinished.rename(folder)
    return folder


def _install_node(cache: Path) -> Path:
    """Copies the peer beside the packages of its lock file. Raises `NoNodeError`."""
    _check_node()
    sources = _sources("node")
    folder = cache / f"node-{_digest(sources / 'package-lock.json')}"
    if not folder.exists():
        unfinished = _unfinished(folder)
        _copy(sources, unfinished)
        _run("npm", "ci", "--prefix", unfinished, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
        unfinished.rename(folder)
    _copy(sources, folder)
    return folder


def _check_node() -> None:
    if not shutil.which("node") or not shutil.which("npm"):
        raise NoNodeError
    said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if int(said.strip().lstrip("v").partition(".")[0] or 0) < _NODE_AT_LEAST:
        raise NoNodeError


def _celery(module: str) -> Callable[[Path, int], tuple[_Command, _Command]]:
    """Uvicorn as FastAPI's own documentation runs it, Celery with a process for each of two cores."""

    def commands(folder: Path, port: int) -> tuple[_Command, _Command]:
        python, sources = folder / "bin" / "python", _sources("python")
        api = (python, "-m", "uvicorn", f"{module}:app", "--app-dir", sources, "--port", str(port), "--no-access-log")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
        worker = (python, "-m", "celery", "--app", f"{module}:celery", "--workdir", sources, "worker", *quiet)
        return (*api, "--log-level", "warning", "--backlog", "4096"), (*worker, "--concurrency", "2")

    return commands


def _node(folder: Path, _port: int) -> tuple[_Command, _Command]:
    return ("node", folder / "api.js"), ("node", folder / "worker.js")


_CELERY_QUEUES = ("celery", "unacked")
PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "idiomatic",
            "FastAPI, SQLAlchemy, Celery: a task a declaration",
            bulk=False,
            queues=_CELERY_QUEUES,
            put=_install_python,
            commands=_celery("idiomatic"),
        ),
        Peer(
            "batched",
            "FastAPI, SQLAlchemy, Celery: a task a batch",
            bulk=True,
            queues=_CELERY_QUEUES,
            put=_install_python,
            commands=_celery("batched"),
        ),
        Peer(
            "node",
            "Fastify, BullMQ, COPY: a job a batch",
            bulk=True,
            queues=("bull:batches:wait", "bull:batches:active"),
            put=_install_node,
            commands=_node,
        ),
    )
}


def _sources(stack: str) -> Path:
    folder = _SOURCES / stack
    if not folder.is_dir():
        raise PeerError("the peers are not part of the package: run this in a checkout of the repository")
    return folder


def _digest(lock: Path) -> str:
    return hashlib.blake2b(lock.read_bytes(), digest_size=6).hexdigest()


def _unfinished(folder: Path) -> Path:
    unfinished = folder.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    return unfinished


def _copy(sources: Path, folder: Path) -> None:
    shutil.copytree(sources, folder, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)


def _run(*command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        raise PeerError(f"`{command[0]}` could not install a peer: {done.stderr.strip()[-2000:]}")
