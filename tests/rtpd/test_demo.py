"""The demo is loaded once, by the way that everyone's declarations go, and what it prints can be pasted."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from rtpd.demo import Demo, demo_file
from tests.running_system import RunningSystem, environment_for, running_system, wait_for


@pytest.fixture(scope="module")
def with_demo(home: Path) -> Iterator[RunningSystem]:
    with running_system(environment_for(home / "demo", DEMO=1, RTPD_DEMO_DECLARATIONS=3000)) as system:
        yield system


@pytest.fixture(scope="module")
def pasted(with_demo: RunningSystem) -> list[str]:
    return [line.strip() for line in with_demo.rtpd("demo").splitlines() if line.startswith("  ")]


def paste(system: RunningSystem, line: str) -> bytes:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], env=system.environment, capture_output=True, check=True, timeout=120
    ).stdout


def stored(system: RunningSystem) -> int:
    return int(system.rtpd_json("status")["store"]["declarations"])


def test_the_printed_look_up_finds_the_printed_plate(with_demo: RunningSystem, pasted: list[str]) -> None:
    assert msgspec.json.decode(paste(with_demo, pasted[1]))["verdict"] == "GREEN"


def test_the_printed_submission_is_accepted_and_found(with_demo: RunningSystem, pasted: list[str]) -> None:
    identifier = msgspec.json.decode(paste(with_demo, pasted[2]))["declarationId"]

    def found() -> bool:
        answer = msgspec.json.decode(paste(with_demo, pasted[3]))
        return identifier in [one["declarationId"] for one in answer["declarations"]]

    wait_for(found, seconds=10)


def test_the_desk_has_exchanges_that_were_sent_and_received(with_demo: RunningSystem) -> None:
    demo = msgspec.json.decode(demo_file(with_demo.home).read_bytes(), type=Demo)
    headers = {"authorization": f"Bearer {demo.officer_token}"}
    for direction, least in (("sent", 20), ("received", 1)):  # few ask France
        query = {"direction": direction, "limit": "200"}
        answer = httpx.get(f"{with_demo.reports_url}/exchanges", params=query, headers=headers, trust_env=False)
        items = answer.raise_for_status().json()["items"]
        assert len(items) >= least, direction


def test_the_second_start_loads_nothing_and_prints_the_same(with_demo: RunningSystem, pasted: list[str]) -> None:
    before = stored(with_demo)
    again = [line.strip() for line in with_demo.rtpd("demo").splitlines() if line.startswith("  ")]
    assert again == pasted
    assert stored(with_demo) == before >= 3000


def test_a_demo_that_was_interrupted_is_finished_and_not_doubled(with_demo: RunningSystem) -> None:
    before, file = stored(with_demo), demo_file(with_demo.home)
    demo = msgspec.json.decode(file.read_bytes(), type=Demo)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(demo, plate=None)))
    assert with_demo.rtpd_json("demo")["plate"] == demo.plate
    assert stored(with_demo) == before


def test_the_keys_are_for_the_owner_of_the_home_alone(with_demo: RunningSystem) -> None:
    assert demo_file(with_demo.home).stat().st_mode & 0o077 == 0


def test_commands_without_a_key_use_the_demos(with_demo: RunningSystem) -> None:
    lines = with_demo.rtpd("generate", "--count", "10", "--seed", "5")
    assert msgspec.json.decode(with_demo.rtpd("submit", "-", "--json", given=lines))["accepted"] == 10
