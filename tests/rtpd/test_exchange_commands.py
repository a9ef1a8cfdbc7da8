"""`rtpd authority` and `rtpd simulate` on a database of the test's own."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.running_system import RTPD

Run = Callable[..., Any]


@pytest.fixture
def run(database_url: str, redis_url: str, tmp_path: Path) -> Run:
    environment = os.environ | {
        "RTPD_DATABASE_URL": database_url,
        "RTPD_REDIS_URL": redis_url,
        "RTPD_HOME": str(tmp_path),
    }

    def rtpd(*arguments: str, code: int = 0) -> Any:
        done = subprocess.run([*RTPD, *arguments, "--json"], env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr

    return rtpd


async def test_a_directory_is_loaded_and_searched(run: Run, tmp_path: Path) -> None:
    loaded = run("authority", "load")
    assert loaded["created"] > 400
    assert run("authority", "load") == {"created": 0, "updated": loaded["created"]}
    found = run("authority", "search", "Arbeitsinspektion Warschau", "--language", "de")
    assert (found[0]["code"], found[0]["countryName"]) == ("PL-GIP", "Polen")
    assert run("authority", "search", "inspekcja", "--country", "EL", code=0)[0]["country"] == "GR"
    assert run("authority", "search", "Xyzzyxy", code=1) == []
    file = tmp_path / "authorities.ndjson"
    file.write_text('{"code": "FR-X"}\n', encoding="utf-8")
    assert "line 1" in run("authority", "load", str(file), code=2)


async def test_an_officer_is_entered_with_an_authority_of_the_same_state(run: Run) -> None:
    run("authority", "load")
    made = run("officer", "create", "--name", "Dupont", "--host", "FR", "--role", "desk", "--authority", "FR-DGT")
    assert made["token"].startswith("rtpd_officer_")
    wrong = ("officer", "create", "--name", "Dupont", "--host", "FR", "--authority", "PL-GIP")
    assert "FR has no authority PL-GIP" in run(*wrong, code=2)


async def test_a_year_of_exchanges_is_simulated(run: Run, database_url: str) -> None:
    counts = run("simulate", "exchanges", "--count", "100", "--seed", "3")
    assert counts["exchanges"] >= 100
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT count(*) FROM exchange") == counts["exchanges"]
    await connection.close()
