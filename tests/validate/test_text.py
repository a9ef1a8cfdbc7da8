"""Control characters, and the cheap way to know that there are none."""

import json

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from schemas.declaration import DeclarationLine
from tests.validate.samples import line, wire
from validate.contract import decode_line
from validate.text import CONTROL, control_characters, is_suspicious, named


def test_plain_and_accented_text_is_not_suspicious():
    assert not is_suspicious('{"driverLatinFirstName":"Łukasz Müller"}\n'.encode())


def test_escapes_and_raw_control_characters_are_suspicious():
    for text in ('"\\u0000"', '"\\n"', '"\x7f"', '"\x85"', '"\u2028"', '"\u2029"'):
        assert is_suspicious(text.encode())


def test_control_characters_are_named_by_their_number():
    assert named("\x00") == "U+0000"
    assert named("\u2028") == "U+2028"


def _columns(*lines):
    return dict(zip(DeclarationLine.__struct_fields__, zip(*map(astuple, lines), strict=True), strict=True))


def test_lines_without_control_characters_have_no_problem():
    assert not any(control_characters(_columns(line(), line(driverLatinFirstName="Zoë\u00a0"))))


@given(st.text(min_size=1, max_size=30), st.booleans())
def test_a_block_that_is_not_suspicious_has_no_control_character(text, ascii_only):
    try:
        block = json.dumps({"externalReference": text}, ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        return
    assert is_suspicious(block) or not CONTROL.search(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_a_control_character_is_found_wherever_it_stands(text):
    sample = line()
    sample.external_reference = text
    found = control_characters(_columns(line(), sample, line()))
    assert [bool(problems) for problems in found or ((), (), ())] == [False, bool(CONTROL.search(text)), False]


def test_the_decoder_lets_escaped_control_characters_through():
    assert decode_line(json.dumps(wire(externalReference="a\x00")).encode()).external_reference == "a\x00"
