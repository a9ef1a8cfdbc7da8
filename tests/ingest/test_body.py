"""Bodies as streams: however the network cuts them, the same lines come out, and nobody waits for ever."""

import asyncio
import gzip
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ingest import body
from ingest.body import Block, BodyError, ClientGoneError, blocks, parts
from schemas.limits import LIMITS


def _receive(pieces: Sequence[bytes]) -> Any:
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    return receive


async def _read(pieces: Sequence[bytes], encoding: str = "") -> list[tuple[bytes, bool]]:
    return [(block.data, block.too_long) async for block in blocks(_receive(pieces), encoding)]


def _cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    bounds = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(bounds)]


@given(
    st.lists(st.binary(max_size=80).map(lambda line: line.replace(b"\n", b"")), max_size=30), st.lists(st.integers(0))
)
def test_lines_are_the_same_however_the_body_is_cut(lines: list[bytes], places: list[int]) -> None:
    data = b"\n".join(lines)
    for encoding, packed in (("", data), ("gzip", gzip.compress(data)), ("zstd", zstandard.compress(data))):
        found = asyncio.run(_read(_cut(packed, places), encoding))
        whole = b"".join(block for block, _ in found)
        assert whole == (data if not data or data.endswith(b"\n") else data + b"\n")


@given(st.lists(st.integers(0, LIMITS.line.bytes), max_size=8), st.lists(st.integers(0), max_size=12))
def test_long_lines_are_the_same_however_the_body_is_cut(lengths: list[int], places: list[int]) -> None:
    data = b"".join(b"%d" % length + b"x" * (length - 8) + b"\n" for length in lengths)
    found = asyncio.run(_read(_cut(data, places)))
    assert b"".join(block for block, _ in found) == data
    assert all(block.endswith(b"\n") and not long for block, long in found)
    assert all(len(block) <= 2 * body.BLOCK_BYTES or block.count(b"\n") <= 3 for block, _ in found)


async def test_a_body_that_comes_byte_by_byte_is_taken() -> None:
    data = b"one line\n" * 400
    found = await _read([data[at : at + 1] for at in range(len(data))])
    assert b"".join(block for block, _ in found) == data


@given(st.binary(max_size=80), st.lists(st.integers(0), max_size=5))
def test_a_short_body_is_the_same_whether_its_length_is_announced_or_not(data: bytes, places: list[int]) -> None:
    pieces = _cut(data, places)
    for announced in (b"", b"%d" % len(data), b"no number"):
        assert asyncio.run(body.whole(_receive(pieces), 100, announced)) == data


def test_nobody_waits_for_the_end_of_a_body_that_has_come_whole() -> None:
    async def receive() -> dict[str, Any]:
        assert not asked
        asked.append(True)
        return {"type": "http.request", "body": b"{}", "more_body": True}

    asked: list[bool] = []
    assert asyncio.run(body.whole(receive, 100, b"2")) == b"{}"


def test_a_body_that_is_too_long_is_refused_whatever_was_announced() -> None:
    for announced in (b"", b"5", b"10"):
        with pytest.raises(BodyError, match="body_too_large"):
            asyncio.run(body.whole(_receive([b"01234", b"56789"]), 4, announced))


@given(st.lists(st.integers(0), max_size=6))
def test_a_long_line_is_cut_at_the_same_place_however_it_came(places: list[int]) -> None:
    data = b"short\n" + b"x" * (LIMITS.line.bytes + 10) + b"\nlast\n"
    found = asyncio.run(_read(_cut(data, places)))
    assert [block for block, long in found if long] == [b"x" * LIMITS.line.bytes]
    assert b"".join(block for block, long in found if not long) == b"short\nlast\n"


async def test_several_packed_parts_make_one_body() -> None:
    for encoding, pack in (("gzip", gzip.compress), ("zstd", zstandard.compress)):
        found = await _read([pack(b"one\n") + pack(b"two\n")], encoding)
        assert b"".join(block for block, _ in found) == b"one\ntwo\n"


async def test_a_client_that_hangs_up_is_no_end_of_a_body() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGoneError):
        [block async for block in blocks(receive, "")]


async def test_a_silent_client_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "_PATIENCE_SECONDS", 0.05)

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(BodyError) as refused:
        [block async for block in blocks(receive, "")]
    assert refused.value.code == "body_too_slow"


async def test_a_client_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "_PATIENCE_SECONDS", 0.1)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.03)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(BodyError) as refused:
        [block async for block in blocks(receive, "")]
    assert refused.value.code == "body_too_slow"


async def test_an_unknown_encoding_is_refused_before_anything_is_read() -> None:
    with pytest.raises(BodyError) as refused:
        await _read([b"x"], "br")
    assert refused.value.code == "encoding_unsupported"


@given(st.lists(st.integers(0, 40_000), max_size=12))
def test_parts_of_a_block_are_whole_lines_and_little_each(sizes: list[int]):
    lines = [b"x" * size + b"\n" for size in sizes]
    cut = [part.data for part in parts(Block(b"".join(lines)))]
    assert b"".join(cut) == b"".join(lines)
    assert all(part.endswith(b"\n") and len(part) <= 64 << 10 for part in cut)
