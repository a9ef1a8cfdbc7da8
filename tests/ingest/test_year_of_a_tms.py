"""A transport-management system written for RTPD's API lives a year against this one (domain.md 3.3-3.7).

It knows RTPD's addresses, members and states and nothing else. Nothing is stored while it writes: the drains run at
the end of each season, so all that it reads back in between comes from behind a stopped worker.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from ingest.app import Options, create_app
from tests.ingest.conftest import SHARDS, Caller, Clock, Drains
from tests.ingest.test_drivers import driver
from tests.reports.conftest import Roadside, roadside

__all__ = ["roadside"]

Said = dict[str, Any]
COUNTRIES = ("AT", "BE", "CZ", "DE", "DK", "FR", "IT", "LU", "NL", "NO", "SE")
VEHICLES, DRIVERS, EACH = 60, 40, 4
#: What RTPD's clients keep to: 180 days from the first.
PERIOD = timedelta(days=180)


@dataclass(slots=True)
class Tms:
    """The client: its base address, its headers, and the ids that it remembers by the names that it gave."""

    http: AsyncTestClient[Any]
    headers: dict[str, str]
    drivers: dict[str, str] = field(default_factory=dict)
    vehicles: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, said: Said | None = None, expect: int = 200) -> Any:
        """Sends a request and gives the JSON of the answer, whose status has to be the expected one."""
        answer = await self.http.request(method, path, json=said, headers=self.headers)
        assert answer.status_code == expect, (method, path, answer.status_code, answer.text)
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    async def page(self, path: str, **filters: str) -> AsyncIterator[Said]:
        """Reads a list to its end, as `lastEvaluatedKey` leads."""
        asked = {"limit": "70", **filters}
        while True:
            query = "&".join(f"{name}={value}" for name, value in asked.items())
            found = await self.ask("GET", f"{path}?{query}")
            assert found["count"] == len(found["items"]) <= 70
            for item in found["items"]:
                yield item
            if found["lastEvaluatedKey"] is None:
                return
            asked["startKey"] = found["lastEvaluatedKey"]

    async def listed(self, path: str, **filters: str) -> list[Said]:
        """Reads a whole list; nothing comes twice."""
        items = [item async for item in self.page(path, **filters)]
        ids = [item.get("declarationId") or item.get("driverId") or item["plateNumberId"] for item in items]
        assert len(set(ids)) == len(ids)
        return items

    async def states(self) -> Counter[str]:
        """Counts declarations by state."""
        return Counter([item["declarationStatus"] async for item in self.page("/declarations")])

    async def register_everything(self) -> None:
        """Registers the fleet and the drivers."""
        for number in range(VEHICLES):
            weight = "LIGHT" if number % 4 == 0 else "HEAVY"
            said = {
                "plateNumber": f"PO {number:03}AB",
                "registrationCountry": "PL",
                "transportType": "CARRIAGE_OF_GOODS",
                "vehicleWeight": weight,
            }
            made = await self.ask("POST", "/plate-numbers", said, 201)
            self.vehicles[said["plateNumber"]] = made["plateNumberId"]
        for number in range(DRIVERS):
            names = {"driverLatinLastName": f"NOWAK{chr(65 + number // 26)}{chr(65 + number % 26)}"}
            own = {"driverDocumentNumber": f"ABC{number:06}", "driverLicenseNumber": f"{number:05}/04/1234"}
            made = await self.ask("POST", "/drivers", driver(**names, **own), 201)
            self.drivers[names["driverLatinLastName"]] = made["driverId"]

    async def declare(
        self, driver_id: str, country: str, start: date, light: Iterable[str], heavy: Iterable[str]
    ) -> str:
        """Makes a draft and submits it, the only way that RTPD has."""
        said = {
            "declarationPostingCountry": country,
            "declarationStartDate": str(start),
            "declarationEndDate": str(start + PERIOD),
            "declarationOperationType": ["INTERNATIONAL_CARRIAGE"],
            "declarationTransportType": ["CARRIAGE_OF_GOODS"],
            "declarationVehiclePlateNumberLight": list(light),
            "declarationVehiclePlateNumberHeavy": list(heavy),
            "driverId": driver_id,
            "otherContactAsTransportManager": True,
        }
        made = await self.ask("POST", "/declarations", said, 201)
        assert made["declarationStatus"] == "DRAFT"
        submitted = await self.ask("POST", f"/declarations/{made['declarationId']}/submit")
        assert submitted["declarationStatus"] == "SUBMITTED"
        return str(made["declarationId"])

    async def declare_for_everybody(self, start: date) -> None:
        """Declares each driver for some of the countries with vehicles of the same yard."""
        plates = list(self.vehicles)
        pairs = [
            (driver_id, COUNTRIES[(number * EACH + step) % len(COUNTRIES)], number)
            for number, driver_id in enumerate(self.drivers.values())
            for step in range(EACH)
        ]
        await some_at_once(
            self.declare(
                driver_id, host, start, plates[number % 4 :: 4][:1] if number % 4 == 0 else [], heavy(plates, number)
            )
            for driver_id, host, number in pairs
        )

    async def renew_what_ended(self, day: date) -> int:
        """Does as RTPD's clients do every morning: reads what ended on a day, copies it from the next day on."""
        ended = str(day)
        items = await self.listed("/declarations", status="EXPIRED", endDateFrom=ended, endDateTo=ended)

        async def renew(item: Said) -> None:
            old = await self.ask("GET", f"/declarations/{item['declarationId']}")
            light, heavies = (old.get(f"declarationVehiclePlateNumber{kind}", []) for kind in ("Light", "Heavy"))
            start = day + timedelta(days=1)
            await self.declare(old["driverId"], old["declarationPostingCountry"], start, light, heavies)

        await some_at_once(renew(item) for item in items)
        return len(items)

    async def replace_vehicle(self, old: str, new: str) -> int:
        """Sells one vehicle and buys another: every declaration with the old plate is read and changed."""
        said = {"plateNumber": new, "registrationCountry": "PL", "transportType": "CARRIAGE_OF_GOODS"}
        made = await self.ask("POST", "/plate-numbers", said | {"vehicleWeight": "HEAVY"}, 201)
        changed = 0
        for item in await self.listed("/declarations", status="SUBMITTED"):
            path = f"/declarations/{item['declarationId']}"
            found = await self.ask("GET", path)
            plates = found.get("declarationVehiclePlateNumberHeavy", [])
            if old in plates:
                plates = [new if plate == old else plate for plate in plates]
                lists = {"declarationVehiclePlateNumberHeavy": plates}
                lists["declarationVehiclePlateNumberLight"] = found.get("declarationVehiclePlateNumberLight", [])
                await self.ask("PUT", f"{path}/submit", lists)
                assert (await self.ask("GET", path))["declarationVehiclePlateNumberHeavy"] == sorted(plates)
                changed += 1
        await self.ask("DELETE", f"/plate-numbers/{self.vehicles.pop(old)}")
        self.vehicles[new] = made["plateNumberId"]
        return changed

    async def let_go(self, name: str) -> int:
        """A driver leaves: what is in force of the driver is withdrawn."""
        items = await self.listed("/declarations", driverId=self.drivers[name], status="SUBMITTED")
        for item in items:
            await self.ask("POST", f"/declarations/{item['declarationId']}/withdraw")
        return len(items)


def heavy(plates: list[str], number: int) -> list[str]:
    """Gives the lorries of a driver's yard: those that are no light ones, two of them."""
    return [plate for place, plate in enumerate(plates) if place % 4 and place % 20 == number % 20][:2] or [plates[1]]


async def some_at_once(work: Iterable[Awaitable[Any]], most: int = 8) -> None:
    """Does things a few at a time, as clients do."""
    room = asyncio.Semaphore(most)

    async def one(each: Awaitable[Any]) -> None:
        async with room:
            await each

    await asyncio.gather(*map(one, work))


@pytest.fixture
async def tms(database_url: str, redis_url: str, clock: Clock, caller: Caller) -> AsyncIterator[Tms]:
    """The client before an operator that may ask often."""
    options = Options(database_url, redis_url, SHARDS, queue_limit=1_000_000, now=clock, rate_factor=1_000)
    async with AsyncTestClient(create_app(options)) as http:
        yield Tms(http, caller.headers)


async def test_a_year(tms: Tms, clock: Clock, drains: Drains, roadside: Roadside) -> None:
    first_day, everything = clock.today, DRIVERS * EACH
    await tms.register_everything()
    assert len(await tms.listed("/plate-numbers")) == VEHICLES
    assert len(await tms.listed("/drivers")) == DRIVERS
    await tms.ask("GET", "/declarations", expect=400)
    await tms.ask("GET", "/declarations?limit=251", expect=400)

    # January: all are declared; what is not registered is refused whole.
    await tms.declare_for_everybody(first_day)
    assert await tms.states() == {"SUBMITTED": everything}
    assert {item["declarationPostingCountry"] async for item in tms.page("/declarations")} == set(COUNTRIES)
    one, other = (await tms.listed("/declarations"))[:2]
    path, any_driver = f"/declarations/{one['declarationId']}", next(iter(tms.drivers.values()))
    with pytest.raises(AssertionError, match="vehicle register"):
        await tms.declare(any_driver, "FR", first_day, [], ["ZZ 99999"])
    drafted = await tms.ask("GET", path) | {"declarationVehiclePlateNumberHeavy": ["PO 001AB"]}
    draft = await tms.ask("POST", "/declarations", drafted, 201)
    assert [item["declarationId"] async for item in tms.page("/declarations", status="draft")] == [
        draft["declarationId"]
    ]
    await tms.ask("POST", f"/declarations/{draft['declarationId']}/withdraw", expect=409)
    await tms.ask("DELETE", f"/declarations/{draft['declarationId']}")
    await tms.ask("GET", f"/declarations/{draft['declarationId']}", expect=404)
    await tms.ask("DELETE", path, expect=409)
    await tms.ask("PUT", path, {"declarationPostingCountry": "AT"}, expect=409)
    await tms.ask("POST", f"{path}/submit", expect=409)
    await tms.ask("PUT", f"{path}/submit", {"declarationStartDate": "2026-01-01"}, expect=422)
    await tms.ask("DELETE", f"/drivers/{any_driver}", expect=409)

    # March: a lorry is sold, a driver moves; the worker comes and goes.
    clock.days_ahead(60)
    sold = (await tms.ask("GET", path))["declarationVehiclePlateNumberHeavy"][0]
    changed = await tms.replace_vehicle(sold, "PO 900ZZ")
    assert changed >= EACH
    moved, moved_id = list(tms.drivers.items())[5]
    told = await tms.ask("GET", f"/drivers/{moved_id}") | {"driverAddressCity": "Gdynia"}
    await tms.ask("PUT", f"/drivers/{moved_id}", told)
    of_moved = await tms.listed("/declarations", driverId=moved_id)
    cities = [
        (await tms.ask("GET", f"/declarations/{item['declarationId']}"))["driverAddressCity"] for item in of_moved
    ]
    assert cities == ["Gdynia"] * EACH
    assert {item["driverLatinFullName"] for item in of_moved} == {f"Jan {moved}"}
    assert await drains.run() == everything + changed + EACH

    # May: a driver leaves.
    clock.days_ahead(120)
    leaver = list(tms.drivers)[7]
    assert await tms.let_go(leaver) == EACH
    assert await tms.states() == {"SUBMITTED": everything - EACH, "WITHDRAWN": EACH}
    gone = (await tms.listed("/declarations", status="WITHDRAWN"))[0]
    await tms.ask("POST", f"/declarations/{gone['declarationId']}/withdraw", expect=409)
    await tms.ask("PUT", f"/declarations/{gone['declarationId']}/submit", {"driverEmail": "a@b.pl"}, expect=409)
    await tms.ask("DELETE", f"/drivers/{tms.drivers[leaver]}", expect=409)

    # The last day is covered; the day after, everything has expired without any job having run.
    half = first_day + PERIOD
    clock.go_to(half, 23)
    assert await tms.states() == {"SUBMITTED": everything - EACH, "WITHDRAWN": EACH}
    clock.go_to(half + timedelta(days=1), 0)
    assert await tms.states() == {"EXPIRED": everything - EACH, "WITHDRAWN": EACH}
    await tms.ask("PUT", f"/declarations/{other['declarationId']}/submit", {"driverEmail": "a@b.pl"}, expect=409)
    assert await tms.renew_what_ended(half) == everything - EACH
    assert await tms.renew_what_ended(half - timedelta(days=1)) == 0
    renewed = everything - EACH
    assert await tms.states() == {"SUBMITTED": renewed, "EXPIRED": renewed, "WITHDRAWN": EACH}
    assert await drains.run() == EACH + renewed

    # An officer finds a lorry that is declared for France, on a day that is covered alone.
    of_france = await tms.listed("/declarations", status="SUBMITTED", postingCountry="FR", fields="full")
    lorry = of_france[0]["declarationVehiclePlateNumberHeavy"][0]
    await roadside.files.refresh()
    for day, expected in ((half + timedelta(days=9), "GREEN"), (half + timedelta(days=500), "RED_PERIOD")):
        at = datetime.combine(day, time(12), UTC).isoformat()
        answer = await roadside.look_up(lorry, host="FR", at=at)
        assert answer["verdict"] == expected, answer

    # December: the year ends; what happened stands in order, and adds up.
    clock.go_to(half + PERIOD + timedelta(days=2), 6)
    assert await tms.states() == {"EXPIRED": 2 * renewed, "WITHDRAWN": EACH}
    kinds: Counter[str] = Counter()
    cursor, cursors = "", []
    while True:
        events = await tms.ask("GET", f"/events?limit=50&after={cursor}")
        for event in events["items"]:
            kinds[event["eventType"]] += event.get("count", 1)
            cursors.append(event["eventId"])
        cursor = events["cursor"]
        if not events["more"]:
            break
    assert len(set(cursors)) == len(cursors)
    assert kinds["declaration.submitted"] == everything + renewed
    assert kinds["declaration.withdrawn"] == EACH
    assert kinds["declaration.amended"] == changed + EACH
    assert (kinds["driver.created"], kinds["vehicle.created"], kinds["vehicle.deleted"]) == (DRIVERS, VEHICLES + 1, 1)
    assert all(earlier != later for earlier, later in pairwise(cursors))
