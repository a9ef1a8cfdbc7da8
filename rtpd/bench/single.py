"""Single submissions, one declaration a request, beside an empty application under the same server."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
import msgspec
import psutil
from msgspec import Struct

from loadtests.bench.requests import RequestFigures, drive, rendered
from loadtests.generator import Generator
from rtpd.bench.system import BenchSystem, free_port
from rtpd.caller import Caller

_READY_S = 20.0
_SECONDS = 5.0
_AN_OPERATOR = 40


class _Delegated(Struct, rename="camel"):
    operator_id: str


class SingleFigures(Struct, frozen=True):
    """Requests a second of the empty application and of ours; CPU in microseconds a request, by process."""

    empty: RequestFigures
    ours: RequestFigures
    empty_cpu_us: float
    cpu_us: dict[str, float]

    @property
    def ratio(self) -> float:
        """What we accept a second for each request of the empty application's: refusals of haste do not count."""
        accepted = self.ours.statuses.get(202, 0) / self.ours.requests
        return self.ours.per_second * accepted / self.empty.per_second


async def measure_single(system: BenchSystem, who: Caller, load: Generator, connections: int) -> SingleFigures:
    """Measures both with so many connections, five seconds each after one to warm up; the operators take turns."""
    bodies = _of_many([line for part in load.declarations() for line in part.to_pybytes().splitlines()])
    random.Random(load.load.seed).shuffle(bodies)  # noqa: S311
    with _empty_server(system.settings.ingest_processes) as (url, cpu):
        empty, empty_cpu = await _measured(url, who, bodies, connections, cpu)
    ours, cpu_us = await _measured(system.settings.ingest_url, who, bodies, connections, system.meter.cpu)
    return SingleFigures(empty, ours, sum(empty_cpu.values()), cpu_us)


async def _measured(
    url: str,
    who: Caller,
    bodies: list[bytes],
    connections: int,
    cpu: Callable[[], Mapping[str, float]],
) -> tuple[RequestFigures, dict[str, float]]:
    target = f"{url}/declarations/submit"
    requests = [
        rendered("POST", target, {"x-api-key": who.api_key, "x-operator-id": _operator_of(body)}, body)
        for body in bodies
    ]
    await drive(url, requests, connections, _SECONDS / 5)
    before = cpu()
    figures = await drive(url, requests, connections, _SECONDS)
    after = cpu()
    return figures, {name: (after[name] - before.get(name, 0.0)) / figures.requests * 1e6 for name in after}


def _of_many(lines: list[bytes]) -> list[bytes]:
    """Takes some lines of each operator only: one that sends all the time would meet its own allowance."""
    counts: Counter[str] = Counter()
    taken = []
    for line in lines:
        operator = _operator_of(line)
        counts[operator] += 1
        if counts[operator] <= _AN_OPERATOR:
            taken.append(line)
    return taken


def _operator_of(line: bytes) -> str:
    return msgspec.json.decode(line, type=_Delegated).operator_id


@contextmanager
def _empty_server(processes: int) -> Iterator[tuple[str, Callable[[], Mapping[str, float]]]]:
    """Runs the empty application under Granian as intake runs; gives its address and its CPU seconds."""
    port = free_port()
    command = ["granian", "--interface", "asgi", "--loop", "uvloop", "--workers", str(processes), "--no-ws"]
    command += ["--backlog", "4096", "--log-level", "error", "--port", str(port), "loadtests.bench.empty:application"]
    server = subprocess.Popen([sys.executable, "-m", *command])
    process = psutil.Process(server.pid)

    def cpu() -> dict[str, float]:
        members = [process, *process.children(recursive=True)]
        times = [member.cpu_times() for member in members]
        return {"empty": sum(each.user + each.system for each in times)}

    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield url, cpu
    finally:
        server.terminate()
        server.wait(_READY_S)


def _wait_for(url: str) -> None:
    until = time.monotonic() + _READY_S
    while True:
        try:
            httpx.post(url, content=b"{}", trust_env=False)
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
