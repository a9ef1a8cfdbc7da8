"""Declarations and vehicles from spreadsheets and back, on real servers."""

import csv
import io
import zipfile
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import AsyncTestClient
from python_calamine import CalamineWorkbook

from ingest.files.columns import letters
from ingest.files.official import official_template
from ingest.files.sheets import rows_of
from ingest.files.template import choices, xlsx_template
from schemas.codes import POSTING_COUNTRIES
from tests.ingest.conftest import Caller, Drains, declaration

Client = AsyncTestClient[Any]
REPORT = {"prefer": "return=representation"}


def cells(one: dict[str, Any]) -> dict[str, str]:
    """A declaration as the cells of a row."""
    return {
        name: ";".join(value) if isinstance(value, list) else str(value).lower() if value is True else str(value)
        for name, value in one.items()
    }


def as_csv(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """Rows as a CSV file, with the columns of all of them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(*rows: dict[str, Any]) -> bytes:
    """Rows as a workbook, dates as dates."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd.mm.yyyy"}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, rows[0])
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row.values()):
                if isinstance(value, date):
                    sheet.write_datetime(number, place, value)
                else:
                    sheet.write(number, place, value)
    return file.getvalue()


def read_csv(body: bytes) -> list[dict[str, str]]:
    """Reads a report in CSV."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def read_xlsx(body: bytes, sheet: str | None = None) -> list[dict[str, str]]:
    """Reads the first sheet of a workbook, or the one that is named."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    heading, *rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python()
    return [dict(zip(heading, row, strict=True)) for row in rows]


async def send(client: Client, caller: Caller, body: bytes, **headers: str) -> Any:
    """Sends a file of declarations."""
    return await client.post("/declarations/files", content=body, headers=caller.headers | headers)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_rows_of_csv_become_declarations(
    client: Client, caller: Caller, drains: Drains, pool: asyncpg.Pool, delimiter: str
) -> None:
    answer = await send(
        client, caller, as_csv(cells(declaration()), cells(declaration(driverEmail="j@x.pl")), delimiter=delimiter)
    )
    assert answer.status_code == 202, answer.text
    assert (answer.json()["accepted"], answer.json()["refused"]) == (2, 0)
    assert await drains.run() == 2
    plates = await pool.fetchval("SELECT plates FROM fleet WHERE operator_id = $1", caller.operator_id)
    assert sorted(plates) == ["PO 1AB23", "WA12345"]


async def test_a_workbook_with_dates_and_numbers_is_read(client: Client, caller: Caller, drains: Drains) -> None:
    row: dict[str, Any] = dict(cells(declaration()))
    row |= {name: date.fromisoformat(row[name]) for name in ("declarationStartDate", "driverDateOfBirth")}
    row |= {"driverDocumentNumber": 123456, "otherContactAsTransportManager": True}
    answer = await send(client, caller, as_xlsx(row))
    assert (answer.status_code, answer.json().get("accepted")) == (202, 1), answer.text
    assert await drains.run() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_excels_own_encodings_are_understood(client: Client, caller: Caller, encoding: str) -> None:
    body = as_csv(cells(declaration(driverAddressCity="Łódź"))).decode().encode(encoding)
    answer = await send(client, caller, body)
    assert (answer.status_code, answer.json().get("accepted")) == (202, 1), answer.text


async def test_another_encoding_is_refused_with_what_to_do(client: Client, caller: Caller) -> None:
    body = as_csv(cells(declaration(driverAddressCity="Łódź"))).decode().encode("cp1250")
    answer = await send(client, caller, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_unreadable")
    assert "CSV UTF-8" in answer.json()["detail"]


async def test_a_line_of_the_receipt_is_a_row_of_the_file(client: Client, caller: Caller) -> None:
    good, bad = cells(declaration()), cells(declaration(declarationPostingCountry="XX"))
    blank = dict.fromkeys(good, "")
    answer = await send(client, caller, as_csv(good, blank, bad))
    assert [found["line"] for found in answer.json()["problems"]] == [4]


async def test_unknown_columns_are_answered_with_the_nearest_known_and_nothing_is_kept(
    client: Client, caller: Caller, drains: Drains
) -> None:
    row = cells(declaration())
    row["declarationPostingCountri"] = row.pop("declarationPostingCountry")
    row["colour"] = "red"
    answer = await send(client, caller, as_csv(row))
    assert (answer.status_code, answer.json()["code"]) == (422, "file_columns_unknown")
    first, second = answer.json()["problems"]
    assert first["suggestion"] == "Did you mean declarationPostingCountry?"
    assert (second["values"]["column"], second.get("suggestion")) == ("colour", None)
    assert await drains.run() == 0


async def test_a_heading_may_be_written_in_any_case_and_in_the_fields_own_names(client: Client, caller: Caller) -> None:
    row = cells(declaration())
    row["Posting Country"] = row.pop("declarationPostingCountry")
    row["DRIVER_FIRST_NAME"] = row.pop("driverLatinFirstName")
    assert (await send(client, caller, as_csv(row))).json()["accepted"] == 1


async def test_a_column_that_comes_twice_is_refused(client: Client, caller: Caller) -> None:
    row = cells(declaration()) | {"posting_country": "DE"}
    answer = await send(client, caller, as_csv(row))
    assert [found["code"] for found in answer.json()["problems"]] == ["column_twice"]


@pytest.mark.parametrize(("write", "read"), [(as_csv, read_csv), (as_xlsx, read_xlsx)])
async def test_the_report_is_the_same_file_with_problems_and_mended_it_is_sent_again(
    client: Client, caller: Caller, drains: Drains, write: Any, read: Any
) -> None:
    good = cells(declaration())
    bad = cells(declaration(declarationEndDate="2031-12-31", declarationPostingCountry="XX"))
    answer = await send(client, caller, write(good, bad), **REPORT)
    assert answer.status_code == 202, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    first, second = read(answer.content)
    assert first.items() >= good.items()
    assert second.items() >= bad.items()
    assert (first["outcome"], first["problems"]) == ("accepted", "")
    assert first["declarationNumber"]
    assert second["outcome"] == "refused"
    assert "declarationPostingCountry: " in second["problems"]

    second |= {name: good[name] for name in ("declarationEndDate", "declarationPostingCountry")}
    again = await send(client, caller, write(first, second), **REPORT)
    accepted, mended = read(again.content)
    assert accepted == first
    assert (mended["outcome"], mended["problems"]) == ("accepted", "")
    assert await drains.run() == 2


async def test_a_dry_run_keeps_nothing(client: Client, caller: Caller, drains: Drains) -> None:
    answer = await client.post(
        "/declarations/files?dryRun=true", content=as_csv(cells(declaration())), headers=caller.headers
    )
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert await drains.run() == 0


async def test_a_file_sent_twice_with_one_key_is_taken_once(client: Client, caller: Caller, drains: Drains) -> None:
    body, key = as_csv(cells(declaration())), {"idempotency-key": str(uuid4())}
    first, second = await send(client, caller, body, **key), await send(client, caller, body, **key)
    assert first.json() == second.json()
    assert await drains.run() == 1


async def test_thousands_of_rows_are_taken(client: Client, caller: Caller, drains: Drains) -> None:
    rows = [cells(declaration(externalReference=f"row {number}")) for number in range(5_000)]
    answer = await send(client, caller, as_csv(*rows))
    assert answer.json()["accepted"] == 5_000
    assert await drains.run() == 5_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n", "file_empty"),
        (b"PK\x03\x04 no workbook", "file_unreadable"),
        (b"\xd0\xcf\x11\xe0old", "file_unreadable"),
    ],
)
async def test_what_is_no_file_is_refused(client: Client, caller: Caller, body: bytes, code: str) -> None:
    answer = await send(client, caller, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_workbook_whose_cells_lie_too_far_apart_is_refused(client: Client, caller: Caller) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "driverId")
        sheet.write(1_048_575, 16_383, "far")
    answer = await send(client, caller, file.getvalue())
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


async def test_without_a_key_no_file_is_taken(client: Client) -> None:
    assert (await client.post("/declarations/files", content=b"x")).status_code == 401


async def test_the_filled_in_template_is_accepted(client: Client, caller: Caller, drains: Drains) -> None:
    answer = await client.get("/declarations/files")
    heading = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()[0]
    row = cells(declaration())
    filled = as_xlsx({name: row.get(name, "") for name in heading})
    assert (await send(client, caller, filled)).json()["accepted"] == 1
    csv_heading = (await client.get("/declarations/files?format=csv")).text
    assert csv_heading.lstrip("\ufeff").strip().split(",") == heading


def test_the_template_has_lists_for_the_codes() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_template())) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        workbook = parts.read("xl/workbook.xml").decode()
    assert sheet.count("<dataValidation ") == len(choices())
    assert 'name="Codes" sheetId="3" state="hidden"' in workbook
    assert choices()["declarationPostingCountry"] == POSTING_COUNTRIES
    assert "CABOTAGE_OPERATIONS;INTERNATIONAL_CARRIAGE" in choices()["declarationOperationType"]


@given(st.integers(0, 16_383))
def test_column_letters_count_as_spreadsheets_do(place: int) -> None:
    assert letters(place) == xlsxwriter.utility.xl_col_to_name(place)


# ------------------------------------------------------------------------------------------------- vehicles


LORRY = ("PL", "CARRIAGE_OF_GOODS", "HEAVY", "PO 1AB23")
BUS = ("DE", "CARRIAGE_OF_PASSENGERS", "", "B-XY 123")


async def test_the_official_template_goes_in_and_comes_back(client: Client, caller: Caller) -> None:
    filled = official_template([LORRY, BUS])
    taken = await client.post("/plate-numbers/files", content=filled, headers=caller.headers)
    assert taken.status_code == 200, taken.text
    assert taken.json() == {"created": 2, "changed": 0, "unchanged": 0, "refused": 0, "problems": []}
    again = await client.post("/plate-numbers/files", content=filled, headers=caller.headers)
    assert again.json()["unchanged"] == 2
    listed = (await client.get("/plate-numbers?limit=10", headers=caller.headers)).json()["items"]
    assert {one["plateNumber"] for one in listed} == {"PO 1AB23", "B-XY 123"}
    written = await client.get("/plate-numbers/files", headers=caller.headers)
    rows = [row for row in read_xlsx(written.content, "Template") if row["vehicle.plateNumber"]]
    assert [tuple(row.values()) for row in rows] == [LORRY, ("DE", "CARRIAGE_OF_PASSENGERS", "N/A", "B-XY 123")]


async def test_the_empty_template_is_the_published_file(client: Client, caller: Caller) -> None:
    answer = await client.get("/plate-numbers/files?empty=true", headers=caller.headers)
    assert answer.content == (Path(str(files("schemas"))) / "data" / "rtpd-vehicle-template.xlsx").read_bytes()
    taken = await client.post("/plate-numbers/files", content=answer.content, headers=caller.headers)
    assert (taken.json()["created"], taken.json()["refused"]) == (0, 0)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 6_000))
def test_a_filled_template_keeps_its_lists_and_every_formula_stands_alone(count: int) -> None:
    vehicles = [(*LORRY[:3], f"A&B {number}") for number in range(count)]
    with zipfile.ZipFile(io.BytesIO(official_template(vehicles))) as parts:
        assert "xl/calcChain.xml" not in parts.namelist()
        sheet = parts.read("xl/worksheets/sheet2.xml").decode()
        assert all(b"calcChain" not in parts.read(name) for name in parts.namelist())
    assert 't="shared"' not in sheet
    assert sheet.count("<f>") == max(0, 5_000 - count)
    assert sheet.count("<x14:dataValidation ") == 3
    assert sheet.count('t="inlineStr"') == 4 * count


async def test_a_bad_row_of_vehicles_is_named_and_its_neighbours_are_registered(client: Client, caller: Caller) -> None:
    heading = "plateNumber;registrationCountry;transportType;vehicleWeight\n"
    body = (
        heading + "PO 1;PL;CARRIAGE_OF_GOODS;HEAVY\nPO 2;XX;CARRIAGE_OF_GOODS;HEAVY\nPO 3;PL;CARRIAGE_OF_GOODS;LIGHT\n"
    )
    answer = await client.post("/plate-numbers/files", content=body, headers=caller.headers)
    said = answer.json()
    assert (said["created"], said["refused"]) == (2, 1)
    assert (said["problems"][0]["line"], said["problems"][0]["problems"][0]["code"]) == (3, "not_a_code")
    changed = await client.post(
        "/plate-numbers/files", content=heading + "PO 1;PL;CARRIAGE_OF_GOODS;LIGHT\n", headers=caller.headers
    )
    assert changed.json()["changed"] == 1


def test_the_published_template_is_read() -> None:
    path = Path(str(files("schemas"))) / "data" / "rtpd-vehicle-template.xlsx"
    with path.open("rb") as file:
        rows = list(rows_of(file, "xlsx"))
    assert rows[0][0] == "vehicle.registrationCountry"
    assert not any(any(row) for row in rows[1:])
