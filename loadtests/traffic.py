"""What locust's users send: generated lines of one operator, and the plates that they declared."""

import random
import threading
from collections import deque
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import uuid4

import msgspec
from msgspec import Struct

from loadtests.generator import Generator, Load
from schemas.declaration import Declaration

_LINES = 20_000
_REMEMBERED = 50_000
_PLATES_A_REQUEST = 20
_decode = msgspec.json.Decoder(Declaration).decode


class NobodyToBeError(RuntimeError):
    """There are no credentials to send with."""


class Credentials(Struct, frozen=True, rename="camel"):
    """An operator's key and an officer's token, as the demo keeps them in `<home>/demo.json`."""

    api_key: str
    operator_id: str
    officer_token: str
    host: str
    country: str = "PL"


def credentials(home: Path) -> Credentials:
    """Reads the demo's credentials. Raises `NobodyToBeError` if no demo was loaded there."""
    try:
        return msgspec.json.decode((home / "demo.json").read_bytes(), type=Credentials)
    except FileNotFoundError:
        raise NobodyToBeError(
            f"no demo.json in {home}: start the system with its demo, or set RTPD_HOME to where it runs"
        ) from None


class Traffic:
    """The lines of one operator, taken by many users in turn, and the plates of those that were accepted."""

    def __init__(self, country: str, seed: int) -> None:
        load = Load(count=_LINES, seed=seed, country=country, today=datetime.now(UTC).date(), delegated=False)
        self._lines = b"".join(part.to_pybytes() for part in Generator(load).declarations()).splitlines()
        self._next = 0
        self._random = random.Random(seed)
        self._declared: deque[str] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    def lines(self, count: int) -> list[bytes]:
        """Gives the next lines, from the first again when all were taken."""
        with self._lock:
            begin = self._next % len(self._lines)
            self._next += count
        return (self._lines * (1 + (begin + count) // len(self._lines)))[begin : begin + count]

    def declared(self, lines: list[bytes], host: str) -> None:
        """Remembers plates of lines that were accepted for a host state."""
        named = b'"declarationPostingCountry":"%s"' % host.encode()
        for line in islice((line for line in lines if named in line), _PLATES_A_REQUEST):
            declaration = _decode(line)
            self._declared.extend((declaration.plates_heavy + declaration.plates_light + declaration.plates)[:2])

    def plate(self, known_share: float) -> str:
        """Gives a plate to look up: one that was declared, or one that nobody has."""
        if self._declared and self._random.random() < known_share:
            return self._random.choice(self._declared)
        return f"ZZ{self._random.randrange(10**6):06}"

    def key(self) -> str:
        """Gives a fresh idempotency key."""
        return str(uuid4())
