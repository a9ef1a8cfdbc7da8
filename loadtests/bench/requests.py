"""Many small requests: connections that stay open, each sending its next request when the last one is answered."""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from urllib.parse import urlsplit

from msgspec import Struct

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


class BrokenAnswerError(RuntimeError):
    """A server closed a connection or answered without a length."""


class RequestFigures(Struct, frozen=True):
    """What so many connections got: requests a second, latencies in milliseconds, answers by status."""

    connections: int
    requests: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    statuses: dict[int, int]


def rendered(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Renders a request once, so that sending it costs nothing."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + _HEAD_END + body


@dataclass(slots=True)
class _Run:
    requests: Iterator[bytes]
    until: float
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


class _Connection(asyncio.Protocol):
    """One connection; `done` ends when the time is up or the server breaks it."""

    def __init__(self, run: _Run, done: asyncio.Future[None]) -> None:
        self._run = run
        self._done = done
        self._answer = b""
        self._sent = 0.0
        self._finished = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer = self._answer + data if self._answer else data
        end = self._answer.find(_HEAD_END)
        if end < 0:
            return
        head = self._answer[:end].lower()
        at = head.find(_LENGTH)
        if at < 0:
            self._fail("an answer has no length")
            return
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        if len(self._answer) < end + len(_HEAD_END) + length:
            return
        status = int(self._answer[9:12])
        self._answer = b""
        now, run = time.perf_counter(), self._run
        run.statuses[status] = run.statuses.get(status, 0) + 1
        run.latencies.append(now - self._sent)
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._finished and time.perf_counter() < self._run.until:
            self._fail(f"a connection was closed: {error}")
        elif not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        """Sends the next request, or closes the connection when there is none or the time is up."""
        assert self._transport is not None
        self._sent = time.perf_counter()
        request = next(self._run.requests, None) if self._sent < self._run.until else None
        if request is None:
            self._finished = True
            self._transport.close()
        else:
            self._transport.write(request)

    def _fail(self, text: str) -> None:
        if not self._done.done():
            self._done.set_exception(BrokenAnswerError(text))


async def drive(url: str, requests: Sequence[bytes], connections: int, seconds: float | None) -> RequestFigures:
    """Sends `requests` over and over for some seconds, or each once if `seconds` is None.

    Raises `BrokenAnswerError` if the server breaks off.
    """
    address, loop = urlsplit(url), asyncio.get_running_loop()
    assert address.hostname is not None
    assert address.port is not None
    begun = time.perf_counter()
    run = _Run(iter(requests), math.inf) if seconds is None else _Run(cycle(requests), begun + seconds)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(partial(_Connection, run, end), address.hostname, address.port)
    await asyncio.wait_for(asyncio.gather(*ends), None if seconds is None else seconds + 30)
    taken = time.perf_counter() - begun
    milliseconds = sorted(latency * 1e3 for latency in run.latencies)
    p50, p95, p99 = (milliseconds[int(len(milliseconds) * share)] for share in (0.5, 0.95, 0.99))
    return RequestFigures(connections, len(milliseconds), len(milliseconds) / taken, p50, p95, p99, run.statuses)
