"""`rtpd up`: everything that one machine needs, started, watched and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from rich.console import Console

from rtpd.addresses import Addresses
from rtpd.embedded.servers import EmbeddedServers
from rtpd.home import check_ports, lock
from rtpd.logs import configure_logs
from rtpd.openid import EMBEDDED, openid_of
from rtpd.output import Json, print_json
from rtpd.processes import RTPD, Command, Supervisor
from rtpd.settings import Settings, read_settings
from rtpd.shards import check_shards

_READY_S = 60.0


class NotReadyError(RuntimeError):
    """Intake or reports did not become ready."""


class MigrationFailedError(RuntimeError):
    """The database could not be brought to the schema of this release."""


def up(*, json: Json = False) -> None:
    """Start servers, intake, reports and workers, and keep them running until Ctrl-C.

    The first start loads demo data, unless DEMO=0. What is running is shown by `rtpd status`.

    Example: `RTPD_HOME=/var/lib/rtpd DEMO=0 rtpd up`

    Parameters
    ----------
    json
        Print one line of JSON with all addresses when everything is ready, and nothing else.
    """
    settings = read_settings()
    console = Console(quiet=json)
    with lock(settings.home):
        check_ports(settings)
        openid_of(settings)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # nothing to restart before everything runs
        for number in (signal.SIGINT, signal.SIGTERM):  # both end it in the same orderly way
            signal.signal(number, signal.default_int_handler)
        logs = settings.home / "logs"
        logs.mkdir(exist_ok=True)
        with open(logs / "up.log", "a", encoding="utf-8") as log:
            configure_logs(settings.log_level, log)
            _run(settings, console, json=json)
    if not json:
        console.print("Stopped; the data are kept.")


def _run(settings: Settings, console: Console, *, json: bool) -> None:
    servers = EmbeddedServers(settings)
    supervisor = Supervisor(settings.home, servers.addresses)
    try:
        for server in servers.running:
            supervisor.start(server)
        check_shards(servers.addresses.redis_url, settings.shards)
        servers.make_lake()
        environment = _environment(settings, servers.addresses)
        _migrate(environment)
        console.print(f"Data, logs and sockets are in {settings.home}")
        for command in _commands(settings, environment):
            supervisor.start(command)
        _wait_until_ready(settings, supervisor)
        console.print(f"Intake  {settings.ingest_url}\nReports {settings.reports_url}")
        if settings.demo:
            _load_demo(settings, supervisor, environment, quiet=json)
        console.print("Ctrl-C stops everything and keeps the data.")
        if json:
            print_json({"ingest": settings.ingest_url, "reports": settings.reports_url})
            sys.stdout.flush()
        signal.signal(signal.SIGUSR1, supervisor.ask_to_renew)  # `rtpd restart`
        supervisor.watch_until(lambda: False)
    except KeyboardInterrupt:
        console.print("\nStopping ...")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        supervisor.stop()


def _environment(settings: Settings, addresses: Addresses) -> dict[str, str]:
    """What our processes are told."""
    openid = openid_of(settings)  # the default set-up is one no more to them: they are told of its servers
    issuer = {"RTPD_OIDC_ISSUER": EMBEDDED} if openid and openid.embedded else {}
    return (
        os.environ
        | issuer
        | {
            "RTPD_HOME": str(settings.home),
            "RTPD_DATABASE_URL": addresses.database_url,
            "RTPD_REDIS_URL": addresses.redis_url,
            "RTPD_LAKE": addresses.lake,
        }
    )


def _migrate(environment: Mapping[str, str]) -> None:
    """Migrates in a process of its own: the supervisor stays small, with no thread but one."""
    done = subprocess.run([*RTPD, "migrate"], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise MigrationFailedError(done.stderr.strip().removeprefix("rtpd: "))


def _load_demo(settings: Settings, supervisor: Supervisor, environment: Mapping[str, str], *, quiet: bool) -> None:
    """Loads the demo, or only says again what to try, while everything is watched."""
    log = settings.home / "logs" / "demo.log" if quiet else None
    command = Command("demo", ("demo",), environment, log)
    command.start()
    try:
        supervisor.watch_until(lambda: command.process is None or command.process.poll() is not None)
    finally:
        command.stop()


def _commands(settings: Settings, environment: Mapping[str, str]) -> list[Command]:
    """The processes of ours, in the order of their start."""
    logs = settings.home / "logs"
    drains = [f"drain-{number}" for number in range(1, settings.drain_workers + 1)]
    return [
        *(_command(name, ("worker", "--queue", "drain"), environment, logs) for name in drains),
        _command("lake", ("worker", "--queue", "lake"), environment, logs),
        _command("mail", ("worker", "--queue", "mail"), environment, logs),
        _command("reports", ("reports",), environment, logs, signal.SIGHUP),
        _command("ingest", ("ingest",), environment, logs, signal.SIGHUP),
    ]


def _command(
    name: str,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    logs: Path,
    renewal: signal.Signals | None = None,
) -> Command:
    return Command(name, arguments, environment, logs / f"{name}.log", renewal=renewal)


def _wait_until_ready(settings: Settings, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + _READY_S
    logs = settings.home / "logs"
    waiting = [f"{settings.ingest_url}/ready", f"{settings.reports_url}/ready"]

    def ready() -> bool:
        waiting[:] = [url for url in waiting if not _answers(url)]
        if restless := supervisor.restless():
            raise NotReadyError(f"{restless} dies again and again; see {logs / restless}.log")
        if waiting and time.monotonic() > deadline:
            raise NotReadyError(f"{waiting[0]} does not answer; see the logs in {logs}")
        return not waiting

    supervisor.watch_until(ready)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
