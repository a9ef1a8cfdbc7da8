"""Demo data: an operator, an officer, and generated declarations that go the same way as everyone's."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct
from redis.asyncio import Redis
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from exchange.authorities import DEMO as DIRECTORY
from exchange.authorities import load_authorities, read_authorities
from exchange.simulation import begun
from loadtests.generator import Generator, Load
from rtpd.addresses import Addresses
from rtpd.client import Answer, Chunk, Intake, chunks_of
from rtpd.settings import Settings
from rtpd.simulated import enter_exchanges
from rtpd.status import read_status
from rtpd.submission import Summary, send
from schemas.declaration import Declaration
from schemas.operator import Operator
from store.officers import create_officer
from store.operator_import import import_operators
from store.operators import announce, create_credential, create_operator, live_credentials_of

HOST = "FR"
#: The authority to which the demo's officer belongs.
AUTHORITY = "FR-DGT"
_EXCHANGES = 3_000
_ASKED_TODAY = 20
#: domain.md 4.6: 18 million declarations a year from a million operators.
_DECLARATIONS_AN_OPERATOR = 18
_LINES_A_SUBMISSION = 5_000
_PUBLISHED_S = 300.0


class DemoUnfinishedError(RuntimeError):
    """The demo's declarations were submitted but not published in time."""


class Demo(Struct, rename="camel"):
    """What the demo made, kept in the home so that it is made once; `plate` is None until all is published.

    The command line's `rtpd.caller` takes key and operator from the same file.
    """

    api_key: str
    operator_id: str
    officer_token: str
    host: str
    today: date
    declarations: int
    plate: str | None = None


def demo_file(home: Path) -> Path:
    """Gives the file that tells of the demo in a home."""
    return home / "demo.json"


async def load_demo(settings: Settings, addresses: Addresses, console: Console) -> Demo:
    """Makes the demo's operator and officer and submits its declarations, or finishes what was begun.

    Submitted again, a part has the same idempotency key, so nothing is doubled. Raises what submitting raises,
    and `DemoUnfinishedError`.
    """
    demo = _known(settings.home) or await _make(settings, addresses)
    if demo.plate is None:
        await _submit(demo, settings, addresses, console)
        await _wait_until_published(settings, addresses, console)
        await _exchange(addresses)
        demo.plate = _plate_of(_lines(settings.home), demo)
        _keep(settings.home, demo)
        _lines(settings.home).unlink()
    return demo


def example(demo: Demo) -> Declaration:
    """Gives a declaration to try out by hand: the demo's operator, a week from today."""
    today = datetime.now(UTC).date()
    return Declaration(
        posting_country=demo.host,
        start_date=today,
        end_date=today + timedelta(days=6),
        operation_types=["INTERNATIONAL_CARRIAGE"],
        transport_types=["CARRIAGE_OF_GOODS"],
        plates_heavy=["WX 4711A"],
        driver_first_name="Anna",
        driver_last_name="Nowak",
        driver_birth_date=date(1985, 4, 12),
        driver_licence_number="01234/15/1465",
        driver_document_type="IDCARD",
        driver_document_number="DEM123456",
        driver_document_country="PL",
        driver_street="ul. Prosta 1",
        driver_post_code="00-838",
        driver_city="Warszawa",
        driver_country="PL",
        driver_contract_start=date(2020, 3, 2),
        driver_applicable_law="PL",
        contact_is_transport_manager=True,
    )


def _known(home: Path) -> Demo | None:
    try:
        return msgspec.json.decode(demo_file(home).read_bytes(), type=Demo)
    except FileNotFoundError:
        return None


def _keep(home: Path, demo: Demo) -> None:
    unfinished = demo_file(home).with_suffix(".new")
    unfinished.touch(mode=0o600)  # it holds keys
    unfinished.write_bytes(msgspec.json.encode(demo))
    unfinished.rename(demo_file(home))


def _lines(home: Path) -> Path:
    return home / "demo.ndjson"


async def _make(settings: Settings, addresses: Addresses) -> Demo:
    connection = await asyncpg.connect(addresses.database_url)
    try:
        async with connection.transaction():
            operator = Operator(name="Demo Logistyka", country="PL", licence_number="DEMO-1", manager_last_name="Nowak")
            operator_id = await create_operator(connection, operator)
            credential = await create_credential(connection, operator_id, "demo")
            with DIRECTORY.open("rb") as lines:
                await load_authorities(connection, read_authorities(lines))
            officer = await create_officer(connection, "Demo", HOST, role="desk", authority=AUTHORITY, language="en")
    finally:
        await connection.close()
    today = datetime.now(UTC).date()
    demo = Demo(credential.api_key, str(operator_id), officer.token, HOST, today, settings.demo_declarations)
    _keep(settings.home, demo)
    return demo


async def _submit(demo: Demo, settings: Settings, addresses: Addresses, console: Console) -> None:
    load = Load(
        count=demo.declarations,
        operators=max(1, demo.declarations // _DECLARATIONS_AN_OPERATOR),
        today=demo.today,
        delegated=True,
    )
    generator = Generator(load)
    _write(_lines(settings.home), generator.declarations())
    operators = settings.home / "demo-operators.ndjson"
    _write(operators, generator.operators())
    await _delegate(demo, addresses, operators)
    operators.unlink()
    intake = Intake(url=settings.ingest_url, api_key=demo.api_key, operator_id=demo.operator_id)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _lines(settings.home).open("rb") as file, Progress(*columns, console=console) as bar:
        task = bar.add_task("Demo declarations submitted", total=demo.declarations)

        def watch(_chunk: Chunk, _answer: Answer | None, summary: Summary) -> None:
            bar.update(task, completed=summary.lines)

        await send(intake, chunks_of(file, _LINES_A_SUBMISSION), run=f"demo-{demo.operator_id}", watch=watch)


def _write(path: Path, parts: Iterator[object]) -> None:
    with path.open("wb") as file:
        for part in parts:
            file.write(part)  # type: ignore[arg-type]  # an Arrow buffer is one of bytes


async def _delegate(demo: Demo, addresses: Addresses, operators: Path) -> None:
    """Enters the generated operators, each of which lets the demo's key speak for it."""
    connection = await asyncpg.connect(addresses.database_url)
    try:
        credentials = await live_credentials_of(connection, UUID(demo.operator_id))
        await import_operators(connection, operators, credentials)
    finally:
        await connection.close()
    async with Redis.from_url(addresses.redis_url) as redis:
        for credential in credentials:
            await announce(redis, credential)


async def _exchange(addresses: Addresses) -> None:
    """Enters what authorities would have asked and answered in a year, once."""
    async with asyncpg.create_pool(addresses.database_url, min_size=0, max_size=2) as pool:
        if not await begun(pool):
            await enter_exchanges(pool, count=_EXCHANGES, days=365, seed=1, today=_ASKED_TODAY)


async def _wait_until_published(settings: Settings, addresses: Addresses, console: Console) -> None:
    deadline = time.monotonic() + _PUBLISHED_S
    with console.status("The workers store and publish them ..."):
        while time.monotonic() < deadline:
            found = await read_status(addresses, settings.shards, [])
            stored = found.queue and not any(shard.frames for shard in found.queue)
            if stored and found.store and not found.store.unpublished_batches:
                return
            await asyncio.sleep(0.2)
    raise DemoUnfinishedError


def _plate_of(lines: Path, demo: Demo) -> str:
    """Finds a plate that is declared for the host on the demo's day, else that of the example to submit."""
    decoder = msgspec.json.Decoder(Declaration)
    with lines.open("rb") as file:
        for declaration in map(decoder.decode, file):
            plates = declaration.plates_heavy + declaration.plates_light + declaration.plates
            covers = declaration.start_date <= demo.today <= declaration.end_date
            if plates and covers and declaration.posting_country == demo.host:
                return plates[0]
    return example(demo).plates_heavy[0]
