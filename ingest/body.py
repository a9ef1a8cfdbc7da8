"""Request bodies as streams: received, unpacked and cut into blocks of whole lines, in bounded memory."""

import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, NamedTuple, Protocol

import zstandard

from ingest.patience import patiently
from schemas.limits import LIMITS

Receive = Callable[[], Awaitable[Any]]

BLOCK_BYTES = 512 << 10
_MOST_PARTS = 1_000
#: So much is judged at one go while short requests are about, which wait for no more than that.
_PART_BYTES = 64 << 10
#: Compressed input is fed in slices so small that even the best packed one unfolds to some 64 MB at most.
_SLICE_BYTES = 2 << 10
#: Past this much, a body that unfolds this many times over is a bomb, not a file of declarations.
_BOMB_BYTES = 64 << 20
_BOMB_RATIO = 1_000
_PATIENCE_SECONDS = 30
#: A client that sends less in this time of waiting drips: it holds a connection and has nothing to say.
_LEAST_BYTES = 30_000


class BodyError(Exception):
    """The body as a whole cannot be read; `code` names the problem."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class ClientGoneError(Exception):
    """The client broke off in the middle of its body."""


class Block(NamedTuple):
    """Some whole lines: `data` ends with a newline. A line over the limit comes alone, cut, as `too_long`."""

    data: bytes
    too_long: bool = False


class _Unpacker(Protocol):
    """Unpacks what came so far; `whole` says whether it ends where a packed stream may end."""

    @property
    def whole(self) -> bool: ...
    def feed(self, data: bytes) -> Iterator[bytes]: ...


async def whole(receive: Receive, most_bytes: int, announced: bytes = b"") -> bytes:
    """Reads a short body at once. Raises `BodyError` (body_too_large) or `ClientGoneError`.

    With the Content-Length that was `announced` nobody waits to hear that all has come.
    """
    message = await _received(receive)
    body: bytes = message.get("body", b"")
    if message.get("more_body") and len(body) <= most_bytes and b"%d" % len(body) != announced:
        message, body = await _rest(receive, body, most_bytes, announced)
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    if len(body) > most_bytes:
        raise BodyError("body_too_large", maximum=most_bytes)
    return body


async def _rest(receive: Receive, first: bytes, most_bytes: int, announced: bytes) -> tuple[Any, bytes]:
    """Reads on to the last message, to the announced length or to a byte too many; gives that message and the body."""
    parts, size, pace = [first], len(first), _Pace(receive)
    while True:
        message = await pace.next()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body") or size > most_bytes or b"%d" % size == announced:
            return message, b"".join(parts)


async def blocks(receive: Receive, encoding: str) -> AsyncIterator[Block]:
    """Yields the body in blocks of whole lines, about 512 KB each.

    `encoding` is the Content-Encoding: empty, identity, gzip or zstd. Raises `BodyError` for another encoding,
    damaged data or a bomb, `ClientGoneError` if the client breaks off.
    """
    lines = _Lines()
    async for data in unpacked(receive, encoding):
        for block in lines.feed(data):
            yield block
    for block in lines.end():
        yield block


def parts(block: Block) -> Iterator[Block]:
    """Cuts a block at its newlines into blocks of about 64 KB."""
    data, start = block.data, 0
    while not block.too_long and len(data) - start > _PART_BYTES:
        end = data.rfind(b"\n", start, start + _PART_BYTES) + 1 or data.index(b"\n", start) + 1
        yield Block(data[start:end])
        start = end
    if start < len(data):
        yield Block(data[start:], block.too_long)


async def _received(receive: Receive) -> Any:
    """Waits for a part of a body. Raises `BodyError` if nothing comes for too long."""
    try:
        return await patiently(receive(), _PATIENCE_SECONDS)
    except TimeoutError as error:
        raise BodyError("body_too_slow", seconds=_PATIENCE_SECONDS) from error


class _Pace:
    """Receives a body's parts, and counts how long its client was waited for and what came meanwhile."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._waited = 0.0
        self._came = 0

    async def next(self) -> Any:
        """Waits for the next part. Raises `BodyError` if a client sends nothing for too long, or next to nothing."""
        since = time.monotonic()
        message = await _received(self._receive)
        self._waited += time.monotonic() - since
        self._came += len(message.get("body", b""))
        if self._waited > _PATIENCE_SECONDS:
            if self._came < _LEAST_BYTES and message.get("more_body"):
                raise BodyError("body_too_slow", seconds=_PATIENCE_SECONDS)
            self._waited, self._came = 0.0, 0
        return message


class _Lines:
    """Cuts a stream of bytes at its newlines; passes over what a line has beyond the limit."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._held = 0
        self._has_lines = False
        self._skipping = False

    def feed(self, data: bytes) -> Iterator[Block]:
        """Takes what came and gives the blocks that it completes; their bytes are copied once."""
        if self._skipping:
            end = data.find(b"\n")
            if end < 0:
                return
            self._skipping, data = False, data[end + 1 :]
        end = data.rfind(b"\n") + 1
        if self._held + len(data) >= BLOCK_BYTES and (end or self._has_lines):
            if end:
                lines, rest = b"".join([*self._parts, data[:end]]), data[end:]
            else:
                lines, rest = self._last_lines(data)
            self._parts, self._held, self._has_lines = [rest], len(rest), False
            yield from _blocks_in(lines)
        else:
            self._keep(data)
            self._has_lines |= end > 0
        if self._held > LIMITS.line.bytes:
            yield Block(b"".join(self._parts)[: LIMITS.line.bytes], too_long=True)
            self._parts, self._held, self._skipping = [], 0, True

    def end(self) -> Iterator[Block]:
        """Gives what is left; the last line need not end with a newline."""
        left = b"".join(self._parts)
        if left:
            yield from _measured(left if left.endswith(b"\n") else left + b"\n")

    def _keep(self, data: bytes) -> None:
        self._parts.append(data)
        self._held += len(data)
        if len(self._parts) > _MOST_PARTS:  # a client that sends byte by byte
            self._parts = [b"".join(self._parts)]

    def _last_lines(self, data: bytes) -> tuple[bytes, bytes]:
        """Parts what is held where its last line ends, with `data` behind it."""
        held = b"".join(self._parts)
        end = held.rfind(b"\n") + 1
        return held[:end], held[end:] + data


def _blocks_in(lines: bytes) -> Iterator[Block]:
    """Cuts lines that came at once, far more than a block has, into blocks."""
    start = 0
    while len(lines) - start > 2 * BLOCK_BYTES:
        end = lines.rfind(b"\n", start, start + BLOCK_BYTES) + 1 or lines.index(b"\n", start) + 1
        yield from _measured(lines[start:end])
        start = end
    yield from _measured(lines[start:])


def _measured(data: bytes) -> Iterator[Block]:
    """Takes lines over the limit out of a block, wherever the network happened to cut it."""
    most = LIMITS.line.bytes
    if len(data) <= most:
        yield Block(data)
        return
    start = at = 0
    while at < len(data):
        end = data.index(b"\n", at) + 1
        if end - at - 1 > most:
            if at > start:
                yield Block(data[start:at])
            yield Block(data[at : at + most], too_long=True)
            start = end
        at = end
    if start < len(data):
        yield Block(data[start:])


async def unpacked(receive: Receive, encoding: str) -> AsyncIterator[bytes]:
    """Yields the body as it comes, without its compression. Raises what `blocks` raises."""
    unpacker, received, unfolded = _unpacker(encoding), 0, 0
    pace, more = _Pace(receive), True
    while more:
        message = await pace.next()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        data: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        received += len(data)
        try:
            for piece in unpacker.feed(data):
                unfolded += len(piece)
                if unfolded > _BOMB_BYTES and unfolded > received * _BOMB_RATIO:
                    raise BodyError("decompression_bomb", ratio=_BOMB_RATIO)
                yield piece
        except (zlib.error, zstandard.ZstdError) as error:
            raise BodyError("body_incomplete") from error
    if received and not unpacker.whole:
        raise BodyError("body_incomplete")


def _unpacker(encoding: str) -> _Unpacker:
    if encoding in ("", "identity"):
        return _Plain()
    if encoding in ("gzip", "x-gzip"):
        return _Gzip()
    if encoding == "zstd":
        return _Zstd()
    raise BodyError("encoding_unsupported", encoding=encoding)


class _Plain:
    whole = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Gzip:
    def __init__(self) -> None:
        self._member = zlib.decompressobj(31)
        self.whole = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            self.whole = False
            yield self._member.decompress(data, BLOCK_BYTES)
            data = self._member.unconsumed_tail
            if self._member.eof:  # a further member may follow
                self.whole, data = True, self._member.unused_data
                self._member = zlib.decompressobj(31)


class _Zstd:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self.whole = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            self.whole = False
            yield self._frame.decompress(data[:_SLICE_BYTES])
            data = data[_SLICE_BYTES:]
            if self._frame.eof:  # a further frame may follow
                self.whole, data = True, self._frame.unused_data + data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
