"""National registers come in from a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from reports.registers import load_register, loads

LICENCE = '{"record":"licence","country":"PL","licenceNumber":"PL/TM 1","status":"VALID","certifiedCopies":3}'
VEHICLE = '{"record":"vehicle","country":"PL","licenceNumber":"pl-tm-1","plate":"WX 1234A","weight":"HEAVY"}'


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


def write(folder: Path, *lines: str, name: str = "register.ndjson") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


async def test_every_kind_of_record_comes_in(connection: asyncpg.Connection, tmp_path: Path):
    path = write(
        tmp_path,
        LICENCE,
        VEHICLE,
        '{"record":"manager","country":"PL","licenceNumber":"PLTM1","certificateNumber":"1","name":"A","external":true}',
        '{"record":"check","country":"PL","licenceNumber":"PLTM1","reference":"1","checkedOn":"2026-01-01","host":"DE",'
        '"vehiclesChecked":2,"serious":1}',
        '{"record":"document","country":"PL","documentType":"IDCARD","number":"ABC 1","expiresOn":"2030-01-01"}',
    )
    loaded = await load_register(connection, path)
    assert loaded.records == {"licence": 1, "vehicle": 1, "manager": 1, "check": 1, "document": 1}
    assert [(load.country, load.record, load.rows) for load in await loads(connection)] == [
        ("PL", record, 1) for record in ("check", "document", "licence", "manager", "vehicle")
    ]
    vehicle = await connection.fetchrow("SELECT * FROM register_vehicle")
    assert (vehicle["licence_key"], vehicle["plate_key"], vehicle["plate_country"]) == ("PLTM1", "WX1234A", "PL")


async def test_a_file_takes_the_place_of_its_countries_and_kinds_only(connection: asyncpg.Connection, tmp_path: Path):
    await load_register(connection, write(tmp_path, LICENCE, VEHICLE, LICENCE.replace('"PL"', '"LT"')))
    await load_register(connection, write(tmp_path, LICENCE.replace("TM 1", "TM 2")))
    rows = await connection.fetch("SELECT country, licence_key FROM register_licence ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [("LT", "PLTM1"), ("PL", "PLTM2")]
    assert await connection.fetchval("SELECT count(*) FROM register_vehicle") == 1


async def test_an_update_adds_and_changes(connection: asyncpg.Connection, tmp_path: Path):
    await load_register(connection, write(tmp_path, LICENCE))
    changed = LICENCE.replace("VALID", "WITHDRAWN")
    await load_register(connection, write(tmp_path, changed, LICENCE.replace("TM 1", "TM 2")), update=True)
    rows = await connection.fetch("SELECT licence_key, status FROM register_licence ORDER BY 1")
    assert [tuple(row) for row in rows] == [("PLTM1", "WITHDRAWN"), ("PLTM2", "VALID")]
    assert [load.rows for load in await loads(connection)] == [2]


async def test_the_last_line_about_an_entry_counts(connection: asyncpg.Connection, tmp_path: Path):
    await load_register(connection, write(tmp_path, LICENCE, LICENCE.replace("VALID", "SUSPENDED")))
    assert await connection.fetchval("SELECT status FROM register_licence") == "SUSPENDED"


async def test_csv_has_the_same_members_as_columns(connection: asyncpg.Connection, tmp_path: Path):
    path = write(
        tmp_path,
        "record;country;licenceNumber;status;certifiedCopies;plate;smartTachograph",
        "licence;EL;GR 1;VALID;12;;",
        "vehicle;EL;GR1;;;ABC1234;true",
        name="register.csv",
    )
    loaded = await load_register(connection, path)
    assert loaded.problems == []
    row = await connection.fetchrow("SELECT * FROM register_licence JOIN register_vehicle USING (country, licence_key)")
    assert (row["country"], row["certified_copies"], row["smart_tachograph"]) == ("GR", 12, True)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "truncated"),
        ('{"record":"ship","country":"PL"}', "ship"),
        (LICENCE.replace("VALID", "GOOD"), "GOOD"),
        (LICENCE.replace('"PL"', '"QQ"'), "QQ"),
        (LICENCE.replace("3}", "-3}"), ">= 0"),
        (LICENCE.replace("TM 1", "TM\\u00001"), "U+0000"),
        (
            '{"record":"manager","country":"PL","licenceNumber":"1","certificateNumber":"1","name":"A","external":true,'
            '"unfitUntil":"2026-01-01"}',
            "unfitUntil without unfitFrom",
        ),
    ],
)
async def test_a_bad_line_is_told_and_keeps_no_other_out(
    connection: asyncpg.Connection, tmp_path: Path, line: str, told: str
):
    loaded = await load_register(connection, write(tmp_path, line, LICENCE))
    assert (loaded.refused, loaded.records) == (1, {"licence": 1})
    assert loaded.problems[0].line == 1
    assert told in loaded.problems[0].text
