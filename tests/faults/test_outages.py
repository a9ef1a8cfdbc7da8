"""Servers that are away for a while, one or both: intake goes on or says when to come again, and nothing is lost."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis.exceptions import RedisError

from rtpd.embedded.postgres import Postgres
from rtpd.embedded.servers import EmbeddedServers
from rtpd.embedded.valkey import Valkey
from rtpd.settings import read_settings
from store.migrate import migrate
from store.reconcile import Sides, settle
from tests.faults.clients import Clients
from tests.running_system import RunningSystem, environment_for, running_system, wait_for

#: The longer is past the minute for which intake takes what it knows of a key as fresh.
LENGTHS = [pytest.param(2.0, id="short"), pytest.param(70.0, id="minutes", marks=pytest.mark.faults)]


@pytest.fixture
def own(home: Path) -> Iterator[EmbeddedServers]:
    """Servers that nobody but the test starts again, as in production."""
    folder = home / "outages"
    servers = EmbeddedServers(read_settings({"RTPD_HOME": str(folder), "RTPD_SHARED_BUFFERS_MB": "64"}))
    servers.start()
    yield servers
    servers.stop()
    shutil.rmtree(folder)


@pytest.fixture
def ours(own: EmbeddedServers, tmp_path: Path) -> Iterator[RunningSystem]:
    """A system beside servers that are not its own."""
    named = own.addresses
    addresses = {"RTPD_DATABASE_URL": named.database_url, "RTPD_REDIS_URL": named.redis_url, "RTPD_LAKE": named.lake}
    # One process takes in: a second one that has not met the key yet rightly answers 503 while Postgres is away.
    environment = environment_for(tmp_path / "home", RTPD_SHARDS=2, RTPD_INGEST_PROCESSES=1, **addresses)
    with running_system(environment) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        yield system


@pytest.mark.parametrize("seconds", LENGTHS)
def test_servers_may_go_away(seconds: float, ours: RunningSystem, own: EmbeddedServers, tmp_path: Path) -> None:
    assert own.postgres
    assert own.redis
    clients = Clients.of(ours, tmp_path / "receipts", seed=time.time_ns() % 1_000_000)
    with clients.at_work():
        wait_for(lambda: clients.receipted > 2)
        _intake_goes_on_without_postgres(own.postgres, clients, seconds)
        _without_redis_intake_says_when_to_come_again(own.redis, ours, clients, seconds)
        _both_are_killed_at_once(own.postgres, own.redis, clients, seconds)
    outcome = ours.rtpd_json("reconcile", "--receipts", str(clients.receipts), "--complete", "--wait", "120")
    assert outcome["differing"] == 0, outcome
    assert outcome["stored"] == outcome["published"] == outcome["receipted"] > 0, outcome


async def test_reconciling_waits_for_servers_that_are_away(own: EmbeddedServers) -> None:
    assert own.postgres
    assert own.redis
    await migrate(own.addresses.database_url)
    sides = Sides(own.addresses.database_url, own.addresses.redis_url, own.addresses.lake, shards=1)
    for server, says in ((own.postgres, OSError), (own.redis, RedisError)):
        server.kill()
        with pytest.raises(says):
            await settle(sides, 0)
        waiting = asyncio.create_task(settle(sides, 60))
        await asyncio.to_thread(server.start)
        await waiting


def _intake_goes_on_without_postgres(postgres: Postgres, clients: Clients, seconds: float) -> None:
    postgres.kill()
    before, until = clients.receipted, time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > until and clients.receipted > before + 5, seconds + 30)
    assert clients.refused.keys() <= {"submission_in_progress", "too_many_requests"}, clients.refused
    postgres.start()


def _without_redis_intake_says_when_to_come_again(
    redis: Valkey, system: RunningSystem, clients: Clients, seconds: float
) -> None:
    redis.kill()
    until = time.monotonic() + seconds
    answer = httpx.post(
        f"{system.ingest_url}/declarations/submit", content=clients.lines[0].strip(), headers=clients.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "queue_unreachable")
    assert int(answer.headers["retry-after"]) > 0
    ready = httpx.get(f"{system.ingest_url}/ready")
    assert (ready.status_code, ready.json()["queue"]) == (503, False)
    assert any("Redis does not answer" in one for one in system.status().trouble)
    before = clients.receipted
    wait_for(lambda: time.monotonic() > until, seconds + 30)
    assert clients.receipted == before
    redis.start()
    wait_for(lambda: clients.receipted > before + 2)


def _both_are_killed_at_once(postgres: Postgres, redis: Valkey, clients: Clients, seconds: float) -> None:
    redis.kill()
    postgres.kill()
    until = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > until, seconds + 30)
    redis.start()
    before = clients.receipted
    wait_for(lambda: clients.receipted > before + 2)  # the journal suffices
    postgres.start()
