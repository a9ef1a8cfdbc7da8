"""The benches' own parts; their figures are printed by `rtpd bench`."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec
import pytest
from redis.asyncio import Redis

from loadtests.bench.figures import Machine, Phase, PipelineRun, Sample
from loadtests.bench.floor import Engines, Floor, StageCost, measure_floor
from loadtests.bench.plots import plot_pipeline
from loadtests.bench.requests import BrokenAnswerError, drive, rendered
from schemas.declaration import DeclarationLine
from schemas.frame import Entries, Entry, encode_frame
from schemas.identity import Serial, declaration_id, submission_id
from schemas.operator import OperatorCard
from tests.loadtests.test_generator import load, text
from validate.judge import Judge

FLOOR = Floor(100, [StageCost("decode lines", {"bench": 2.0}), StageCost("COPY rows", {"bench": 1.0, "postgres": 3.0})])


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                assert b"content-length: 2" in head
                await reader.readexactly(2)
                for part in (answer[:20], answer[20:]):
                    writer.write(part)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionResetError):
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1")
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()


@pytest.mark.parametrize("connections", [1, 7])
async def test_requests_are_driven_and_their_answers_counted(connections: int):
    async with server(b"HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello") as url:
        request = rendered("POST", f"{url}/x?y=1", {"x-api-key": "k"}, b"{}")
        assert request.startswith(b"POST /x?y=1 HTTP/1.1\r\nhost: 127.0.0.1:")
        figures = await drive(url, [request], connections, 0.3)
    assert figures.statuses == {202: figures.requests}
    assert figures.requests > connections
    assert 0 < figures.p50_ms <= figures.p95_ms <= figures.p99_ms


async def test_an_answer_without_a_length_ends_the_measurement():
    async with server(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n") as url:
        with pytest.raises(BrokenAnswerError):
            await drive(url, [rendered("POST", f"{url}/", {}, b"{}")], 1, 0.3)


def frames_of(lines: bytes) -> list[bytes]:
    entries, judge = Entries(), Judge(load(0).today)
    submission, at = submission_id(Serial(1_800_000_000_000, 0, 1), bytes(32)), 1_800_000_000_000_000
    for number, line in enumerate(lines.splitlines(), 1):
        declaration = msgspec.json.decode(line, type=DeclarationLine)
        judged = judge.judge(declaration, "XX")
        card = OperatorCard(bytes(16), "PL")
        entries.add(Entry(declaration, judged, card, declaration_id(submission, number).bytes, 1, False, at, at))
    return [encode_frame(entries)]


async def test_the_floor_is_measured_on_real_servers_and_leaves_nothing(
    database_url: str, redis_url: str, tmp_path: Path
):
    lines = text(load(500))
    engines = Engines(database_url, redis_url, tmp_path, lambda: {"postgres": 0.0})
    floor = await measure_floor(lines, frames_of(lines), engines)
    assert floor.declarations == 500
    assert [stage.stage for stage in floor.stages] == ["decode lines", "XADD frames", "COPY rows", "Parquet"]
    assert 0 < floor.total_us == sum(stage.total_us for stage in floor.stages)
    assert not os.listdir(tmp_path)
    async with Redis.from_url(redis_url) as redis:
        assert await redis.dbsize() == 0
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT to_regclass('floor_declaration_version')") is None
    await connection.close()


def run() -> PipelineRun:
    cpu = {"ingest": 100e-6, "postgres": 200e-6}
    return PipelineRun(
        machine=Machine("p", 2, 1.0, "s", "3.11", "c", "2026-11-24"),
        declarations=100,
        operators=5,
        bytes=1000,
        warned=0,
        phases=[Phase("accept", 1.0, cpu), Phase("publish", 2.0, cpu), Phase("compact", 4.0, cpu)],
        samples=[Sample(0.0, 0, 0, 0, 0, {"ingest": 1.0}), Sample(1.0, 100, 100, 50, 7, {"ingest": 2.0})],
        peak_memory_mb={"ingest": 2.0},
        lake_bytes=50.0,
        differences=0,
        floor=FLOOR,
    )


def test_the_pipelines_cost_counts_until_all_is_published():
    assert run().cpu_us() == pytest.approx({"ingest": 2.0, "postgres": 4.0})
    assert run().efficiency() == pytest.approx(6.0 / 6.0)
    assert run().efficiency("compact") == pytest.approx(9.0 / 6.0)
    assert run().rates() == {"accept": 100.0, "publish": 50.0, "compact": 25.0}


def test_a_run_can_be_drawn(tmp_path: Path):
    pytest.importorskip("matplotlib")
    plot_pipeline(run(), tmp_path / "run.svg")
    drawn = (tmp_path / "run.svg").read_text()
    assert drawn.startswith("<?xml")
