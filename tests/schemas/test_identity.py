"""Ids and numbers: laws that hold for every serial and line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identity import (
    MAX_LINE,
    InvalidNumberError,
    Serial,
    SerialClock,
    declaration_id,
    line_of,
    milliseconds_of,
    number_of,
    parse_number,
    submission_id,
    submission_of,
)

SECRET = b"k" * 32
serials = st.builds(Serial, st.integers(1_640_995_200_000, 3_800_000_000_000), st.integers(0, 15), st.integers(0, 1023))
lines = st.integers(1, MAX_LINE)


@given(serials, lines)
def test_a_number_leads_back_to_its_declaration(serial: Serial, line: int) -> None:
    declaration = declaration_id(submission_id(serial, SECRET), line)
    assert parse_number(number_of(declaration), SECRET) == declaration


@given(serials, lines)
def test_an_id_is_a_uuid7_that_holds_its_submission_line_and_time(serial: Serial, line: int) -> None:
    submission = submission_id(serial, SECRET)
    declaration = declaration_id(submission, line)
    assert declaration.version == 7
    assert (submission_of(declaration), line_of(declaration)) == (submission, line)
    assert milliseconds_of(declaration) == serial.ms


@given(st.lists(serials, unique=True), lines)
def test_serials_make_distinct_ids_in_the_order_of_time(found: list[Serial], line: int) -> None:
    ids = [declaration_id(submission_id(serial, SECRET), line) for serial in found]
    assert len(set(ids)) == len(found)
    by_time = sorted(ids)
    assert [milliseconds_of(one) for one in by_time] == sorted(serial.ms for serial in found)


@given(serials, lines, st.data())
def test_a_slip_of_one_letter_is_noticed(serial: Serial, line: int, data: st.DataObject) -> None:
    letters = number_of(declaration_id(submission_id(serial, SECRET), line)).replace("-", "")
    place = data.draw(st.integers(0, len(letters) - 2))
    other = data.draw(st.sampled_from("123456789ABCDEFGHJKMNPQRSTVWXY"))
    slipped = letters[:place] + other + letters[place + 1 :]
    if letters[place] in ("0", "Z") or other == letters[place]:
        return  # 0 and Z weigh the same, as schemas/identity.py says
    with pytest.raises(InvalidNumberError):
        parse_number(slipped, SECRET)


def test_a_number_is_read_in_any_spelling() -> None:
    declaration = declaration_id(submission_id(Serial(1_795_000_000_000, 3, 7), SECRET), 1)
    number = number_of(declaration)
    spoken = number.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert parse_number(spoken, SECRET) == declaration


@pytest.mark.parametrize("nonsense", ["", "PO1AB23", "U" * 14, "É" * 14, "0" * 40])
def test_what_is_no_number_is_refused(nonsense: str) -> None:
    with pytest.raises(InvalidNumberError):
        parse_number(nonsense, SECRET)


def test_without_the_key_an_id_cannot_be_guessed() -> None:
    serial = Serial(1_795_000_000_000, 3, 7)
    assert submission_id(serial, SECRET) != submission_id(serial, b"x" * 32)


def test_a_clock_never_gives_a_serial_twice() -> None:
    clock = SerialClock(5)
    given_out = [clock.next() for _ in range(10_000)]
    assert given_out == sorted(set(given_out))
