"""Drivers told to be in order from their bytes: the rules agree, whatever the driver."""

import json
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codes import DocumentType
from schemas.columns import Columns, columns_of
from tests.validate.samples import wire
from validate.driver import REQUIRED, RULES, Driver
from validate.plain_driver import READ, country_numbers, plainly_fine
from validate.problems import NOTHING, Found

_names = st.text(st.sampled_from("AbŁÀ×÷ĀɏɐΩЖ'-., 1\u00a0\u2007"), min_size=1, max_size=6)
_countries = st.sampled_from(["PL", "DE", "GB", "UA", "US", "FR"])
_changes = st.fixed_dictionaries(
    {},
    optional={
        "driverLatinFirstName": _names,
        "driverLatinLastName": st.none() | _names,
        "driverAddressStreet": st.sampled_from(["", " ", "\u00a0", "Ł", "x", "中"]).filter(bool),
        "driverAddressCity": st.none() | _names,
        "driverLicenseNumber": st.sampled_from(
            [
                "00123/04/1234",
                "B072RRE2I55",
                "12345678",
                "ab 12345678 c",
                "１２３４５６７８",
                "A-B",
                "Ł1234567",
                "9" * 50,
            ]
        ),
        "driverDocumentType": st.sampled_from(["IDCARD", "PASSPORT", "DRIVINGLICENSE"]),
        "driverDocumentIssuingCountry": _countries,
        "driverAddressCountry": _countries,
        "driverApplicableLaw": _countries,
        "driverDateOfBirth": st.dates(date(1890, 1, 1), date(2030, 1, 1)).map(str),
        "driverContractStartDate": st.dates(date(1890, 1, 1), date(2110, 1, 1)).map(str),
        "driverEmail": st.none()
        | st.sampled_from(
            [
                "a@b.eu",
                "a@b",
                "a@.eu",
                "a@b..eu",
                "a b@c.eu",
                "@b.eu",
                "a@b.e",
                "a@@b.eu",
                "a.b+c@d-e.f.eu",
                "ä@b.eu",
                "a@b.eu.",
            ]
        )
        | st.text("a@.-", min_size=1, max_size=8),
    },
)


def _columns(changes: dict[str, Any]) -> Columns:
    return columns_of(json.dumps(wire(**changes), ensure_ascii=False).encode() + b"\n")


def _said(columns: Columns, establishment: str) -> Found:
    read, found = Driver(*columns.values(0, Driver._fields[:-1]), establishment), NOTHING
    for rule in RULES:
        found += rule(read)
    return found


def _fine(columns: Columns, establishment: str) -> bool:
    return bool(plainly_fine(columns, country_numbers([establishment]))[0])


@settings(max_examples=500)
@given(_changes, _countries)
def test_of_a_driver_in_order_no_rule_says_anything(changes: dict[str, Any], establishment: str) -> None:
    columns = _columns(changes)
    if _fine(columns, establishment):
        assert not _said(columns, establishment)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"driverLatinFirstName": "Ángel", "driverLatinLastName": "Šimůnek-Žižka"},
        {"driverLicenseNumber": "00123041234", "driverDocumentType": "PASSPORT"},
        {"driverDocumentType": "IDCARD", "driverDocumentIssuingCountry": "UA"},
        {"driverEmail": "jan.nowak+1@mail.example.eu"},
        {"driverDateOfBirth": "2010-09-01"},
    ],
    ids=str,
)
def test_of_usual_drivers_it_is_told_at_once(changes: dict[str, Any]) -> None:
    assert _fine(_columns(changes), "PL")


@pytest.mark.parametrize(
    "changes",
    [
        {"driverDateOfBirth": "2010-09-02"},
        {"driverContractStartDate": "2026-09-02"},
        {"driverApplicableLaw": "DE"},
        {"driverLatinFirstName": "Янка"},
        {"driverEmail": "nobody"},
        {"driverLicenseNumber": "1"},
        {"driverAddressCity": None},
    ],
    ids=str,
)
def test_of_others_the_rules_are_asked(changes: dict[str, Any]) -> None:
    columns = _columns(changes)
    assert not _fine(columns, "PL")
    assert _said(columns, "PL")


def test_whatever_must_stand_is_looked_for() -> None:
    assert set(READ[: READ.index("start_date")]) == set(REQUIRED)


def test_a_licence_as_document_is_told_by_its_length() -> None:
    assert [code for code in get_args(DocumentType) if len(code) == len("DRIVINGLICENSE")] == ["DRIVINGLICENSE"]
