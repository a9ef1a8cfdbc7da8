"""Importing from another OpenRTPD: two applications, each on a database of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar
from redis.asyncio import Redis

from ingest.app import Options, create_app
from rtpd.addresses import Addresses
from rtpd.rtpd_import import Address, Api, Counts, Import, ImportReportError, Report, SourceError
from tests.ingest.conftest import Caller, declaration, make_caller

DRIVER = {name: value for name, value in declaration(driverEmail="jan@example.pl").items() if name.startswith("driver")}


@dataclass(slots=True)
class Side:
    """A running application and an operator in it."""

    app: Litestar
    caller: Caller

    def api(self, **more: Any) -> Api:
        """A client of it."""
        address = Address(
            url="http://side", api_key=self.caller.api_key, operator_id=str(self.caller.operator_id), **more
        )
        return Api(address, httpx.ASGITransport(self.app))

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """Asks it for something that it gives."""
        async with self.api() as api:
            answer = await api.ask(method, path, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def listed(self, path: str) -> list[dict[str, Any]]:
        """All of a list."""
        items: list[dict[str, Any]] = (await self.ask("GET", path, params={"limit": 250, "fields": "full"}))["items"]
        return items


@asynccontextmanager
async def side(database: str, redis: str) -> AsyncIterator[Side]:
    """An application that runs."""
    app = create_app(Options(database, redis, 2, queue_limit=100_000))
    async with app.lifespan():
        yield Side(app, await make_caller(database))


Stores = list[tuple[str, str]]


@pytest.fixture
async def stores(database_url: str, redis_url: str, addresses: Addresses) -> AsyncIterator[Stores]:
    """Databases and Redis of a source and of a target."""
    name, other_redis = "import_target", addresses.redis_url.replace("db=0", "db=63")
    other_database = urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
    async with Redis.from_url(other_redis) as connection:
        await connection.flushdb()
    server = await asyncpg.connect(database_url, database="postgres")
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE template_rtpd STRATEGY file_copy")
        yield [(database_url, redis_url), (other_database, other_redis)]
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


@asynccontextmanager
async def both(stores: Stores) -> AsyncIterator[tuple[Side, Side]]:
    """A source and a target that run."""
    async with side(*stores[0]) as source, side(*stores[1]) as target:
        yield source, target


async def fill(source: Side) -> dict[str, str]:
    """Two drivers, a vehicle; declarations in force, a draft and a withdrawn one. Gives the drivers' ids by name."""
    drivers = {}
    for name in ("Jan", "Piotr"):
        said = DRIVER | {"driverLatinFirstName": name, "externalReference": f"driver {name}" if name == "Jan" else None}
        drivers[name] = (await source.ask("POST", "/drivers", json=said))["driverId"]
    await source.ask(
        "POST",
        "/plate-numbers",
        json={
            "plateNumber": "PO 1AB23",
            "registrationCountry": "PL",
            "transportType": "CARRIAGE_OF_GOODS",
            "vehicleWeight": "HEAVY",
        },
    )
    plain = {name: value for name, value in declaration().items() if not name.startswith("driver")}
    for country in ("FR", "DE", "NL"):
        made = await source.ask(
            "POST", "/declarations", json=plain | {"declarationPostingCountry": country, "driverId": drivers["Jan"]}
        )
        if country != "NL":
            await source.ask("POST", f"/declarations/{made['declarationId']}/submit")
        if country == "DE":
            await source.ask("POST", f"/declarations/{made['declarationId']}/withdraw")
    await source.ask("POST", "/declarations/submit", json=declaration(declarationPostingCountry="IT"))
    return drivers


async def run(source: Side, target: Side, report: Path, *, resume: bool = False) -> dict[str, Counts]:
    """Imports all."""
    written = Report.open(report, resume=resume)
    try:
        async with source.api() as there, target.api() as here:
            return dict(await Import(there, here, written).run())
    finally:
        written.close()


async def test_drivers_vehicles_drafts_and_what_is_in_force_are_imported(stores: Stores, tmp_path: Path) -> None:
    async with both(stores) as (source, target):
        await fill(source)
        counts = await run(source, target, tmp_path / "report.ndjson")
        assert counts == {"driver": Counts(2), "vehicle": Counts(1), "declaration": Counts(3, 1)}
        drivers = {one["driverLatinFirstName"]: one for one in await target.listed("/drivers")}
        assert drivers.keys() == {"Jan", "Piotr"}
        assert drivers["Jan"]["externalReference"] == "driver Jan"
        assert drivers["Piotr"]["externalReference"].startswith("rtpd:")
        assert [one["plateNumber"] for one in await target.listed("/plate-numbers")] == ["PO 1AB23"]
        found = {one["declarationPostingCountry"]: one for one in await target.listed("/declarations")}
        assert {country: one["declarationStatus"] for country, one in found.items()} == {
            "FR": "SUBMITTED",
            "NL": "DRAFT",
            "IT": "SUBMITTED",
        }
        assert found["FR"]["driverId"] == drivers["Jan"]["driverId"]
        assert found["FR"]["declarationVehiclePlateNumber"] == ["PO 1AB23", "WA12345"]


async def test_an_import_run_twice_or_resumed_doubles_nothing(stores: Stores, tmp_path: Path) -> None:
    async with both(stores) as (source, target):
        await fill(source)
        report = tmp_path / "report.ndjson"
        await run(source, target, report)
        resumed = await run(source, target, report, resume=True)
        assert resumed == {"driver": Counts(0, 2), "vehicle": Counts(0, 1), "declaration": Counts(0, 4)}
        await run(source, target, tmp_path / "again.ndjson")
        assert len(await target.listed("/drivers")) == 2
        assert len(await target.listed("/declarations")) == 3


async def test_an_import_that_broke_off_goes_on_after_a_torn_line(stores: Stores, tmp_path: Path) -> None:
    async with both(stores) as (source, target):
        drivers = await fill(source)
        report = tmp_path / "report.ndjson"
        await run(source, target, report)
        lines = report.read_bytes().splitlines(keepends=True)
        report.write_bytes(b"".join(lines[:2]) + lines[2][:10])
        resumed = await run(source, target, report, resume=True)
        assert resumed == {"driver": Counts(0, 2), "vehicle": Counts(1), "declaration": Counts(3, 1)}
        written = [msgspec.json.decode(line) for line in report.read_bytes().splitlines()]
        assert {line["sourceId"] for line in written if line["kind"] == "driver"} == set(drivers.values())
        assert len(await target.listed("/declarations")) == 3


async def test_what_is_refused_stands_in_the_report_with_its_problems_and_is_tried_again(
    stores: Stores, tmp_path: Path
) -> None:
    async with both(stores) as (source, target):
        await fill(source)
        taken = DRIVER | {"externalReference": "mine"}
        await target.ask("POST", "/drivers", json=taken)
        await target.ask("POST", "/plate-numbers", json={
            "plateNumber": "PO 1AB23", "registrationCountry": "PL", "transportType": "CARRIAGE_OF_GOODS",
            "vehicleWeight": "HEAVY", "externalReference": "lorry"})  # fmt: skip
        report = tmp_path / "report.ndjson"
        counts = await run(source, target, report)
        assert counts["vehicle"] == Counts(0, 0, 1)
        (refused,) = [
            line for line in map(msgspec.json.decode, report.read_bytes().splitlines()) if line["kind"] == "vehicle"
        ]
        assert refused["outcome"] == "refused"
        assert refused["problems"][0]["code"] == "plate_registered"
        assert (await run(source, target, report, resume=True))["vehicle"] == Counts(0, 0, 1)


async def test_a_wrong_key_and_a_silent_address_end_the_import_with_a_clear_error(
    stores: Stores, tmp_path: Path
) -> None:
    async with both(stores) as (source, target):
        wrong = Side(source.app, Caller(source.caller.operator_id, "rtpd_live_wrong"))
        with pytest.raises(SourceError, match="401"):
            await run(wrong, target, tmp_path / "one.ndjson")
        nobody = Api(Address(url="http://127.0.0.1:1", api_key="x", operator_id="y", patience_s=0.1))
        with pytest.raises(SourceError, match="ConnectError"):
            await nobody.read("/drivers")


def test_a_report_is_not_overwritten_and_no_other_file_is_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "report.ndjson"
    path.write_text("not a report\n")
    with pytest.raises(FileExistsError):
        Report.open(path, resume=False)
    with pytest.raises(ImportReportError):
        Report.open(path, resume=True)
