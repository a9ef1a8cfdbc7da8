"""/coverage: days that declarations cover and days that they do not, on real servers."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from litestar.testing import AsyncTestClient

from schemas.coverage import CoverageAnswer, Days, PlanAnswer
from tests.ingest.conftest import Caller, Clock, Drains, declaration
from tests.ingest.test_declarations import driver_id, make_draft, submit
from tests.ingest.test_drivers import create

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]


async def coverage(client: Client, caller: Caller, query: str) -> CoverageAnswer:
    """Asks for coverage."""
    answer = await client.get(f"/coverage?{query}", headers=caller.headers)
    assert answer.status_code == 200, answer.text
    return msgspec.convert(answer.json(), CoverageAnswer)


def period(start: date, days: int) -> dict[str, str]:
    """A period of some days."""
    return {"declarationStartDate": str(start), "declarationEndDate": str(start + timedelta(days=days - 1))}


async def test_every_day_is_covered_or_not(
    client: Client, caller: Caller, driver_id: str, clock: Clock, drains: Drains
) -> None:
    today = clock.today

    def day(number: int) -> date:
        return today + timedelta(days=number)

    await submit(client, caller, driver_id, **period(day(2), 3))
    await drains.run()
    await submit(client, caller, driver_id, **period(day(5), 2))
    await submit(client, caller, driver_id, **period(day(9), 90), declarationVehiclePlateNumber=["WA 77"])
    await submit(client, caller, driver_id, **period(day(3), 5), declarationPostingCountry="DE")
    await make_draft(client, caller, driver_id, **period(today, 60))
    gone = await submit(client, caller, driver_id, **period(today, 60))
    await client.post(f"/declarations/{gone['declarationId']}/withdraw", headers=caller.headers)

    for _ in range(2):
        found = await coverage(client, caller, f"from={today}&to={day(12)}")
        assert [item.posting_country for item in found.items] == ["DE", "FR"]
        germany, france = found.items
        assert france.driver_id == driver_id
        assert france.covered == [Days(day(2), day(6)), Days(day(9), day(12))]
        assert france.uncovered == [Days(day(0), day(1)), Days(day(7), day(8))]
        assert germany.covered == [Days(day(3), day(7))]
        by_plate = await coverage(client, caller, f"from={today}&to={day(12)}&plate=wa77&country=FR")
        assert by_plate.items[0].covered == [Days(day(9), day(12))]
        assert (await coverage(client, caller, f"from={day(3)}&to={day(4)}&uncovered=1")).items == []
        await drains.run()


async def test_a_driver_is_named_by_id_reference_or_licence(client: Client, caller: Caller, driver_id: str) -> None:
    await create(client, caller, driverLicenseNumber="77777/04/1234", externalReference="TMS 7")
    inline = declaration(driverLicenseNumber="99999/04/1234")
    await client.post("/declarations/submit", json=inline, headers=caller.headers)
    for name, licence in (
        (driver_id.upper(), "00123/04/1234"),
        ("tms%207", "77777/04/1234"),
        ("99999/04/1234", "99999/04/1234"),
    ):
        found = await coverage(client, caller, f"driver={name}&country=FR")
        assert [item.driver_license_number for item in found.items] == [licence]
    unknown = await client.get("/coverage?driver=nobody", headers=caller.headers)
    assert (unknown.status_code, unknown.json()["code"]) == (400, "parameter_wrong")


async def test_a_country_shows_all_drivers_who_are_not_declared_there(
    client: Client, caller: Caller, driver_id: str
) -> None:
    await submit(client, caller, driver_id)
    other = (await create(client, caller))["driverId"]
    await create(client, caller, driverContractEndDate="2026-01-01")
    found = await coverage(client, caller, "country=DE")
    assert {item.driver_id for item in found.items} == {driver_id, other}
    assert found.uncovered == 2


async def test_a_driver_who_is_recorded_and_declared_inline_is_one(
    client: Client, caller: Caller, driver_id: str
) -> None:
    await client.post("/declarations/submit", json=declaration(), headers=caller.headers)
    found = await coverage(client, caller, "country=FR")
    assert [item.driver_id for item in found.items] == [driver_id]
    assert found.items[0].covered


@pytest.mark.parametrize("query", ["from=2026-02-02&to=2026-02-01", "to=2100-01-01", "from=soon"])
async def test_a_wrong_time_is_malformed(client: Client, caller: Caller, query: str) -> None:
    answer = await client.get(f"/coverage?{query}", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_wrong")


async def test_a_plan_is_answered_line_by_line(
    client: Client, caller: Caller, driver_id: str, clock: Clock, drains: Drains
) -> None:
    start = clock.today + timedelta(days=1)
    await submit(client, caller, driver_id, **period(start, 10), declarationVehiclePlateNumber=["WA 77"])
    last, after = start + timedelta(days=9), start + timedelta(days=12)
    plan = f"""driver;country;from;to;plate
{driver_id};FR;{start};{last};wa-77
00123/04/1234;fr;{start};{after};
{driver_id};FR;{start};{last};WA 78
{driver_id};DE;{start};{start};
nobody;FR;{start};{start};
{driver_id};CH;{start};{start};
{driver_id};FR;{last};{start};
{driver_id};FR;1.2.2026;{start};
"""
    for _ in range(2):
        answer = await client.post("/coverage", content=plan.encode(), headers=caller.headers)
        found = msgspec.convert(answer.json(), PlanAnswer)
        assert (found.count, found.uncovered) == (8, 7)
        assert [trip.line for trip in found.items] == list(range(2, 10))
        assert [trip.covered for trip in found.items] == [True] + [False] * 7
        assert found.items[1].missing == [Days(last + timedelta(days=1), after)]
        assert found.items[2].missing == [Days(start, last)]
        codes = [[one.code for one in trip.problems] for trip in found.items[4:]]
        assert codes == [["driver_unknown"], ["not_a_code"], ["end_before_start"], ["not_a_date"]]
        await drains.run()
    table = await client.post("/coverage", content=plan.encode(), headers=caller.headers | {"accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[1].endswith(",yes,,")


@pytest.mark.parametrize("body", [b"", b"who,where\r\na,b", b"\xff\xfe", b"driver,country,from"])
async def test_what_is_no_plan_is_malformed(client: Client, caller: Caller, body: bytes) -> None:
    answer = await client.post("/coverage", content=body, headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "plan_malformed")
