"""The fuzz target in short: a hundred made-up inputs for each decoder, and what looks most like the real thing."""

import gzip

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.decoders import DECODERS, feed
from tests.hostile import BODIES
from tests.ingest.conftest import declaration, ndjson

_LINE = ndjson(declaration())
_STARTS = (
    b"",
    b"PK\x03\x04",
    b"%PDF-1.7\n",
    b"\x89PNG\r\n\x1a\n",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"{",
    b"\x84\xa6",
)


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=100, deadline=None)
@given(st.builds(lambda start, rest: start + rest, st.sampled_from(_STARTS), st.binary(max_size=400)))
@example(_LINE)
@example(gzip.compress(_LINE))
@example(zstandard.compress(_LINE))
def test_made_up_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    feed(name, data)


@pytest.mark.parametrize("name", DECODERS)
def test_hostile_bodies_are_read_or_refused(name: str) -> None:
    for body in BODIES.values():
        feed(name, body)


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(_LINE) - 1), st.binary(max_size=4))
def test_a_good_line_with_a_changed_place_is_read_or_refused(name: str, place: int, change: bytes) -> None:
    feed(name, _LINE[:place] + change + _LINE[place + len(change) :])
