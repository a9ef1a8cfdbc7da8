"""What authorities write comes into the lake, each version once, without names and free text."""

import asyncio
import os

import duckdb
import pytest

from exchange import publishing
from exchange.alerts import NewAlert, acknowledge_alert, page_of_alerts, send_alert
from exchange.record import Content
from store.compact import lake_files
from store.lake import create_lake, open_lake
from tests.exchange.conftest import World


@pytest.fixture
async def connection(database_url: str, lake: str):
    await create_lake(database_url, lake)
    with open_lake(database_url, lake) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


async def test_every_version_is_published_once(world: World, connection: duckdb.DuckDBPyConnection):
    dupont, pole = await world.officer("FR-DGT"), await world.officer("PL-GIP")
    sent = await world.assistance(dupont)
    assert await publishing.publish(world.pool, connection) == 2
    assert await publishing.publish(world.pool, connection) == 0
    await world.desk.move(pole, sent.exchange_id, "accept", Content())
    await world.request(dupont)
    assert await publishing.publish(world.pool, connection) == 4
    newest = "SELECT number, state, questions FROM lake.exchange.exchange ORDER BY number"
    assert rows(connection, newest) == [(1, "ACCEPTED", ["P003", "P010"]), (2, "OPEN", [])]
    assert rows(connection, "SELECT count(*) FROM lake.exchange.exchange_event") == [(3,)]
    columns = {name for (name, *_) in rows(connection, "DESCRIBE lake.exchange.exchange_version")}
    assert not columns & {"subject", "answering", "content", "text"}


async def test_what_is_not_over_yet_is_left_for_the_next_time(world: World, connection: duckdb.DuckDBPyConnection):
    dupont = await world.officer("FR-DGT")
    async with world.pool.acquire() as other:
        running = other.transaction()
        await running.start()
        await other.execute("SELECT pg_current_xact_id()")
        await world.assistance(dupont)  # committed, but after a transaction that is not over
        assert await publishing.publish(world.pool, connection) == 0
        await running.commit()
    assert await publishing.publish(world.pool, connection) == 2


async def test_alerts_are_published_as_they_are_acknowledged(world: World, connection: duckdb.DuckDBPyConnection):
    pole, german = await world.officer("PL-GITD"), await world.officer("DE-BALM")
    await send_alert(world.pool, pole, NewAlert("alert", "licence_withdrawn", {"operator_name": "X"}))
    await publishing.publish(world.pool, connection)
    (alert,) = await page_of_alerts(world.pool, german, "en")
    await acknowledge_alert(world.pool, german, alert.alert_id)
    await publishing.publish(world.pool, connection)
    found = "SELECT recipients, acknowledged FROM lake.exchange.alert_version ORDER BY changed_in"
    assert rows(connection, found) == [(4, 0), (4, 1)]


async def test_controls_are_published_without_names_and_notes(world: World, connection: duckdb.DuckDBPyConnection):
    dupont = await world.officer("FR-DGT")
    await world.pool.execute(
        "INSERT INTO control (control_id, officer_id, host, at, plate, plate_key, driver_last_name, outcome, note) "
        "VALUES (gen_random_uuid(), $1, 'FR', now(), 'PO 1AB23', 'PO1AB23', 'Nowak', 'in_order', 'a note')",
        dupont.officer_id,
    )
    assert await publishing.publish(world.pool, connection) == 1
    assert await publishing.publish(world.pool, connection) == 0
    assert rows(connection, "SELECT host, plate_key, outcome FROM lake.exchange.control") == [
        ("FR", "PO1AB23", "in_order")
    ]
    columns = {name for (name, *_) in rows(connection, "DESCRIBE lake.exchange.control")}
    assert not columns & {"officer_id", "driver_last_name", "driver_licence_number", "place", "note"}


async def test_small_files_are_merged_and_compaction_of_declarations_is_not_disturbed(
    world: World, connection: duckdb.DuckDBPyConnection, lake: str
):
    dupont = await world.officer("FR-DGT")
    for _ in range(3):
        await world.assistance(dupont)
        await publishing.publish(world.pool, connection)
    await publishing.merge(world.pool, connection)
    assert rows(
        connection, "SELECT count(*) FROM ducklake_list_files('lake', 'exchange_event', schema => 'exchange')"
    ) == [(1,)]
    assert rows(connection, "SELECT count(*) FROM lake.exchange.exchange") == [(3,)]
    assert set(await lake_files(world.pool)) == {"declaration_version", "fleet_plate"}
    assert "exchange" in await asyncio.to_thread(os.listdir, lake)
