"""A new release takes over with declarations in flight: accepted before the migration, stored after it."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rtpd.embedded.servers import EmbeddedServers
from rtpd.processes import RTPD
from rtpd.settings import read_settings
from store.migrate import migrate, migrations
from tests.running_system import RunningSystem, environment_for, running_system, wait_for


@pytest.fixture
def own(home: Path) -> Iterator[EmbeddedServers]:
    folder = home / "migration"
    servers = EmbeddedServers(read_settings({"RTPD_HOME": str(folder), "RTPD_SHARED_BUFFERS_MB": "64"}))
    servers.start()
    yield servers
    servers.stop()
    shutil.rmtree(folder)


def test_what_was_accepted_before_a_migration_is_stored_after_it(own: EmbeddedServers, tmp_path: Path) -> None:
    named = own.addresses
    addresses = {"RTPD_DATABASE_URL": named.database_url, "RTPD_REDIS_URL": named.redis_url, "RTPD_LAKE": named.lake}
    environment = environment_for(tmp_path / "home", RTPD_SHARDS=2, **addresses)
    *previous, last = migrations()
    asyncio.run(migrate(named.database_url, {name: migrations()[name] for name in previous}))
    receipts = tmp_path / "receipts"
    intake = subprocess.Popen([*RTPD, "ingest"], env=environment, stdout=subprocess.DEVNULL)
    try:
        system = RunningSystem(tmp_path / "home", environment, intake)  # type: ignore[arg-type]
        system.ingest_url = f"http://127.0.0.1:{environment['RTPD_INGEST_PORT']}"
        operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        wait_for(lambda: _answers(system.ingest_url))
        who = ("--api-key", operator["apiKey"], "--operator-id", operator["operatorId"])
        lines = system.rtpd("generate", "--count", "3000", "--country", "PL")
        system.rtpd("submit", "-", "--lines", "500", "--receipts", str(receipts), *who, given=lines)
    finally:
        intake.terminate()
        intake.wait(30)
    with running_system(environment) as system:  # `rtpd up` migrates first
        assert system.rtpd_json("migrate") == {"applied": []}, last
        outcome = system.rtpd_json("reconcile", "--receipts", str(receipts), "--complete", "--wait", "60")
        assert outcome["differing"] == 0, outcome
        assert outcome["stored"] == outcome["published"] == outcome["receipted"] == 3000, outcome


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=2).status_code == 200
    except httpx.TransportError:
        return False
