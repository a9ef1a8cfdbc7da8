"""GET /declarations: filters and pages, over what is stored, what waits and what is a draft."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from tests.ingest.conftest import Caller, Clock, Drains, declaration, make_caller, ndjson
from tests.ingest.test_declarations import driver_id, listed, make_draft, posting, read, submit
from tests.ingest.test_drivers import create

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]
Said = dict[str, Any]


async def test_a_list_item_has_rtpds_members(client: Client, caller: Caller, driver_id: str) -> None:
    made = await submit(client, caller, driver_id)
    (item,) = await listed(client, caller)
    assert item.items() <= made.items()
    assert item.keys() >= {
        "declarationId",
        "driverLatinFullName",
        "declarationPostingCountry",
        "declarationStartDate",
        "declarationEndDate",
        "declarationStatus",
        "declarationLastUpdate",
        "driverId",
    }
    assert await listed(client, caller, "fields=full") == [made]


async def test_the_status_is_told_in_any_case_and_by_date_alone(
    client: Client, caller: Caller, driver_id: str, clock: Clock, drains: Drains
) -> None:
    end = {"declarationEndDate": str(clock.today + timedelta(days=10))}
    drafted = await make_draft(client, caller, driver_id)
    short, long = await submit(client, caller, driver_id, **end), await submit(client, caller, driver_id)
    withdrawn = await submit(client, caller, driver_id)
    await client.post(f"/declarations/{withdrawn['declarationId']}/withdraw", headers=caller.headers)

    async def by_state() -> dict[str, set[str]]:
        states = ("draft", "Submitted", "WITHDRAWN", "expired")
        return {
            state.lower(): {item["declarationId"] for item in await listed(client, caller, f"status={state}")}
            for state in states
        }

    for _ in range(2):
        assert await by_state() == {
            "draft": {drafted["declarationId"]},
            "submitted": {short["declarationId"], long["declarationId"]},
            "withdrawn": {withdrawn["declarationId"]},
            "expired": set(),
        }
        await drains.run()
    clock.days_ahead(10)
    assert (await by_state())["expired"] == set()
    clock.days_ahead(11)
    assert (await by_state())["expired"] == {short["declarationId"]}
    day = end["declarationEndDate"]
    renewal = f"status=EXPIRED&endDateFrom={day}&endDateTo={day}"
    assert [item["declarationId"] for item in await listed(client, caller, renewal)] == [short["declarationId"]]


@pytest.mark.parametrize(
    "query",
    ["status=GONE", "endDateFrom=yesterday", "driverId=x", "startKey=x", "updatedSince=2026-01-01", "fleetId=1"],
)
async def test_a_wrong_filter_is_malformed(client: Client, caller: Caller, query: str) -> None:
    answer = await client.get(f"/declarations?limit=9&{query}", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_wrong")
    assert query.partition("=")[0] in answer.json()["message"]


@pytest.mark.parametrize("limit", ["", "limit=0", "limit=251", "limit=all"])
async def test_a_list_without_a_proper_limit_is_malformed(client: Client, caller: Caller, limit: str) -> None:
    answer = await client.get(f"/declarations?{limit}", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_wrong")


async def test_a_list_that_has_not_changed_is_not_sent_again(client: Client, caller: Caller, driver_id: str) -> None:
    await submit(client, caller, driver_id)
    first = await client.get("/declarations?limit=9", headers=caller.headers)
    known = caller.headers | {"if-none-match": first.headers["etag"]}
    assert (await client.get("/declarations?limit=9", headers=known)).status_code == 304
    await submit(client, caller, driver_id)
    assert (await client.get("/declarations?limit=9", headers=known)).status_code == 200


async def test_declarations_of_one_upload_are_listed_by_its_id(
    client: Client, caller: Caller, drains: Drains, database_url: str
) -> None:
    stranger = await make_caller(database_url)
    for one in (caller, stranger, caller):
        body = ndjson(*[declaration(externalReference=f"r-{number}") for number in range(5)])
        receipt = (await client.post("/declarations/bulk", content=body, headers=one.headers)).json()
    for _ in range(2):
        found = await listed(client, caller, f"submissionId={receipt['submissionId']}")
        assert [item["externalReference"] for item in found] == [f"r-{number}" for number in range(5)]
        assert len(await listed(client, caller)) == 10
        assert await listed(client, stranger, f"submissionId={receipt['submissionId']}") == []
        await drains.run()


class Model:
    """What the lists should say, kept beside what is done."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.known: dict[str, Said] = {}

    def matching(self, **wanted: Any) -> list[str]:
        """Gives the ids of what has these values, in order."""
        return sorted(one for one, said in self.known.items() if all(test(said[name]) for name, test in wanted.items()))

    def queries(self) -> dict[str, list[str]]:
        """Gives queries and the ids that each should find."""
        today, middle = str(self.today), str(self.today + timedelta(days=60))
        queries = {"": self.matching(), "status=draft": self.matching(declarationStatus="DRAFT".__eq__)}
        for country in ("FR", "DE"):
            queries[f"postingCountry={country}"] = self.matching(declarationPostingCountry=country.__eq__)
        for state in ("SUBMITTED", "WITHDRAWN"):
            queries[f"status={state}"] = self.matching(declarationStatus=state.__eq__)
        queries[f"endDateFrom={middle}"] = self.matching(declarationEndDate=lambda end: end >= middle)
        queries[f"endDateTo={middle}&endDateFrom={today}"] = self.matching(declarationEndDate=lambda end: end <= middle)
        for plate in ("WA1", "wa 2"):
            key = plate.upper().replace(" ", "")
            queries[f"plate={plate}"] = self.matching(
                declarationVehiclePlateNumber=lambda plates, key=key: key in [one.replace(" ", "") for one in plates]
            )
        for driver in {said["driverId"] for said in self.known.values()}:
            queries[f"driverId={driver}"] = self.matching(driverId=driver.__eq__)
            queries[f"driverId={driver}&status=submitted&postingCountry=FR"] = self.matching(
                driverId=driver.__eq__, declarationStatus="SUBMITTED".__eq__, declarationPostingCountry="FR".__eq__
            )
        for reference in ("r0", "r1"):
            queries[f"externalReference={reference}"] = self.matching(externalReference=reference.__eq__)
        return queries


@pytest.mark.parametrize("seed", [1, 2])
async def test_lists_say_what_was_done_whatever_is_stored_by_then(
    client: Client, caller: Caller, drains: Drains, clock: Clock, seed: int
) -> None:
    luck = random.Random(seed)
    drivers = [(await create(client, caller))["driverId"] for _ in range(2)]
    model = Model(clock.today)
    for step in range(40):
        drafts, active = (
            [one for one, said in model.known.items() if said["declarationStatus"] == state]
            for state in ("DRAFT", "SUBMITTED")
        )
        done = luck.choice(["draft", "draft", "submit", "submit", "amend", "withdraw", "drain", "delete"])
        plates = {"declarationVehiclePlateNumber": [luck.choice(["WA 1", "WA 2"]), f"PO {step + 100}"]}
        if done == "draft":
            changes = {
                "declarationPostingCountry": luck.choice(["FR", "DE"]),
                "declarationEndDate": str(clock.today + timedelta(days=luck.randint(2, 120))),
                "externalReference": luck.choice(["r0", "r1"]),
            }
            said = posting(luck.choice(drivers), **changes, **plates)
            answer = await client.post("/declarations", json=said, headers=caller.headers)
        elif done == "submit" and drafts:
            answer = await client.post(f"/declarations/{luck.choice(drafts)}/submit", headers=caller.headers)
        elif done == "amend" and active:
            address = f"/declarations/{luck.choice(active)}/submit"
            answer = await client.put(address, json=plates, headers=caller.headers)
        elif done == "withdraw" and active:
            answer = await client.post(f"/declarations/{luck.choice(active)}/withdraw", headers=caller.headers)
        elif done == "delete" and drafts:
            gone = luck.choice(drafts)
            assert (await client.delete(f"/declarations/{gone}", headers=caller.headers)).status_code == 200
            del model.known[gone]
            continue
        else:
            await drains.run()
            continue
        assert answer.status_code in (200, 201), answer.text
        model.known[answer.json()["declarationId"]] = answer.json()
        if step % 8 == 0:
            await _compare(client, caller, model)
    await _compare(client, caller, model)
    await drains.run()
    await _compare(client, caller, model)


async def _compare(client: Client, caller: Caller, model: Model) -> None:
    for query, wanted in model.queries().items():
        assert [item["declarationId"] for item in await listed(client, caller, query)] == wanted, query
    for declaration_id, said in model.known.items():
        assert await read(client, caller, declaration_id) == said
