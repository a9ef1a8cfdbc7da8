"""Fields that stand twice are found, whatever else stands on the lines around them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from tests.validate.samples import CLEAN
from validate.contract import decode_line
from validate.repeats import repeated

LINE = msgspec.json.encode(CLEAN)


def found_in(*lines: bytes) -> dict[int, list[str]]:
    rows = [astuple(decode_line(line)) for line in lines]
    found = repeated(b"".join(line + b"\n" for line in lines), lines, rows)
    return {place: [one.pointer for one in about] for place, about in found.items()}


def test_a_field_that_stands_twice_is_named_and_its_neighbours_are_not():
    twice = LINE[:-1] + b',"declarationStartDate":"2026-09-01"}'
    assert found_in(LINE, twice, LINE) == {1: ["/declarationStartDate"]}


@pytest.mark.parametrize("text", ['a":b', "12:30", '\\":'])
def test_a_colon_within_a_text_is_no_field(text: str):
    assert found_in(msgspec.json.encode(CLEAN | {"externalReference": text}), LINE) == {}


@given(st.sets(st.sampled_from(["driverEmail", "driverId", "operatorId"])))
def test_a_field_that_is_there_without_a_value_is_not_twice(names: set[str]):
    line: dict[str, Any] = CLEAN | dict.fromkeys(names)
    assert found_in(msgspec.json.encode(line), LINE) == {}
