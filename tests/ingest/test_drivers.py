"""/drivers as RTPD has it (domain.md 3.3, 3.4, 3.4a), on real servers."""

from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from tests.ingest.conftest import Caller, declaration, make_caller

Client = AsyncTestClient[Any]
INLINE = [name for name in declaration() if name.startswith("driver")]


def driver(**changes: Any) -> dict[str, Any]:
    """A driver that every rule accepts, with some members changed; None takes one out."""
    said = {name: declaration()[name] for name in INLINE} | changes
    return {name: value for name, value in said.items() if value is not None}


async def create(client: Client, caller: Caller, **changes: Any) -> dict[str, Any]:
    """Records a driver and gives the answer."""
    answer = await client.post("/drivers", json=driver(**changes), headers=caller.headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_recorded_driver_is_read_as_it_was_sent(client: Client, caller: Caller) -> None:
    made = await create(client, caller)
    assert made["driverOperatorId"] == str(caller.operator_id)
    assert made["driverFullName"] == "Jan Nowak"
    assert made["driverHasDeclarations"] is False
    read = await client.get(f"/drivers/{made['driverId']}", headers=caller.headers)
    assert read.json() == made
    assert read.json().items() >= driver().items()


async def test_the_unions_country_codes_become_iso(client: Client, caller: Caller) -> None:
    made = await create(client, caller, driverAddressCountry="EL", driverApplicableLaw="UK")
    assert (made["driverAddressCountry"], made["driverApplicableLaw"]) == ("GR", "GB")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"driverLatinLastName": None}, "/driverLatinLastName", "missing_field"),
        ({"driverLatinLastName": ""}, "/driverLatinLastName", "missing_field"),
        ({"driverLatinLastName": "Шевченко"}, "/driverLatinLastName", "name_not_latin"),
        ({"driverDateOfBirth": "2020-01-01"}, "/driverDateOfBirth", "birth_date_implausible"),
        ({"driverDateOfBirth": "6.5.1984"}, "/driverDateOfBirth", "not_a_date"),
        ({"driverAddressCountry": "POL"}, "/driverAddressCountry", "not_a_code"),
        ({"driverEmail": "nobody"}, "/driverEmail", "email_shape"),
        ({"driverLicenceNumber": "1"}, "/driverLicenceNumber", "unknown_field"),
        ({"driverAddressCity": "Poz\u0000nan"}, "/driverAddressCity", "control_character"),
    ],
)
async def test_a_wrong_driver_is_refused_with_the_place_and_a_message(
    client: Client, caller: Caller, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await client.post("/drivers", json=driver() | changes, headers=caller.headers)
    assert answer.status_code == 422
    told = answer.json()
    assert told["message"].startswith(told["problems"][0]["text"])
    assert told["problems"][0].get("suggestion", "") in told["message"]
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in answer.json()["problems"]}


async def test_what_is_no_object_is_malformed(client: Client, caller: Caller) -> None:
    for body in (b"", b"[]", b"{", b"null", b"\xff", b'"x"'):
        answer = await client.post("/drivers", content=body, headers=caller.headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "body_malformed"), body


async def test_a_change_may_send_back_all_that_was_answered(client: Client, caller: Caller) -> None:
    made = await create(client, caller, driverEmail="jan@example.pl")
    changed = await client.put(
        f"/drivers/{made['driverId']}",
        json=made | {"driverAddressCity": "Gdynia", "driverEmail": None},
        headers=caller.headers,
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["driverAddressCity"] == "Gdynia"
    assert "driverEmail" not in changed.json()
    read = await client.get(f"/drivers/{made['driverId']}", headers=caller.headers)
    assert read.json() == changed.json()


async def test_of_two_changes_to_one_version_the_second_is_told(client: Client, caller: Caller) -> None:
    made = await create(client, caller)
    address = f"/drivers/{made['driverId']}"
    etag = (await client.get(address, headers=caller.headers)).headers["etag"]
    seen = caller.headers | {"if-match": etag}
    assert (await client.put(address, json={"driverAddressCity": "Gdynia"}, headers=seen)).status_code == 200
    second = await client.put(address, json={"driverAddressCity": "Sopot"}, headers=seen)
    assert (second.status_code, second.json()["code"]) == (412, "version_outdated")
    known = caller.headers | {"if-none-match": etag}
    assert (await client.get(address, headers=known)).status_code == 200
    known["if-none-match"] = (await client.get(address, headers=caller.headers)).headers["etag"]
    assert (await client.get(address, headers=known)).status_code == 304


async def test_the_list_comes_in_pages(client: Client, caller: Caller) -> None:
    made = [(await create(client, caller, driverLatinFirstName=name))["driverId"] for name in ("A", "B", "C")]
    seen, start = [], ""
    while True:
        answer = await client.get(f"/drivers?limit=2{start}", headers=caller.headers)
        page = answer.json()
        assert page["count"] == len(page["items"])
        seen += [item["driverId"] for item in page["items"]]
        if page["lastEvaluatedKey"] is None:
            break
        start = f"&startKey={page['lastEvaluatedKey']}"
    assert seen == made


@pytest.mark.parametrize("limit", ["", "limit=0", "limit=251", "limit=ten", "limit=-1"])
async def test_a_list_without_a_proper_limit_is_malformed(client: Client, caller: Caller, limit: str) -> None:
    answer = await client.get(f"/drivers?{limit}", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_wrong")


async def test_drivers_are_found_by_name_birth_and_reference(client: Client, caller: Caller) -> None:
    await create(client, caller, driverLatinLastName="Kowalski", externalReference="tms-1")
    await create(client, caller, driverLatinFirstName="Kowal", driverDateOfBirth="1990-01-02")

    async def found(query: str) -> list[str]:
        answer = await client.get(f"/drivers?limit=10&{query}", headers=caller.headers)
        return [item["driverFullName"] for item in answer.json()["items"]]

    assert await found("term=kowal") == ["Jan Kowalski", "Kowal Nowak"]
    assert await found("term=kowal&byLastName=1") == ["Jan Kowalski"]
    assert await found("term=nowak%20kowal") == ["Kowal Nowak"]
    assert await found("term=%25") == []
    assert await found("dateOfBirth=1990-01-02") == ["Kowal Nowak"]
    assert await found("externalReference=tms-1") == ["Jan Kowalski"]


async def test_a_reference_belongs_to_one_driver(client: Client, caller: Caller) -> None:
    made = await create(client, caller, externalReference="tms-1")
    other = await create(client, caller)
    for answer in (
        await client.post("/drivers", json=driver(externalReference="tms-1"), headers=caller.headers),
        await client.put(f"/drivers/{other['driverId']}", json={"externalReference": "tms-1"}, headers=caller.headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "reference_taken")
        assert made["driverId"] in answer.text


async def test_a_driver_of_another_operator_does_not_exist(client: Client, caller: Caller, database_url: str) -> None:
    made = await create(client, caller)
    stranger = await make_caller(database_url)
    address = f"/drivers/{made['driverId']}"
    for answer in (
        await client.get(address, headers=stranger.headers),
        await client.put(address, json=made, headers=stranger.headers),
        await client.delete(address, headers=stranger.headers),
        await client.get("/drivers/not-a-uuid", headers=caller.headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await client.get("/drivers?limit=9", headers=stranger.headers)).json()["items"] == []


async def test_a_driver_without_declarations_is_deleted(client: Client, caller: Caller) -> None:
    address = f"/drivers/{(await create(client, caller))['driverId']}"
    assert (await client.delete(address, headers=caller.headers)).status_code == 200
    assert (await client.get(address, headers=caller.headers)).status_code == 404
    assert (await client.delete(address, headers=caller.headers)).status_code == 404


async def test_a_method_that_does_not_exist_is_405(client: Client, caller: Caller) -> None:
    answer = await client.patch("/drivers", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
