"""A promise kept under fire, of kills in the middle and of faults from a printed seed: nothing is lost or doubled."""

import os
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtpd.addresses import addresses_of
from rtpd.processes import RTPD
from rtpd.settings import read_settings
from tests.faults.clients import Clients
from tests.faults.nemesis import Nemesis
from tests.running_system import RunningSystem, environment_for, running_system, wait_for

SHARDS = 3


@dataclass(slots=True)
class Promised:
    """A system of this file's own, and every receipt that it has given."""

    system: RunningSystem
    folder: Path
    receipts: list[Path] = field(default_factory=list)

    def file(self, name: str) -> Path:
        """A file for more receipts."""
        self.receipts.append(self.folder / name)
        return self.receipts[-1]

    def reconciled(self) -> dict[str, Any]:
        """Compares all receipts with both stores."""
        whole = self.folder / "receipts"
        whole.write_bytes(b"".join(file.read_bytes() for file in self.receipts))
        return self.system.rtpd_json("reconcile", "--receipts", str(whole), "--complete", "--wait", "120")


@pytest.fixture(scope="module")
def promised(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promised]:
    with running_system(environment_for(home / "promised", RTPD_SHARDS=SHARDS)) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        yield Promised(system, tmp_path_factory.mktemp("receipts"))


def test_nothing_is_lost_or_doubled_when_processes_are_killed_in_the_middle(promised: Promised) -> None:
    system, receipts = promised.system, promised.file("middle")
    lines = promised.folder / "lines.ndjson"
    lines.write_text(system.rtpd("generate", "--count", "24000", "--country", "PL"))
    who = ("--api-key", system.operator["apiKey"], "--operator-id", system.operator["operatorId"])
    submitting = subprocess.Popen(
        [*RTPD, "submit", str(lines), *who, "--receipts", str(receipts), "--lines", "800", "--json"],
        env=system.environment,
        stdout=subprocess.PIPE,
    )
    for number, name in enumerate(("drain-1", "ingest", "lake", "redis", "postgres"), 1):
        wait_for(lambda least=number * 4: submitting.poll() is not None or answered(receipts) >= least)
        system.kill(name)
    told, _ = submitting.communicate(timeout=120)
    assert msgspec.json.decode(told)["accepted"] == 24_000
    wait_for(system.ready)
    outcome = promised.reconciled()
    assert outcome["differing"] == 0, outcome
    assert outcome["stored"] == outcome["published"] == outcome["receipted"] >= 24_000, outcome


def answered(receipts: Path) -> int:
    return receipts.read_bytes().count(b"\n") if receipts.exists() else 0


@pytest.mark.parametrize(
    ("strikes", "pause_s"),
    [pytest.param(6, 1.0, id="short"), pytest.param(200, 2.0, id="long", marks=pytest.mark.faults)],
)
def test_nothing_is_lost_doubled_or_invented(promised: Promised, strikes: int, pause_s: float) -> None:
    seed = int(os.environ.get("FAULTS_SEED", time.time_ns() % 1_000_000))
    print(f"FAULTS_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    draw, system = random.Random(seed), promised.system
    buried = _dead_letters(system)
    nemesis = Nemesis(system, _redis_url(system), SHARDS, seed)
    clients = Clients.of(system, promised.file(f"random-{strikes}"), seed)
    with clients.at_work():
        for _ in range(strikes):
            time.sleep(draw.uniform(0.2, 2 * pause_s))  # how long a fault is in coming is part of the draw
            nemesis.strike(draw)
        time.sleep(pause_s)
    outcome = promised.reconciled()
    told = f"seed {seed}: {nemesis.done}, {outcome}"
    assert outcome["differing"] == 0, told
    assert outcome["stored"] == outcome["published"] == outcome["receipted"] > 0, told
    assert _dead_letters(system) == buried + nemesis.poison, told


def _redis_url(system: RunningSystem) -> str:
    settings = read_settings({name: value for name, value in system.environment.items() if name.startswith("RTPD_")})
    return addresses_of(settings).redis_url


def _dead_letters(system: RunningSystem) -> int:
    status = system.rtpd("status", "--json", code=None)
    return sum(shard["dead_letters"] for shard in msgspec.json.decode(status)["queue"])
