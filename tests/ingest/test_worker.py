"""The worker of the operators' side as arq runs it, on real servers."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from arq.worker import Worker
from litestar.testing import AsyncTestClient

from ingest.app import Options
from ingest.declarations.drafts import sweep
from ingest.intake import Intake
from ingest.worker import worker_settings
from tests.ingest.conftest import SHARDS, Caller, Clock, Drains, declaration
from tests.ingest.test_declarations import driver_id, listed, read, submit
from tests.ingest.test_fleets import keep

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]


@pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")  # arq closes Redis so
async def test_it_renews_ends_what_was_cut_off_and_forgets(
    client: Client, caller: Caller, driver_id: str, clock: Clock, pool: asyncpg.Pool, database_url: str, redis_url: str
) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]
    end = {"declarationEndDate": str(clock.today + timedelta(days=30))}
    made = await submit(client, caller, driver_id, declarationVehiclePlateNumber=None, fleetId=fleet_id, **end)
    await client.post("/renewals", json={"driverId": driver_id, "leadDays": 30}, headers=caller.headers)
    await pool.execute("UPDATE standing_renewal SET due_at = now()")
    # Changes that were cut off before they reached the declarations, and an event from long ago.
    await pool.execute("UPDATE driver SET driver_city = 'Gdynia', revision = 2, updated_at = '2020-01-01'")
    plates = "UPDATE named_fleet SET plates_heavy = '{PO 9ZZ99}', revision = 2, updated_at = '2020-01-01'"
    await pool.execute(plates)
    await pool.execute("UPDATE event SET happened_at = '2020-01-01' WHERE kind = 'driver.created'")
    settings = worker_settings(Options(database_url, redis_url, SHARDS, 1_000_000, now=clock), None)
    for job in settings["cron_jobs"]:
        job.run_at_startup = True
    worker = Worker(**settings, handle_signals=False)
    running = asyncio.create_task(worker.async_run())
    deadline = time.monotonic() + 20
    try:
        while time.monotonic() < deadline:
            found = await read(client, caller, made["declarationId"])
            old = await pool.fetchval("SELECT count(*) FROM event WHERE kind = 'driver.created'")
            if found["declarationVersion"] == 3 and len(await listed(client, caller)) == 2 and not old:
                break
            await asyncio.sleep(0.1)
    finally:
        await worker.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    found = await read(client, caller, made["declarationId"])
    assert found["driverAddressCity"] == "Gdynia"
    assert found["declarationVehiclePlateNumberHeavy"] == ["PO 9ZZ99"]
    assert len(await listed(client, caller)) == 2
    assert old == 0


async def test_drafts_that_a_crash_left_and_those_that_nobody_wants_any_more_are_swept(
    client: Client, caller: Caller, intake: Intake, drains: Drains, pool: asyncpg.Pool, clock: Clock
) -> None:
    submitted, kept = [
        (await client.post("/declarations", json=declaration(), headers=caller.headers)).json()["declarationId"]
        for _ in range(2)
    ]
    (row,) = [one for one in await pool.fetch("SELECT * FROM draft") if str(one["declaration_id"]) == submitted]
    assert (await client.post(f"/declarations/{submitted}/submit", headers=caller.headers)).status_code == 200
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await pool.execute(f"INSERT INTO draft VALUES ({places})", *row)  # as if the process had died before it took it out
    assert await sweep(intake, 100) == 0  # it waits in the journal
    await drains.run()
    assert await sweep(intake, 100) == 1
    assert [str(found) for (found,) in await pool.fetch("SELECT declaration_id FROM draft")] == [kept]
    clock.days_ahead(800)
    assert await sweep(intake, 100) == 1
