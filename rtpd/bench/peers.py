"""What a competent team would write instead, given the same lines, the same servers and the same promise."""

import asyncio
import socket
import time
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import msgspec
from redis.asyncio import Redis

from loadtests.bench.figures import PeerFigures, PipelineRun
from loadtests.bench.requests import RequestFigures, drive, rendered
from rtpd.bench.meter import usage_of
from rtpd.bench.peer_programs import Peer, PeerError, Stack
from rtpd.bench.system import free_port
from rtpd.caller import Caller
from rtpd.embedded.servers import EmbeddedServers
from rtpd.settings import Settings
from schemas import statements
from schemas.codes import ALIASES, DATA, POSTING_COUNTRIES, WORLD
from schemas.limits import LIMITS

_SQL = statements.load("rtpd", "peers")
#: Lines of an upload to a peer that takes batches: with fewer, its fixed costs weigh; with more, nothing is gained.
UPLOAD_LINES = 2_000
_IN_FLIGHT = 3
_DATABASE = 1
_READY_S = 30.0
_PATIENCE_S = 60.0
_WAIT_S = 0.1


@dataclass(frozen=True, slots=True)
class Ground:
    """Where peers are measured: the servers that our own system ran on, with its settings and register."""

    home: Path
    servers: EmbeddedServers
    who: Caller
    connections: int


def ours_of(run: PipelineRun, single: RequestFigures, refused: int) -> PeerFigures:
    """Gives our own figures as a peer's are given; ours are stored when they are published too."""
    ended = {phase.name: phase.ended_s for phase in run.phases}
    return PeerFigures(
        name="openrtpd",
        title="OpenRTPD, until published to the lake",
        declarations=run.declarations,
        accepted_s=ended["accept"],
        stored_s=ended["publish"],
        cpu_us=run.cpu_us(),
        refused=refused,
        warned=run.warned,
        single=single,
    )


async def measure_peer(
    stack: Stack, settings: Settings, who: Caller, lines: Sequence[bytes], wrong: Sequence[bytes], connections: int
) -> PeerFigures:
    """Measures a peer with the lines of a load, on the servers of a system of ours that was stopped.

    `wrong` are lines to warm it up with, many of which it must refuse. Raises `PeerError` if it refuses a line of
    the load or does not get on.
    """
    servers = EmbeddedServers(settings)
    servers.start()
    try:
        write_codes(settings.home / "codes.json")
        return await _measure(stack, Ground(settings.home, servers, who, connections), lines, wrong)
    finally:
        servers.stop()


def write_codes(path: Path) -> None:
    """Writes the codes and limits of the field for the peers, who cannot import ours."""
    plates = tomllib.loads((DATA / "plates.toml").read_text("utf-8"))
    codes = {
        "countries": [*WORLD, *ALIASES],
        "posting_countries": [
            *POSTING_COUNTRIES,
            *(alias for alias, code in ALIASES.items() if code in POSTING_COUNTRIES),
        ],
        "aliases": ALIASES,
        "months": LIMITS.period.months,
        "dates": [LIMITS.dates.earliest, LIMITS.dates.latest],
        "driver_ages": [LIMITS.driver.youngest, LIMITS.driver.oldest],
        "plate_key_lengths": [LIMITS.plate.shortest_key, LIMITS.plate.longest_key],
        "licences": tomllib.loads((DATA / "licences.toml").read_text("utf-8")),
        **{name: plates[name] for name in ("separators", "look_alikes", "folded", "series", "by_wish")},
    }
    path.write_bytes(msgspec.json.encode(codes))


async def _measure(stack: Stack, ground: Ground, lines: Sequence[bytes], wrong: Sequence[bytes]) -> PeerFigures:
    """Warms a peer up, then sends all lines and waits until they are stored; its servers' CPU counts as its own."""
    peer, redis_socket, postgres = stack.peer, ground.servers.redis, ground.servers.postgres
    assert redis_socket is not None
    assert redis_socket.process is not None
    assert postgres is not None
    assert postgres.process is not None
    told = {
        "PEER_DATABASE_URL": postgres.url,
        "PEER_REDIS_SOCKET": str(redis_socket.socket),
        "PEER_REDIS_DATABASE": str(_DATABASE),
        "PEER_CODES": str(ground.home / "codes.json"),
    }
    port, log = free_port(), ground.home / "logs" / f"{peer.name}.log"
    connection = await asyncpg.connect(postgres.url)
    try:
        async with Redis(unix_socket_path=str(redis_socket.socket), db=_DATABASE) as redis:
            await redis.flushdb()
            for statement in ("drop_tables", "make_tables", "settle", "checkpoint"):
                await connection.execute(_SQL[statement])
            with stack.running(port, told, log) as pids:
                tried = _Trial(peer, ground.who, f"http://127.0.0.1:{port}", connection, redis, ground.connections)
                await tried.begin()
                await tried.send(wrong)
                refused, tried.refused, tried.warned = tried.refused, 0, 0
                await tried.wait_stored(len(wrong) - refused)
                pids |= {"postgres": postgres.process.pid, "redis": redis_socket.process.pid}
                before, begun = _cpu(pids), time.monotonic()
                single = await tried.send(lines)
                accepted_s = time.monotonic() - begun
                if tried.refused:
                    raise PeerError(f"it refused {tried.refused} lines of the load")
                await tried.wait_stored(len(wrong) - refused + len(lines))
                stored_s, after = time.monotonic() - begun, _cpu(pids)
            differences = await connection.fetchval(_SQL["differences"])
            await connection.execute(_SQL["drop_tables"])
    except (PeerError, OSError, httpx.HTTPError) as error:
        raise PeerError(f"{peer.title}: {error} (see {log})") from error
    finally:
        await connection.close()
    return PeerFigures(
        name=peer.name,
        title=peer.title,
        declarations=len(lines),
        accepted_s=accepted_s,
        stored_s=stored_s,
        cpu_us={name: (after[name] - before[name]) / len(lines) * 1e6 for name in pids},
        refused=refused,
        warned=tried.warned if peer.bulk else None,
        differences=differences,
        single=single,
    )


def _cpu(pids: Mapping[str, int]) -> dict[str, float]:
    used = {name: usage_of(pid) for name, pid in pids.items()}
    if ended := [name for name, usage in used.items() if usage is None]:
        raise PeerError(f"{', '.join(ended)} ended")
    return {name: usage.cpu_s for name, usage in used.items() if usage}


@dataclass(slots=True)
class _Trial:
    """A peer under way: how it is sent to, how one sees that it has stored, what it said of the lines."""

    peer: Peer
    who: Caller
    url: str
    connection: asyncpg.Connection
    redis: Redis
    connections: int
    refused: int = 0
    warned: int = 0

    async def begin(self) -> None:
        """Waits until the peer takes connections."""
        until = time.monotonic() + _READY_S
        port = int(self.url.rpartition(":")[2])
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            await asyncio.sleep(_WAIT_S)
        raise PeerError("it does not take connections")

    async def send(self, lines: Sequence[bytes]) -> RequestFigures | None:
        """Sends all lines, in uploads or one by one, as the peer takes them; figures of requests if one by one."""
        if self.peer.bulk:
            await self._upload(lines)
            return None
        target = f"{self.url}/declarations/submit"
        common = {"x-api-key": self.who.api_key, "content-type": "application/json"}
        requests = [rendered("POST", target, common | {"x-operator-id": _operator_of(line)}, line) for line in lines]
        figures = await drive(self.url, requests, self.connections, seconds=None)
        if figures.statuses.keys() - {httpx.codes.ACCEPTED, httpx.codes.UNPROCESSABLE_ENTITY}:
            raise PeerError(f"it answered {figures.statuses}")
        self.refused += figures.statuses.get(httpx.codes.UNPROCESSABLE_ENTITY, 0)
        return figures

    async def _upload(self, lines: Sequence[bytes]) -> None:
        bodies = iter([b"\n".join(lines[at : at + UPLOAD_LINES]) + b"\n" for at in range(0, len(lines), UPLOAD_LINES)])
        async with httpx.AsyncClient(base_url=self.url, timeout=_PATIENCE_S, trust_env=False) as client:

            async def send_some() -> None:
                for body in bodies:
                    key = {"x-api-key": self.who.api_key, "idempotency-key": uuid4().hex}
                    headers = key | {"content-type": "application/x-ndjson"}
                    answer = await client.post("/declarations/bulk", content=body, headers=headers)
                    if answer.status_code != httpx.codes.ACCEPTED:
                        raise PeerError(f"it answered {answer.status_code}: {answer.text[:500]}")
                    said = answer.json()
                    self.refused += said["refused"]
                    self.warned += len(said["findings"])

            await asyncio.gather(*[send_some() for _ in range(_IN_FLIGHT)])

    async def wait_stored(self, expected: int) -> None:
        """Waits until the queue is empty and so many rows are stored. Raises `PeerError` when nothing moves."""
        last, moved = (-1, -1), time.monotonic()
        while (now := await self._progress()) != (0, expected):
            if now != last:
                last, moved = now, time.monotonic()
            if time.monotonic() - moved > _PATIENCE_S:
                raise PeerError(f"{now[0]} jobs wait in its queue, {now[1]} rows are stored, and it does not get on")
            await asyncio.sleep(_WAIT_S)

    async def _progress(self) -> tuple[int, int]:
        """Gives the jobs that wait and, when there are none, the rows that are stored."""
        waiting = await self._waiting()
        return waiting, 0 if waiting else int(await self.connection.fetchval(_SQL["stored"]))

    async def _waiting(self) -> int:
        """Gives how many jobs its lists and hashes hold; asked for a length of the other kind, Redis gives an error."""
        asked = self.redis.pipeline(transaction=False)
        for name in self.peer.queues:
            asked.llen(name)
            asked.hlen(name)
        return sum(each for each in await asked.execute(raise_on_error=False) if isinstance(each, int))


def _operator_of(line: bytes) -> str:
    """Gives the operator that a generated line names, though the line be wrong or cut off."""
    return line.partition(b'"operatorId":"')[2][:36].decode()
