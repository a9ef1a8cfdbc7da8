"""No log has a person in it: neither what processes write about work and errors, nor metrics and addresses."""

import asyncio
import io
import logging
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import structlog

from rtpd.logs import configure_logs
from store.lake import reason
from tests.ingest.conftest import declaration
from tests.running_system import RunningSystem, wait_for

#: Nobody and nothing else is called like this.
NAME, PLATE, LICENCE, TEXT = "Zyxwvutska", "QX7ZQ9W", "QLIC770SEEDED", "Zpurposeska"
SEEDS = (NAME, PLATE, LICENCE, TEXT)
PERSON = {
    "driverLatinFirstName": NAME,
    "driverLatinLastName": NAME,
    "driverLicenseNumber": LICENCE,
    "declarationVehiclePlateNumber": [PLATE],
}


@pytest.fixture
def log() -> Any:
    output = io.StringIO()
    handlers, level = logging.root.handlers[:], logging.root.level
    configure_logs("debug", output)
    yield output
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def _crash(name: str) -> None:
    plates = {"plate": PLATE}
    try:
        int(name)
    except ValueError as error:
        raise KeyError(f"no {name} with {plates}") from error


def test_an_error_is_logged_as_its_kind_and_places_without_its_text_or_variables(log: io.StringIO) -> None:
    for logger in (structlog.get_logger("ours"), logging.getLogger("another's")):
        try:
            _crash(NAME)
        except KeyError:
            logger.exception("unforeseen")
    lines = [msgspec.json.decode(line) for line in log.getvalue().splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["exception"].startswith("KeyError < ") or line["exception"].startswith("KeyError ")
        assert "test_logs.py" in line["exception"]
        assert "ValueError" in line["exception"]
    assert not [seed for seed in SEEDS if seed in log.getvalue()]


async def test_a_task_that_nobody_waited_for_is_logged_without_its_error(log: io.StringIO) -> None:
    async def fails() -> None:
        raise ValueError(NAME)

    task = asyncio.ensure_future(fails())
    await asyncio.wait([task])
    task.__del__()
    assert "never retrieved" in log.getvalue()
    assert NAME not in log.getvalue()


async def test_what_postgres_says_of_a_value_is_left_out(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for statement in (f"SELECT '{NAME}'::uuid", f'SELECT "{NAME}"', f"SELECT ('\"{NAME}')::int"):
            with pytest.raises(asyncpg.PostgresError) as caught:
                await connection.execute(statement)
            assert NAME not in reason(caught.value)
    finally:
        await connection.close()


def test_people_are_in_no_log_metric_or_address_after_all_that_is_done_with_them(system: RunningSystem) -> None:
    operator = {"x-api-key": system.operator["apiKey"], "x-operator-id": system.operator["operatorId"]}
    officer = {"authorization": f"Bearer {system.officer['token']}"}
    refused = declaration(**PERSON | {"declarationEndDate": "2020-01-01", "driverDateOfBirth": NAME})
    body = b"\n".join([msgspec.json.encode(declaration(**PERSON)), msgspec.json.encode(refused), b'{"' + NAME.encode()])
    with httpx.Client(base_url=system.ingest_url, headers=operator, trust_env=False) as client:
        taken = client.post("/declarations/bulk", content=body)
        assert (taken.json()["accepted"], taken.json()["refused"]) == (1, 2)
        client.post("/drivers", content=msgspec.json.encode({"driverLatinFirstName": NAME, "plate": PLATE}))
        client.get("/drivers", params={"search": NAME, "limit": "x"})
        client.get(f"/declarations/by-reference/{NAME}")
        metrics = client.get("/metrics").text
    with httpx.Client(base_url=system.reports_url, headers=officer, trust_env=False) as client:

        def is_found() -> bool:
            found = client.get("/lookup", params={"plate": PLATE, "host": "FR", "driver": NAME, "purpose": TEXT})
            assert found.status_code == 200, found.text
            return bool(found.json()["declarations"])

        wait_for(is_found, 60)
        client.get("/lookup", params={"plate": PLATE, "host": NAME})
        client.get("/drivers/declarations", params={"licence": LICENCE, "purpose": TEXT})
        client.post("/lookups", json={"plates": [PLATE], "purpose": TEXT})
        client.post("/lookup/code", json={"code": NAME + PLATE})
        client.post("/controls", json={"plate": PLATE, "outcome": "in_order", "driverLastName": NAME, "note": TEXT})
        client.post("/exchanges", json={"procedure": NAME, "content": {"text": NAME}})
        client.get(f"/hints/{PLATE}")
        metrics += client.get("/metrics").text
    written = list((system.home / "logs").iterdir())
    assert {"ingest.log", "reports.log"} <= {file.name for file in written}
    for seed in SEEDS:
        assert seed not in metrics
        for file in written:
            assert seed.encode() not in file.read_bytes(), (seed, file.name)
