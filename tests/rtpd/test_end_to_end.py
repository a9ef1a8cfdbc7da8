"""The way of a declaration on the whole system: accepted, stored, published, found, and nothing lost on the way."""

import subprocess
from pathlib import Path
from typing import Any

import httpx
import msgspec

from rtpd.processes import RTPD
from tests.running_system import RunningSystem, environment_for, running_system, wait_for


def keys_of(system: RunningSystem) -> tuple[str, ...]:
    return ("--api-key", system.operator["apiKey"], "--operator-id", system.operator["operatorId"])


def look_up(system: RunningSystem, plate: str, host: str = "FR") -> Any:
    return msgspec.json.decode(
        system.rtpd("lookup", plate, "--host", host, "--token", system.officer["token"], "--json")
    )


def test_a_single_declaration_is_found_by_its_plate_within_two_seconds(system: RunningSystem) -> None:
    lines = system.rtpd("generate", "--count", "1", "--seed", "11", "--country", "PL")
    declaration = msgspec.json.decode(lines) | {
        "declarationPostingCountry": "FR",
        "declarationVehiclePlateNumberHeavy": ["WE 2 SEC1"],
    }
    headers = {"x-api-key": system.operator["apiKey"], "x-operator-id": system.operator["operatorId"]}
    answer = httpx.post(f"{system.ingest_url}/declarations/submit", json=declaration, headers=headers)
    assert answer.status_code == 202
    identifier = answer.json()["declarationId"]

    def found() -> bool:
        return [one["declarationId"] for one in look_up(system, "we-2-sec-1")["declarations"]] == [identifier]

    wait_for(found, seconds=5)


def test_another_member_states_postings_are_refused(system: RunningSystem) -> None:
    system.rtpd("lookup", "WE2SEC1", "--host", "DE", "--token", system.officer["token"], code=2)


def test_nothing_is_lost_or_doubled_when_processes_are_killed_in_the_middle(home: Path) -> None:
    with running_system(environment_for(home / "middle")) as system:
        system.operator = system.rtpd_json("operator", "create", "--name", "Przewozy", "--country", "PL")
        lines = home / "middle.ndjson"
        lines.write_text(system.rtpd("generate", "--count", "60000", "--country", "PL"))
        receipts = home / "middle.receipts"
        submitting = subprocess.Popen(
            [*RTPD, "submit", str(lines), *keys_of(system), "--receipts", str(receipts), "--lines", "2000", "--json"],
            env=system.environment,
            stdout=subprocess.PIPE,
        )
        for number, name in enumerate(("drain-1", "ingest", "lake", "redis", "postgres"), 1):
            wait_for(lambda least=number * 4: submitting.poll() is not None or answered(receipts) >= least)
            system.kill(name)
        told, _ = submitting.communicate(timeout=120)
        assert msgspec.json.decode(told)["accepted"] == 60_000
        wait_for(system.ready)
        outcome = system.rtpd_json("reconcile", "--receipts", str(receipts), "--complete")
        assert (outcome["receipted"], outcome["stored"], outcome["published"]) == (60_000, 60_000, 60_000)
        assert outcome["differing"] == 0


def answered(receipts: Path) -> int:
    return receipts.read_bytes().count(b"\n") if receipts.exists() else 0
