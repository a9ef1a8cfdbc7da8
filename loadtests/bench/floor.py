"""The floor: the work that no design can leave out, done alone on the same lines, frames and rows.

Decoding the lines with msgspec; one XADD with fsync for each frame; COPY of the rows into the same table with its
primary key; Parquet of the same batches. Everything else that the pipeline spends is ours to remove.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import asyncpg
import msgspec
import pgpq
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct
from redis.asyncio import Redis

from schemas import statements
from schemas.declaration import DeclarationLine
from schemas.frame import decode_frame
from schemas.rows import DECLARATION_VERSION, in_lake

_SQL = statements.load("loadtests", "floor")
_STREAM = "rtpd:{floor}:frames"
_BLOCK_BYTES = 256 << 10
_FRAMES_A_BATCH = 32
_ROUNDS = 3
_decode_lines = msgspec.json.Decoder(DeclarationLine).decode_lines

#: Gives the CPU seconds that each server has taken so far, by its name.
ServersCpu = Callable[[], Mapping[str, float]]


class StageCost(Struct, frozen=True):
    """What one stage costs: microseconds of CPU a declaration, by process; `bench` is the process that measures."""

    stage: str
    cpu_us: dict[str, float]

    @property
    def total_us(self) -> float:
        """Microseconds of CPU a declaration over all processes."""
        return sum(self.cpu_us.values())


class Floor(Struct, frozen=True):
    """The stages of the floor, measured on so many declarations."""

    declarations: int
    stages: list[StageCost]

    @property
    def total_us(self) -> float:
        """Microseconds of CPU a declaration of all stages."""
        return sum(stage.total_us for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Engines:
    """The servers and the folder to measure with."""

    database_url: str
    redis_url: str
    folder: Path
    servers_cpu: ServersCpu


async def measure_floor(lines: bytes, frames: Sequence[bytes], engines: Engines) -> Floor:
    """Measures each stage three times and takes the median.

    `frames` are what intake made of `lines`. Nothing else may use the servers meanwhile.
    """
    batches = _batches(frames)
    rows = sum(batch.num_rows for batch in batches)
    work: dict[str, Callable[[], Awaitable[None]]] = {
        "decode lines": lambda: _decode(lines),
        "XADD frames": lambda: _add(frames, engines.redis_url),
        "COPY rows": lambda: _copy(batches, engines.database_url),
        "Parquet": lambda: _write(batches, engines.folder),
    }
    return Floor(rows, [await _cost(name, do, rows, engines.servers_cpu) for name, do in work.items()])


async def _cost(name: str, do: Callable[[], Awaitable[None]], rows: int, servers_cpu: ServersCpu) -> StageCost:
    taken: list[dict[str, float]] = []
    for _ in range(_ROUNDS):
        before, own = servers_cpu(), time.process_time()
        await do()
        own, after = time.process_time() - own, servers_cpu()
        taken.append({"bench": own} | {server: after[server] - before[server] for server in after})
    middle = {process: median(each[process] for each in taken) for process in taken[0]}
    return StageCost(name, {process: seconds / rows * 1e6 for process, seconds in middle.items() if seconds})


def _batches(frames: Sequence[bytes]) -> list[pa.RecordBatch]:
    """Joins the frames' rows into batches as a drain does."""
    read = [decode_frame(frame).declarations for frame in frames]
    return [
        pa.Table.from_batches(read[at : at + _FRAMES_A_BATCH], DECLARATION_VERSION).combine_chunks().to_batches()[0]
        for at in range(0, len(read), _FRAMES_A_BATCH)
    ]


async def _decode(lines: bytes) -> None:
    at = 0
    while at < len(lines):
        end = lines.rfind(b"\n", at, at + _BLOCK_BYTES) + 1 or lines.index(b"\n", at) + 1
        _decode_lines(lines[at:end])
        at = end


async def _add(frames: Sequence[bytes], redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        for frame in frames:
            await redis.xadd(_STREAM, {"frame": frame})
            await redis.execute_command("WAITAOF", 1, 0, 5_000)
        await redis.delete(_STREAM)


async def _copy(batches: Sequence[pa.RecordBatch], database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_SQL["make_table"])
        for batch in batches:
            await connection.copy_to_table(
                "floor_declaration_version",
                source=_in_one_piece(batch),
                columns=batch.schema.names,
                format="binary",
            )
    finally:
        await connection.execute(_SQL["drop_table"])
        await connection.close()


async def _in_one_piece(batch: pa.RecordBatch) -> AsyncIterator[bytes]:
    encoder = pgpq.ArrowToPostgresBinaryEncoder(batch.schema)
    yield b"".join((encoder.write_header(), encoder.write_batch(batch), encoder.finish()))


async def _write(batches: Sequence[pa.RecordBatch], folder: Path) -> None:
    for number, batch in enumerate(batches):
        path = folder / f"floor-{number}.parquet"
        with path.open("wb") as file:
            rows = pa.Table.from_batches([batch])
            pq.write_table(rows.cast(in_lake(batch.schema)), file, compression="zstd", compression_level=1)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
