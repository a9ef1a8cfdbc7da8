"""Clients that write down every receipt, whatever happens around them, and know what they sent."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx

from tests.running_system import RunningSystem

#: Answers that ask to come again: in progress, too many, not now.
_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504})
_PATIENCE_S = 600.0


class NeverAnsweredError(AssertionError):
    """An upload got no receipt in all its patience."""


@dataclass(slots=True)
class Clients:
    """Some threads that submit `lines` again and again, in uploads and one by one, until they are told to stop.

    Every upload has an idempotency key and is sent until it has its receipt. What they do is drawn from `seed`.
    """

    ingest_url: str
    headers: dict[str, str]
    lines: Sequence[bytes]
    receipts: Path
    seed: int
    threads: int = 3
    #: Statuses that no client should ever see, each with its body's first bytes.
    wrong: list[tuple[int, bytes]] = field(default_factory=list)
    receipted: int = 0
    #: How many requests got no answer.
    unanswered: int = 0
    #: How often an answer with this code asked to come again.
    refused: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _failed: list[BaseException] = field(default_factory=list)

    @classmethod
    def of(cls, system: RunningSystem, receipts: Path, seed: int, *, errors: float = 0.02) -> Self:
        """Gives clients of the system's operator, with some thousand lines to send, few of them bad."""
        operator = system.operator
        headers = {"x-api-key": operator["apiKey"], "x-operator-id": operator["operatorId"]}
        made = system.rtpd("generate", "--count", "3000", "--country", "PL", "--errors", str(errors))
        lines = [line.encode() + b"\n" for line in made.splitlines()]
        return cls(system.ingest_url, headers, lines, receipts, seed)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Lets the clients work while the block runs; then waits for the receipts that are still due."""
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(self.threads)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        if self._failed:
            raise self._failed[0]
        assert not self.wrong, self.wrong[:3]
        assert "internal" not in self.refused, self.refused

    def _work(self, number: int) -> None:
        draw = random.Random(f"{self.seed}:{number}")
        count = 0
        try:
            while not self._stop.is_set():
                count += 1
                key = f"{self.seed}-{number}-{count}"
                match draw.choices(("upload", "single", "broken", "twice"), (5, 3, 1, 1))[0]:
                    case "single":
                        self._until_receipt("/declarations/submit", draw.choice(self.lines).strip(), key)
                    case "upload":
                        self._until_receipt("/declarations/bulk", self._body(draw), key)
                    case "broken":
                        body = self._body(draw)
                        self._break_off(body, key, draw.randrange(1, len(body)))
                        self._until_receipt("/declarations/bulk", body, key)
                    case "twice":
                        self._at_once(self._body(draw), key)
        except BaseException as error:  # it is raised again where the test can see it
            self._failed.append(error)

    def _body(self, draw: random.Random) -> bytes:
        return b"".join(draw.choices(self.lines, k=draw.choice((1, 50, 400, 1500))))

    def _until_receipt(self, path: str, body: bytes, key: str, *, count: bool = True) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        with httpx.Client(timeout=30) as client:
            while time.monotonic() < deadline:
                try:
                    answer = client.post(
                        self.ingest_url + path, content=body, headers=self.headers | {"idempotency-key": key}
                    )
                except httpx.TransportError:
                    with self._lock:
                        self.unanswered += 1
                    time.sleep(0.2)
                    continue
                if answer.status_code == 202:
                    if count:
                        self._write_down(answer.content)
                    return
                if answer.status_code in (400, 422) and answer.json()["code"].startswith("declaration_"):
                    return  # a bad declaration sent by itself is refused for good
                if answer.status_code not in _AGAIN:
                    with self._lock:
                        self.wrong.append((answer.status_code, answer.content[:300]))
                    return
                with self._lock:
                    self.refused[answer.json()["code"]] += 1
                time.sleep(min(1.0, float(answer.headers.get("retry-after", 0.2))))
        raise NeverAnsweredError(key)

    def _write_down(self, receipt: bytes) -> None:
        with self._lock, self.receipts.open("ab") as file:
            file.write(receipt.strip() + b"\n")
            self.receipted += 1

    def _break_off(self, body: bytes, key: str, at: int) -> None:
        """Sends the beginning of an upload and hangs up."""
        address = urlsplit(self.ingest_url)
        named = {**self.headers, "idempotency-key": key, "content-length": str(len(body)), "host": "localhost"}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        try:
            with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
                connection.sendall(f"POST /declarations/bulk HTTP/1.1\r\n{head}\r\n".encode() + body[:at])
        except OSError:
            return

    def _at_once(self, body: bytes, key: str) -> None:
        """Sends one upload twice at the same time; one receipt counts, both say the same."""
        other = threading.Thread(
            target=self._until_receipt, args=("/declarations/bulk", body, key), kwargs={"count": False}
        )
        other.start()
        self._until_receipt("/declarations/bulk", body, key)
        other.join()
