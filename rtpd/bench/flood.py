"""One operator's single submissions, alone and beside another operator's flood of bulk uploads, in one run."""

import asyncio
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import asyncpg
import httpx
from msgspec import Struct

from loadtests.bench.requests import RequestFigures, drive, rendered
from loadtests.generator import Generator, Load
from rtpd.bench.system import BenchSystem
from rtpd.caller import Caller
from rtpd.processes import RTPD
from schemas.operator import Operator
from store import operators

_WARM_S = 1.0
#: So long until uploads follow each other evenly.
_BEGUN_S = 4.0
_ACCEPTED = re.compile(r"^rtpd_journal_declarations_total (\S+)$", re.MULTILINE)


class FloodFigures(Struct, frozen=True):
    """Single submissions alone and beside a flood, and the declarations a second that the flood brought."""

    alone: RequestFigures
    beside: RequestFigures
    flood_per_second: float

    @property
    def ratio(self) -> float:
        """How many times longer the median submission takes beside the flood."""
        return self.beside.p50_ms / self.alone.p50_ms

    @property
    def ratio_p99(self) -> float:
        """The same of the slowest hundredth."""
        return self.beside.p99_ms / self.alone.p99_ms


async def measure_flood(
    system: BenchSystem, load: Load, *, seconds: float, connections: int, in_flight: int
) -> FloodFigures:
    """Measures submissions over so many connections for some seconds alone, and for as long beside the flood.

    The flood sends the lines of `load`, which name no operator, over and over, `in_flight` uploads at a time.
    """
    flooding, quiet = await _caller(system, "Flood"), await _caller(system, "Quiet")
    body = b"".join(part.to_pybytes() for part in Generator(load).declarations())
    url = system.settings.ingest_url
    headers = {"x-api-key": quiet.api_key, "x-operator-id": str(quiet.operator_id)}
    requests = [rendered("POST", f"{url}/declarations/submit", headers, line) for line in body.splitlines()]
    await drive(url, requests, connections, _WARM_S)
    alone = await drive(url, requests, connections, seconds)
    with _flooded(system, flooding, body, in_flight):
        await asyncio.sleep(_BEGUN_S)
        before, began = _accepted(url), time.monotonic()
        beside = await drive(url, requests, connections, seconds)
        accepted, taken = _accepted(url) - before - beside.requests, time.monotonic() - began
    return FloodFigures(alone, beside, accepted / taken)


async def _caller(system: BenchSystem, name: str) -> Caller:
    connection = await asyncpg.connect(system.addresses.database_url)
    try:
        operator_id = await operators.create_operator(connection, Operator(name=name, country="PL"))
        key = await operators.create_credential(connection, operator_id, "bench")
    finally:
        await connection.close()
    return Caller(key.api_key, str(operator_id))


@contextmanager
def _flooded(system: BenchSystem, who: Caller, body: bytes, in_flight: int) -> Iterator[None]:
    """Lets an operator's client send as fast as intake takes it while the block runs."""
    command = [*RTPD, "submit", "-", "--json", "--in-flight", str(in_flight), "--no-compress"]
    command += ["--api-key", who.api_key, "--operator-id", str(who.operator_id)]
    client = subprocess.Popen(
        command, env=system.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert client.stdin is not None
    pipe = client.stdin

    def feed() -> None:
        with suppress(BrokenPipeError):
            while True:
                pipe.write(body)

    feeding = threading.Thread(target=feed)
    feeding.start()
    try:
        yield
    finally:
        client.kill()
        client.wait()
        feeding.join()
        with suppress(BrokenPipeError):
            pipe.close()


def _accepted(url: str) -> float:
    found = _ACCEPTED.search(httpx.get(f"{url}/metrics", trust_env=False).text)
    return float(found[1]) if found else 0.0
