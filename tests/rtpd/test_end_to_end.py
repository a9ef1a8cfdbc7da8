"""The way of a declaration on the whole system: accepted, stored, published, found."""

from typing import Any

import httpx
import msgspec

from tests.running_system import RunningSystem, wait_for


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
