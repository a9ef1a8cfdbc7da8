"""GET /export: everything an operator has, in three formats, on real servers."""

import csv
import io
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from litestar.testing import AsyncTestClient

from tests.ingest.conftest import Caller, Drains, declaration, ndjson
from tests.ingest.test_declarations import driver_id, listed, make_draft, submit
from tests.ingest.test_fleets import keep
from tests.ingest.test_vehicles import register

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]
Said = dict[str, Any]


async def fetch(client: Client, caller: Caller, query: str, **headers: str) -> Any:
    """Fetches an export."""
    answer = await client.get(f"/export?{query}", headers=caller.headers | headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_all_declarations_are_exported_as_they_are_listed(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    body = ndjson(*[declaration(externalReference=f"r{number}") for number in range(1200)])
    await client.post("/declarations/bulk", content=body, headers=caller.headers)
    await drains.run()
    changed = await submit(client, caller, driver_id)
    await make_draft(client, caller, driver_id)
    await client.post(f"/declarations/{changed['declarationId']}/withdraw", headers=caller.headers)
    lines = [msgspec.json.decode(line) for line in (await fetch(client, caller, "")).content.splitlines()]
    assert len(lines) == 1202
    page = (await client.get("/declarations?limit=250&fields=full", headers=caller.headers)).json()["items"]
    assert lines[:250] == page
    assert [line["declarationStatus"] for line in lines[-2:]] == ["WITHDRAWN", "DRAFT"]


async def test_the_formats_say_the_same(client: Client, caller: Caller, driver_id: str) -> None:
    await submit(client, caller, driver_id, declarationVehiclePlateNumber=["WA 1", "WA 2"])
    drafted = await make_draft(client, caller, driver_id)
    lines = [msgspec.json.decode(line) for line in (await fetch(client, caller, "format=ndjson")).content.splitlines()]
    table = await fetch(client, caller, "format=csv")
    assert table.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(table.text)))
    columns = pq.read_table(io.BytesIO((await fetch(client, caller, "format=parquet")).content)).to_pylist()
    assert len(lines) == len(rows) == len(columns) == 2
    for line, row, column in zip(lines, rows, columns, strict=True):
        for name, value in line.items():
            assert row[name] == _as_text(value), name
            if not name.endswith(("Date", "Update", "OfBirth")):
                assert column[name] == value, name
            elif value:
                assert column[name].isoformat()[:10] == value[:10]
    assert columns[1]["declarationSubmissionDate"] is None
    assert columns[1]["declarationId"] == drafted["declarationId"]


def _as_text(value: Any) -> str:
    match value:
        case list():
            return ";".join(value)
        case bool():
            return str(value).lower()
    return str(value)


async def test_the_format_may_be_named_by_accept(client: Client, caller: Caller) -> None:
    for accept in ("text/csv", "application/vnd.apache.parquet", "application/x-ndjson"):
        answer = await fetch(client, caller, "", accept=accept)
        assert answer.headers["content-type"].startswith(accept)


async def test_every_version_is_exported_if_asked(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    made = await submit(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}"
    await client.put(f"{address}/submit", json={"declarationVehiclePlateNumber": ["WA 77"]}, headers=caller.headers)
    await drains.run()
    await client.post(f"{address}/withdraw", headers=caller.headers)
    await make_draft(client, caller, driver_id)
    lines = (await fetch(client, caller, "versions=all")).content.splitlines()
    found = [msgspec.json.decode(line) for line in lines]
    assert sorted((line["declarationVersion"], line["declarationVehiclePlateNumber"][0]) for line in found) == [
        (0, "PO 1AB23"),
        (1, "PO 1AB23"),
        (2, "WA 77"),
        (3, "WA 77"),
    ]


async def test_an_export_takes_the_filters_of_the_list(client: Client, caller: Caller, driver_id: str) -> None:
    await submit(client, caller, driver_id)
    await submit(client, caller, driver_id, declarationPostingCountry="DE")
    lines = (await fetch(client, caller, "postingCountry=DE")).content.splitlines()
    assert [msgspec.json.decode(line)["declarationPostingCountry"] for line in lines] == ["DE"]
    assert len(await listed(client, caller)) == 2


@pytest.mark.parametrize("format", ["ndjson", "csv", "parquet"])
async def test_registers_are_exported_too_and_nothing_is_a_file(
    client: Client, caller: Caller, driver_id: str, format: str
) -> None:
    await register(client, caller)
    fleet_id = (await keep(client, caller))["fleetId"]
    for of, text in (("drivers", driver_id), ("plate-numbers", "PO 1AB23"), ("fleets", fleet_id)):
        content = (await fetch(client, caller, f"of={of}&format={format}")).content
        shown = str(pq.read_table(io.BytesIO(content)).to_pylist()) if format == "parquet" else content.decode()
        assert text in shown
    assert (await fetch(client, caller, f"format={format}&postingCountry=SE")).status_code == 200


@pytest.mark.parametrize("query", ["of=secrets", "format=pdf", "status=GONE"])
async def test_what_cannot_be_exported_is_refused(client: Client, caller: Caller, query: str) -> None:
    answer = await client.get(f"/export?{query}", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_wrong")
