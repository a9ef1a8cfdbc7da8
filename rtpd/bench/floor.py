"""The floor of this machine: frames are taken from a real intake, then each stage is measured alone."""

from collections.abc import Callable
from uuid import uuid4

from redis import Redis

from loadtests.bench.floor import Engines, Floor, measure_floor
from loadtests.generator import Generator
from rtpd.bench.load import chunks_of, intake_of
from rtpd.bench.system import BenchSystem
from rtpd.caller import Caller
from rtpd.submission import send
from schemas import keys

_SERVERS = ("postgres", "redis")


class FloorError(RuntimeError):
    """Intake did not take the whole sample."""


async def floor_of(system: BenchSystem, who: Caller, sample: Generator) -> Floor:
    """Measures the floor on a sample of the load, while the drains are held so that the servers are idle.

    The sample is in the system afterwards, as if it had been submitted. Raises `FloorError`.
    """
    chunks = list(chunks_of(sample))
    intake = intake_of(system, who)
    with system.suspended("drain"):
        summary = await send(intake, iter(chunks), run=uuid4().hex, in_flight=1)
        if summary.refused:
            raise FloorError(f"intake refused {summary.refused} lines of the sample")
        engines = Engines(
            system.addresses.database_url, system.addresses.redis_url, system.settings.home, _servers_cpu(system)
        )
        return await measure_floor(b"".join(chunk.body for chunk in chunks), _queued_frames(system), engines)


def _queued_frames(system: BenchSystem) -> list[bytes]:
    with Redis.from_url(system.addresses.redis_url) as redis:
        streams = [redis.xrange(keys.frames(shard)) for shard in range(system.settings.shards)]
    return [fields[b"frame"] for stream in streams for _, fields in stream]


def _servers_cpu(system: BenchSystem) -> Callable[[], dict[str, float]]:
    def read() -> dict[str, float]:
        return {name: seconds for name, seconds in system.meter.cpu().items() if name in _SERVERS}

    return read
