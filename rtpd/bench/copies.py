"""Drivers' copies: what one costs when an operator prints many, as it does before a weekend."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter
from loadtests.generator import Generator, Load
from schemas.declaration import Declaration
from schemas.identity import Serial, declaration_id, submission_id
from schemas.operator import Operator

_AT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
#: Copies that warm the compiler, its fonts and what the operator's copies have in common.
_WARM = 20


class CopyFigures(Struct, frozen=True):
    """Copies made one after the other by one typesetter: seconds of the clock, seconds of CPU, bytes of all PDFs."""

    copies: int
    seconds: float
    cpu_seconds: float
    size: int

    @property
    def per_second(self) -> float:
        """Copies a second by the clock."""
        return self.copies / self.seconds

    @property
    def per_core_second(self) -> float:
        """Copies for each second of CPU, of all threads: what one core makes when nothing else runs on it."""
        return self.copies / self.cpu_seconds


def measure_copies(count: int, language: str = "en") -> CopyFigures:
    """Makes the copies of one generated operator's declarations: every driver and country, one fleet."""
    copies = list(_copies(count + _WARM))
    typesetter = Typesetter(Ed25519PrivateKey.generate(), "https://posting.example.eu")
    for copy in copies[:_WARM]:
        typesetter.pdf(copy, language)
    clock, cpu = time.perf_counter(), time.process_time()
    size = sum(len(typesetter.pdf(copy, language)) for copy in copies[_WARM:])
    return CopyFigures(count, time.perf_counter() - clock, time.process_time() - cpu, size)


def _copies(count: int) -> Iterator[Copy]:
    generator = Generator(Load(count=count, today=date(2026, 11, 20), country="PL", delegated=False))
    operator = msgspec.json.decode(bytes(next(generator.operators())), type=Operator)
    secret = b"bench".ljust(32)
    submission = submission_id(Serial(int(_AT.timestamp() * 1000), 1, 1), secret)
    lines = (line for chunk in generator.declarations() for line in bytes(chunk).splitlines())
    for number, line in enumerate(lines, 1):
        declared = msgspec.json.decode(line, type=Declaration)
        plates = (*declared.plates, *declared.plates_light, *declared.plates_heavy)
        yield msgspec.convert(
            msgspec.structs.asdict(declared)
            | {
                "declaration_id": declaration_id(submission, number),
                "version": 1,
                "accepted_at": _AT,
                "submitted_at": _AT,
                "cabotage": "CABOTAGE_OPERATIONS" in declared.operation_types,
                "international": "INTERNATIONAL_CARRIAGE" in declared.operation_types,
                "goods": "CARRIAGE_OF_GOODS" in declared.transport_types,
                "passengers": "CARRIAGE_OF_PASSENGERS" in declared.transport_types,
                "plates": plates,
                "operator": operator,
            },
            Copy,
        )
