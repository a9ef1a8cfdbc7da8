"""The lake damaged in every way that was thought of: found by reconciling, healed from Postgres."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from rtpd.addresses import addresses_of
from rtpd.processes import RTPD
from rtpd.settings import read_settings
from tests.running_system import RunningSystem, environment_for, running_system, wait_for


@pytest.fixture(scope="module")
def filled(home: Path) -> Iterator[RunningSystem]:
    with running_system(environment_for(home / "damage")) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        _submit(system, 3000)
        system.rtpd("reconcile")
        yield system


def _submit(system: RunningSystem, count: int) -> None:
    keys = ("--api-key", system.operator["apiKey"], "--operator-id", system.operator["operatorId"])
    system.rtpd("submit", "-", *keys, given=system.rtpd("generate", "--count", str(count), "--country", "PL"))


def _addresses(system: RunningSystem) -> tuple[str, Path]:
    own = {name: value for name, value in system.environment.items() if name.startswith("RTPD_")}
    addresses = addresses_of(read_settings(own))
    return addresses.database_url, Path(addresses.lake)


async def _sql(system: RunningSystem, statement: str) -> None:
    connection = await asyncpg.connect(_addresses(system)[0])
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _heal(system: RunningSystem) -> None:
    wait_for(lambda: "republished" in system.rtpd("republish", "--json", code=None))
    outcome = system.rtpd_json("reconcile", "--wait", "60")
    assert outcome["differing"] == 0
    assert outcome["stored"] == outcome["published"] > 0


def _files(system: RunningSystem) -> list[Path]:
    return sorted(
        _addresses(system)[1].rglob("main/declaration_version*/**/*.parquet"), key=lambda path: -path.stat().st_size
    )


def test_a_truncated_file_is_healed(filled: RunningSystem) -> None:
    damaged = _files(filled)[0]
    damaged.write_bytes(damaged.read_bytes()[:200])
    filled.rtpd("reconcile", code=2)
    _heal(filled)


def test_a_file_that_is_gone_is_healed(filled: RunningSystem) -> None:
    _files(filled)[0].unlink()
    filled.rtpd("reconcile", code=2)
    _heal(filled)


async def test_a_catalog_that_forgot_files_is_healed(filled: RunningSystem) -> None:
    await _sql(filled, "DELETE FROM ducklake.ducklake_data_file")
    filled.rtpd("reconcile", code=1)
    _heal(filled)


def test_the_system_goes_on_after_it_was_healed(filled: RunningSystem) -> None:
    _submit(filled, 500)
    outcome = filled.rtpd_json("reconcile", "--wait", "60")
    assert outcome["differing"] == 0
    assert outcome["stored"] >= 3500
    assert httpx.get(f"{filled.reports_url}/ready").status_code == 200


def test_a_backup_restored_into_an_empty_home_is_the_same(filled: RunningSystem, home: Path, tmp_path: Path) -> None:
    _submit(filled, 500)
    filled.rtpd("reconcile", "--wait", "60")
    folder = tmp_path / "backup"
    wait_for(lambda: _backed_up(filled, folder))
    environment = environment_for(home / "restored")
    elsewhere = RunningSystem(home / "restored", environment, filled.process)
    assert elsewhere.rtpd_json("restore", str(folder))["declarations"] >= 3500
    assert "not empty" in _refused(elsewhere, "restore", str(folder))
    before = filled.rtpd_json("reconcile", "--wait", "60")
    with running_system(environment) as restored:
        after = restored.rtpd_json("reconcile", "--wait", "60")
        assert (after["stored"], after["published"], after["differing"]) == (before["stored"], before["stored"], 0)


def _refused(system: RunningSystem, *arguments: str) -> str:
    done = subprocess.run([*RTPD, *arguments], env=system.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    return done.stderr


def _backed_up(system: RunningSystem, folder: Path) -> bool:
    """Tries until the lake worker leaves the lake alone for a moment."""
    shutil.rmtree(folder, ignore_errors=True)
    return "declarations" in system.rtpd("backup", str(folder), "--json", code=None)
