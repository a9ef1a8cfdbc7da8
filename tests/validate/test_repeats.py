"""Fields that stand twice are found, whatever else stands on the lines around them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from tests.validate.samples import CLEAN
from validate.contract import decode_line
from validate.repeats import repeated, repeated_alone

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


@pytest.mark.parametrize("blank", [b" ", b"\t", b"  ", b"\r"])
def test_a_blank_before_a_colon_hides_no_field_that_stands_twice(blank: bytes):
    twice = LINE.replace(b'"externalReference":', b'"externalReference"' + blank + b":")
    twice = twice[:-1] + b',"declarationStartDate":"2026-09-01"}'
    assert found_in(twice, LINE) == {0: ["/declarationStartDate"]}


@given(
    st.permutations([b'"declarationStartDate":"2026-09-01"', b'"externalReference": "a:b"', b'"driverEmail":null']),
    st.integers(0, 3),
)
def test_alone_the_same_is_found_as_among_others(more: list[bytes], count: int):
    line = b",".join([LINE[:-1], *more[:count]]) + b"}"
    assert {0: [one.pointer for one in repeated_alone(line, decode_line(line))]} == {0: [], **found_in(line)}


@given(st.sets(st.sampled_from(["driverEmail", "driverId", "operatorId"])))
def test_a_field_that_is_there_without_a_value_is_not_twice(names: set[str]):
    line: dict[str, Any] = CLEAN | dict.fromkeys(names)
    assert found_in(msgspec.json.encode(line), LINE) == {}
