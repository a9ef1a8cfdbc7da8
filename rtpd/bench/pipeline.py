"""The real pipeline under a load: sent over HTTP, stored, published, reconciled, and watched meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import asyncpg
import msgspec
from redis.asyncio import Redis

from loadtests.bench.figures import Phase, PipelineRun, Sample
from loadtests.bench.floor import Floor
from rtpd.bench.machine import this_machine
from rtpd.bench.system import BenchSystem
from rtpd.client import Answer, Chunk, Intake
from rtpd.receipts import ReceiptsFile
from rtpd.submission import Summary, send
from schemas import keys, statements
from store.compact import Limits, lake_files, next_step

_SQL = statements.load("rtpd", "bench")
_SAMPLE_S = 1.0
_WAIT_S = 0.05
_QUIET_CORES = 0.1
_PATIENCE_S = 120.0
#: Compaction of a year takes minutes after the last declaration.
_QUIET_PATIENCE_S = 1_800.0


class StalledError(RuntimeError):
    """The pipeline does not get on."""


@dataclass(slots=True)
class Watch:
    """Watches a system under load: declarations on their way, CPU and memory of every process.

    Stored and published are counted from `begin` on; `told` is called with each sample.
    """

    system: BenchSystem
    told: Callable[[Sample], None]
    pool: asyncpg.Pool
    redis: Redis
    accepted: int = 0
    phases: list[Phase] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    _begun: float = 0.0
    _before: tuple[int, int] = (0, 0)
    _cpu: dict[str, float] = field(default_factory=dict)

    async def begin(self) -> None:
        """Starts the clock when the system is quiet; what is stored and published by then does not count."""
        await self.quiet()
        self._before = await self._progress()
        self.system.meter.take_peaks()
        self._cpu, self._begun = self.system.meter.cpu(), time.monotonic()

    async def sample_for_ever(self) -> None:
        """Takes a sample each second until cancelled."""
        while True:
            sample = await self._sample()
            self.samples.append(sample)
            self.told(sample)
            await asyncio.sleep(_SAMPLE_S)

    def end_phase(self, name: str) -> None:
        """Notes the end of a phase and the CPU that it took."""
        cpu = self.system.meter.cpu()
        spent = {process: seconds - self._cpu.get(process, 0.0) for process, seconds in cpu.items()}
        self.phases.append(Phase(name, time.monotonic() - self._begun, spent))
        self._cpu = cpu

    async def quiet(self) -> None:
        """Waits until the queue is empty, all is published and compacted, and no process is busy.

        Raises `StalledError` after half an hour.
        """
        until, cpu = time.monotonic() + _QUIET_PATIENCE_S, self.system.meter.cpu()
        while time.monotonic() < until:
            await asyncio.sleep(_SAMPLE_S)
            before, cpu = cpu, self.system.meter.cpu()
            busy_s = sum(cpu.values()) - sum(before.values())
            if busy_s < _QUIET_CORES * _SAMPLE_S and await self._is_done():
                return
        raise StalledError("the processes stay busy, or something is left to publish or to compact")

    async def _is_done(self) -> bool:
        if not (await self.all_stored() and await self.all_published()):
            return False
        return next_step(await lake_files(self.pool), Limits(), calm=True) is None

    async def all_stored(self) -> bool:
        """Says whether nothing waits in the queue: what was accepted went into it first."""
        return not await self._queued()

    async def all_published(self) -> bool:
        """Says whether all that is stored is published."""
        stored, published = await self._progress()
        return stored == published

    async def wait_until(self, reached: Callable[[], Awaitable[bool]]) -> None:
        """Waits until `reached` says so. Raises `StalledError` when nothing moves for two minutes."""
        last, moved = (-1, -1), time.monotonic()
        while not await reached():
            if (now := await self._since()) != last:
                last, moved = now, time.monotonic()
            if time.monotonic() - moved > _PATIENCE_S:
                raise StalledError(f"{last[0]} are stored and {last[1]} published, and it does not get on")
            await asyncio.sleep(_WAIT_S)

    async def _since(self) -> tuple[int, int]:
        stored, published = await self._progress()
        return stored - self._before[0], published - self._before[1]

    async def _progress(self) -> tuple[int, int]:
        row = await self.pool.fetchrow(_SQL["progress"])
        return row["stored"], row["published"]

    async def _queued(self) -> int:
        names = [keys.queued(shard) for shard in range(self.system.settings.shards)]
        return sum(int(each or 0) for each in await self.redis.mget(names))

    async def _sample(self) -> Sample:
        stored, published = await self._since()
        queued = await self._queued()
        memory = {name: round(usage.memory / 2**20, 1) for name, usage in self.system.meter.read().items()}
        at_s = time.monotonic() - self._begun
        return Sample(at_s, self.accepted, stored, published, queued, memory)


@dataclass(frozen=True, slots=True)
class Sending:
    """A load on its way: where to, its lines, where its receipts go, how many submissions at one time."""

    intake: Intake
    chunks: Iterator[Chunk]
    receipts: ReceiptsFile
    in_flight: int = 3


async def run_load(system: BenchSystem, sending: Sending, told: Callable[[Sample], None]) -> tuple[Watch, Summary]:
    """Sends a load and waits until all of it is stored, published and compacted.

    Raises `StalledError` or what sending raises.
    """
    async with (
        asyncpg.create_pool(system.addresses.database_url, min_size=1, max_size=2) as pool,
        Redis.from_url(system.addresses.redis_url) as redis,
    ):
        watch = Watch(system, told, pool, redis)

        def count(_chunk: Chunk, _answer: Answer | None, summary: Summary) -> None:
            watch.accepted = summary.accepted

        await watch.begin()
        sampling = asyncio.create_task(watch.sample_for_ever())
        try:
            summary = await send(
                sending.intake,
                sending.chunks,
                run=sending.receipts.run.run,
                in_flight=sending.in_flight,
                receipts=sending.receipts,
                watch=count,
            )
            watch.end_phase("accept")
            await watch.wait_until(watch.all_stored)
            watch.end_phase("store")
            await watch.wait_until(watch.all_published)
            watch.end_phase("publish")
            await watch.quiet()
            watch.end_phase("compact")
        finally:
            sending.receipts.close()
            sampling.cancel()
    return watch, summary


async def measure_pipeline(
    system: BenchSystem, sending: Sending, floor: Floor, operators: int, told: Callable[[Sample], None]
) -> PipelineRun:
    """Runs a load through the system and reconciles; gives all figures beside the floor's."""
    watch, summary = await run_load(system, sending, told)
    outcome = await asyncio.to_thread(system.rtpd, "reconcile", "--receipts", str(sending.receipts.path), "--json")
    watch.end_phase("reconcile")
    status = msgspec.json.decode(await asyncio.to_thread(system.rtpd, "status", "--json"))
    tables = [table for table in status["lake"] if table["name"].startswith("declaration_version")]
    return PipelineRun(
        machine=this_machine(),
        declarations=summary.accepted,
        operators=operators,
        bytes=summary.bytes,
        warned=summary.warned,
        phases=watch.phases,
        samples=watch.samples,
        peak_memory_mb={name: round(held / 2**20, 1) for name, held in system.meter.take_peaks().items()},
        lake_bytes=sum(table["bytes"] for table in status["lake"]) / max(1, sum(table["rows"] for table in tables)),
        differences=msgspec.json.decode(outcome)["differing"],
        floor=floor,
    )
