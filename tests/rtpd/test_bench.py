"""The parts of `rtpd bench` that keep, meter and sample; the whole of it runs with `pytest -m bench`."""

import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import msgspec
import pytest

from loadtests.generator import Generator, Load
from rtpd.addresses import Addresses, Running, RunningProcess, running_file
from rtpd.bench.load import chunks_of
from rtpd.bench.lookups import Sampler
from rtpd.bench.meter import Meter
from rtpd.bench.year import NoRoomError, Year
from rtpd.caller import Caller
from schemas.declaration import Declaration
from tests.running_system import RTPD, environment_for

TODAY = date(2026, 11, 23)
_BUSY = "import time\nwhile time.process_time() < {}: pass"


def test_a_year_goes_on_with_its_key_its_load_and_its_receipts(tmp_path: Path):
    home = tmp_path / "year"
    first = Year(home, 0.001, TODAY)
    assert not first.goes_on
    first.begin(Caller("key", "operator"))
    first.receipts().close()
    again = Year(home, 0.001, date(2026, 11, 30))
    assert again.goes_on
    assert again.state.load() == first.state.load()
    assert again.state.who == Caller("key", "operator")
    assert again.receipts().run.run == first.state.run
    assert again.state.load().today == TODAY


def test_a_year_of_another_size_begins_anew(tmp_path: Path):
    first = Year(tmp_path / "year", 0.001, TODAY)
    first.begin(Caller("key", "operator"))
    other = Year(tmp_path / "year", 0.002, TODAY)
    assert not other.goes_on
    assert other.state.declarations == 36_000


def test_a_year_needs_its_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Usage())
    with pytest.raises(NoRoomError, match="are free"):
        Year(tmp_path / "year", 1.0, TODAY)


class _Usage:
    free = 1 << 30


def test_the_meter_counts_children_that_ended_and_restarts(tmp_path: Path):
    def begin(seconds: float) -> subprocess.Popen[bytes]:
        inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_BUSY.format(seconds)!r}]); input()"
        process = subprocess.Popen([sys.executable, "-c", inner], stdin=subprocess.PIPE)
        running = Running(Addresses("", "", ""), [RunningProcess("busy", process.pid, 1)])
        running_file(tmp_path).write_bytes(msgspec.json.encode(running))
        return process

    def wait(cpu_s: float) -> float:
        until = time.monotonic() + 30
        while (spent := meter.cpu()["busy"]) < cpu_s:
            assert time.monotonic() < until
            time.sleep(0.02)
        return spent

    meter = Meter(tmp_path)
    process = begin(0.3)
    first = wait(0.3)
    process.communicate(b"\n")
    process = begin(0.2)
    assert wait(first + 0.2) < first + 2
    process.communicate(b"\n")
    assert meter.take_peaks()["busy"] > 1 << 20
    assert meter.take_peaks() == {}


def test_sampled_plates_are_declared_for_the_host_that_is_asked():
    generator = Generator(Load(count=2000, operators=100, today=TODAY))
    sampler = Sampler(seed=1)
    declared = set()
    for chunk in sampler.watch(chunks_of(generator)):
        for line in chunk.body.splitlines():
            declaration = msgspec.json.decode(line, type=Declaration)
            plates = declaration.plates + declaration.plates_heavy + declaration.plates_light
            declared |= {(plate, declaration.posting_country) for plate in plates}
    assert sampler.asked
    assert {(asked.plate, asked.host) for asked in sampler.asked} <= declared


@pytest.mark.bench
@pytest.mark.parametrize(
    "arguments",
    [
        ("floor", "--declarations", "20000"),
        ("pipeline", "--declarations", "50000", "--floor-declarations", "20000"),
        ("year", "--scale", "0.003"),
        ("lookups", "--sizes", "20000"),
        ("single", "--connections", "8"),
    ],
)
def test_a_bench_runs_to_its_end(home: Path, arguments: tuple[str, ...]):
    environment = environment_for(home / "bench")
    done = subprocess.run([*RTPD, "bench", *arguments, "--json"], env=environment, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr.decode()
    assert msgspec.json.decode(done.stdout)


@pytest.mark.bench
def test_a_year_that_was_broken_off_goes_on_where_it_was(home: Path):
    environment = environment_for(home / "bench-year")
    receipts = home / "bench-year" / "bench" / "year" / "receipts.ndjson"
    command = [*RTPD, "bench", "year", "--scale", "0.01", "--json"]
    broken_off = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not receipts.exists() or len(receipts.read_bytes().splitlines()) < 3:
        assert time.monotonic() < until
        time.sleep(0.01)
    broken_off.send_signal(signal.SIGINT)
    broken_off.wait(60)
    before = receipts.read_bytes()
    done = subprocess.run(command, env=environment, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr.decode()
    assert receipts.read_bytes().startswith(before.rpartition(b"\n")[0])
    run = msgspec.json.decode(done.stdout)["pipeline"]
    assert run["differences"] == 0
    assert 0 < run["declarations"] < 180_000
