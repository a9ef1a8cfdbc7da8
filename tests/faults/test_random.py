"""A promise kept under fire: faults at random from a printed seed, and afterwards nothing lost, nothing doubled."""

import os
import random
import time
from pathlib import Path

import msgspec
import pytest

from rtpd.addresses import addresses_of
from rtpd.settings import read_settings
from tests.faults.clients import Clients
from tests.faults.nemesis import Nemesis
from tests.running_system import RunningSystem, environment_for, running_system

SHARDS = 3


@pytest.mark.parametrize(
    ("strikes", "pause_s"),
    [pytest.param(6, 1.5, id="short"), pytest.param(200, 2.0, id="long", marks=pytest.mark.faults)],
)
def test_nothing_is_lost_doubled_or_invented(home: Path, strikes: int, pause_s: float) -> None:
    seed = int(os.environ.get("FAULTS_SEED", time.time_ns() % 1_000_000))
    print(f"FAULTS_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    draw = random.Random(seed)
    with running_system(environment_for(home / f"faults-{strikes}", RTPD_SHARDS=SHARDS)) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        receipts = home / f"faults-{strikes}.receipts"
        nemesis = Nemesis(system, _redis_url(system), SHARDS, seed)
        clients = Clients.of(system, receipts, seed)
        with clients.at_work():
            for _ in range(strikes):
                time.sleep(draw.uniform(0.2, 2 * pause_s))  # how long a fault is in coming is part of the draw
                nemesis.strike(draw)
            time.sleep(pause_s)
        outcome = system.rtpd_json("reconcile", "--receipts", str(receipts), "--complete", "--wait", "120")
        told = f"seed {seed}: {nemesis.done}, {outcome}"
        assert outcome["differing"] == 0, told
        assert outcome["stored"] == outcome["published"] == outcome["receipted"] > 0, told
        assert _dead_letters(system) == nemesis.poison, told


def _redis_url(system: RunningSystem) -> str:
    settings = read_settings({name: value for name, value in system.environment.items() if name.startswith("RTPD_")})
    return addresses_of(settings).redis_url


def _dead_letters(system: RunningSystem) -> int:
    status = system.rtpd("status", "--json", code=None)
    return sum(shard["dead_letters"] for shard in msgspec.json.decode(status)["queue"])
