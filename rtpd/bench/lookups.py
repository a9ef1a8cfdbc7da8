"""Look-ups over HTTP beside bare DuckDB that reads only the right files, and how soon a declaration is found."""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import duckdb
import httpx
import msgspec
from msgspec import Struct

from loadtests.bench.requests import RequestFigures, drive, rendered
from rtpd.bench.load import intake_of
from rtpd.bench.system import BenchSystem
from rtpd.caller import Caller
from rtpd.client import Chunk, Client
from schemas import statements
from schemas.codes import POSTING_COUNTRIES
from schemas.declaration import Declaration
from store.buckets import buckets_of
from store.officers import create_officer
from validate.plates import plate_key

_SQL = statements.load("rtpd", "bench")
_FILES = statements.load("reports", "files")
_SAMPLED_A_CHUNK = 40
_SECONDS = 15.0
_BARE = 200
_FRESH = 5
_FRESH_S = 30.0
_PAUSE_S = 0.02
_PLATE_LISTS = ("plates", "plates_heavy", "plates_light")
_decode = msgspec.json.Decoder(Declaration).decode


class NotFoundError(RuntimeError):
    """A declaration that was accepted is not found by its plate."""


class LookupFigures(Struct, frozen=True):
    """Look-ups of one kind: over HTTP on some connections, CPU of reports, and the same by bare DuckDB (ms)."""

    kind: str
    http: RequestFigures
    reports_cpu_us: float
    bare_p50_ms: float
    bare_p95_ms: float
    bare_p99_ms: float

    @property
    def per_core_second(self) -> float:
        """Look-ups for each second of a core that reports take."""
        return 1e6 / self.reports_cpu_us if self.reports_cpu_us else 0.0


class LookupRun(Struct, frozen=True):
    """Look-ups on a lake of so many declarations; freshness in seconds from receipt to found, one for each try."""

    declarations: int
    figures: list[LookupFigures]
    fresh_s: list[float]


@dataclass(frozen=True, slots=True)
class Asked:
    """A plate as it was declared and the host state of its declaration."""

    plate: str
    host: str


class Sampler:
    """Picks plates out of lines on their way; `lines` keeps one of the sampled lines for each."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311
        self.asked: list[Asked] = []
        self.line = b""

    def watch(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Gives the chunks on, having looked at some of their lines."""
        for chunk in chunks:
            for _ in range(_SAMPLED_A_CHUNK):
                self._look(chunk.body)
            yield chunk

    def _look(self, body: bytes) -> None:
        at = body.rfind(b"\n", 0, self._random.randrange(len(body))) + 1
        line = body[at : body.index(b"\n", at)]
        declaration = _decode(line)
        plates = declaration.plates + declaration.plates_heavy + declaration.plates_light
        if plates:
            self.asked.append(Asked(self._random.choice(plates), declaration.posting_country))
            self.line = line


class Officers:
    """One officer for each host state, with their tokens."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self.tokens = tokens

    @classmethod
    async def enter(cls, database_url: str) -> "Officers":
        """Enters the officers in the register."""
        connection = await asyncpg.connect(database_url)
        try:
            made = {host: await create_officer(connection, "bench", host) for host in POSTING_COUNTRIES}
        finally:
            await connection.close()
        return cls({host: officer.token for host, officer in made.items()})

    def request(self, url: str, asked: Asked) -> bytes:
        """Renders one look-up."""
        query = urlencode({"plate": asked.plate, "host": asked.host})
        return rendered("GET", f"{url}/lookup?{query}", {"authorization": f"Bearer {self.tokens[asked.host]}"})


async def measure_lookups(
    system: BenchSystem, who: Caller, declarations: int, sampler: Sampler, connections: int
) -> LookupRun:
    """Measures look-ups of plates that exist and of plates that do not, then how soon a new one is found."""
    officers = await Officers.enter(system.addresses.database_url)
    asked = {"declared": sampler.asked, "unknown": [_unknown(each) for each in sampler.asked]}
    figures = await _measure(system, officers, asked, connections)
    return LookupRun(declarations, figures, await _measure_freshness(system, who, officers, sampler.line))


def _unknown(asked: Asked) -> Asked:
    """Makes a plate of another shape than any: nobody has declared it."""
    return Asked(f"XX{asked.plate[::-1]}X"[:20], asked.host)


async def _measure(
    system: BenchSystem, officers: Officers, asked: Mapping[str, Sequence[Asked]], connections: int
) -> list[LookupFigures]:
    """Measures each kind of question for some seconds over HTTP, then some of them by bare DuckDB."""
    url, figures = system.settings.reports_url, []
    files = await _files(system)
    for kind, questions in asked.items():
        requests = [officers.request(url, each) for each in questions]
        await drive(url, requests, connections, _SECONDS / 5)
        before = system.meter.cpu()["reports"]
        http = await drive(url, requests, connections, _SECONDS)
        spent_us = (system.meter.cpu()["reports"] - before) / http.requests * 1e6
        bare = sorted(await asyncio.to_thread(_bare, files, questions[:_BARE]))
        figures.append(LookupFigures(kind, http, spent_us, *(bare[int(len(bare) * at)] for at in (0.5, 0.95, 0.99))))
    return figures


async def _measure_freshness(system: BenchSystem, who: Caller, officers: Officers, line: bytes) -> list[float]:
    """Declares new plates and asks for each until it is found. Raises `NotFoundError` after half a minute."""
    taken = []
    async with Client(intake_of(system, who)) as client, httpx.AsyncClient(trust_env=False) as http:
        for number in range(_FRESH):
            declaration = _decode(line)
            asked = Asked(f"FRESH{time.time_ns() % 10**8:08}", declaration.posting_country)
            fresh = msgspec.json.encode(_of_one_plate(declaration, asked.plate)) + b"\n"
            answer = await client.submit(fresh, f"fresh-{asked.plate}-{number}")
            if answer.refused:
                raise NotFoundError(f"{asked.plate} was refused: {answer.problems}")
            taken.append(await _until_found(http, system.settings.reports_url, officers, asked))
    return taken


def _of_one_plate(declaration: Declaration, plate: str) -> Declaration:
    """Gives the same declaration of one vehicle, in the list where the first one stood: buses have no weight."""
    listed = next(name for name in _PLATE_LISTS if getattr(declaration, name))
    return msgspec.structs.replace(declaration, **{name: [plate] if name == listed else [] for name in _PLATE_LISTS})


async def _until_found(http: httpx.AsyncClient, url: str, officers: Officers, asked: Asked) -> float:
    begun = time.monotonic()
    headers = {"authorization": f"Bearer {officers.tokens[asked.host]}"}
    while time.monotonic() < begun + _FRESH_S:
        answer = await http.get(f"{url}/lookup", params={"plate": asked.plate, "host": asked.host}, headers=headers)
        if answer.is_success and answer.json()["declarations"]:
            return time.monotonic() - begun
        await asyncio.sleep(_PAUSE_S)
    raise NotFoundError(f"{asked.plate} was accepted and is not found after {_FRESH_S:.0f} s")


@dataclass(frozen=True, slots=True)
class _Files:
    """The lake's data files by table and bucket; those of level 0 belong to every bucket and have no such column."""

    buckets: dict[tuple[str, int | None], list[str]]

    def of(self, table: str, key: str) -> list[list[str]]:
        """Gives the files of each level that a key may be in."""
        large = [path for bucket in buckets_of(key) for path in self.buckets.get((table, bucket), ())]
        return [files for files in (large, self.buckets.get((f"{table}_recent", None), [])) if files]


async def _files(system: BenchSystem) -> _Files:
    connection = await asyncpg.connect(system.addresses.database_url)
    try:
        rows = await connection.fetch(_FILES["files"])
    finally:
        await connection.close()
    buckets: dict[tuple[str, int | None], list[str]] = {}
    for row in rows:
        path = str(Path(system.addresses.lake) / row["path"])
        buckets.setdefault((row["table_name"], row["bucket"]), []).append(path)
    return _Files(buckets)


def _bare(files: _Files, questions: Sequence[Asked]) -> list[float]:
    """Answers questions with DuckDB alone; gives the milliseconds of each."""
    taken = []
    with duckdb.connect(config={"threads": "1", "autoinstall_known_extensions": "false"}) as connection:
        for asked in questions:
            begun = time.perf_counter()
            _answer(connection, files, asked)
            taken.append((time.perf_counter() - begun) * 1e3)
    return taken


def _answer(connection: duckdb.DuckDBPyConnection, files: _Files, asked: Asked) -> None:
    key = plate_key(asked.plate).key
    fleets: dict[UUID, list[UUID]] = {}
    for paths in files.of("fleet_plate", key):
        for operator, fleet in connection.execute(_SQL["bare_fleets"], {"files": paths, "plate_key": key}).fetchall():
            fleets.setdefault(operator, []).append(fleet)
    for operator, named in fleets.items():
        for paths in files.of("declaration_version", str(operator)):
            where = {"files": paths, "operator": operator, "host": asked.host, "fleets": named}
            connection.execute(_SQL["bare_declarations"], where).fetchall()
