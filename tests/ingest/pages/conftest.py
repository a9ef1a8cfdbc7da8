"""The operators' pages on a real server, with an operator who has something to look at, and a real browser."""

import hashlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page
from redis.asyncio import Redis

from exchange.authorities import DEMO, load_authorities, read_authorities
from exchange.desk import Desk
from exchange.people import OperatorCaller
from exchange.record import Words
from rtpd.addresses import Addresses
from store.drain import Drain
from store.migrate import migrate
from tests.exchange.conftest import World, store_declaration
from tests.ingest.conftest import declaration
from tests.ingest.pages.served import SHARDS
from tests.web.conftest import browser, chromium

__all__ = ["browser", "chromium"]
HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
TODAY = datetime.now(UTC).date()
DRIVERS = (
    ("Elżbieta", "Wójcik"),
    ("Jan", "Nowak"),
    ("Georgios", "Papadopoulos"),
    ("Piotr", "Zieliński"),
    ("Ilie", "Țăranu"),
    ("Øystein", "Ångström"),
)
PERSON = ("anna@example.pl", "a long enough password")
HOSTS = ("FR", "DE", "BE", "NL", "AT", "IT", "DK", "SE", "ES", "FI", "CZ", "LU")


@dataclass(slots=True)
class Office:
    """An operator with drivers, vehicles, a fleet and declarations; `url` is where its pages are.

    `asked` is a request for documents from France, `person` an administrator's address and password.
    """

    url: str
    operator_id: str
    api_key: str
    drivers: list[str]
    fleet: str
    declarations: list[str]
    asked: str
    person: tuple[str, str]
    cookies: list[Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"x-api-key": self.api_key, "x-operator-id": self.operator_id}


@pytest.fixture(scope="session")
def office_url(
    addresses: Addresses, template: str, office_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where intake listens, served by Granian as it is in production."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "OFFICE_DATABASE": office_database,
        "OFFICE_DOCUMENTS": str(tmp_path_factory.mktemp("documents")),
        "OFFICE_REDIS": redis_of(addresses),
    }
    command = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), "--factory"]
    server = subprocess.Popen(
        [sys.executable, *command, "served:app"], cwd=HERE, env=environment, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/health")
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
async def office_database(addresses: Addresses) -> str:
    """A migrated database that the pages' tests share."""
    url = urlunsplit(urlsplit(addresses.database_url)._replace(path="/office"))
    await migrate(url)
    return url


@pytest.fixture(scope="session")
async def office(
    office_url: str, office_database: str, addresses: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> Office:
    """An operator whose pages have something to show, everything entered over the API."""
    office = Office(office_url, str(uuid4()), "rtpd_live_" + secrets.token_urlsafe(32), [], "", [], "", PERSON, [])
    connection = await asyncpg.connect(office_database)
    await connection.execute(
        "INSERT INTO operator (operator_id, name, country, licence_number, email, city, manager_first_name,"
        " manager_last_name, manager_email) VALUES ($1, 'Przewozy Żółw Sp. z o.o.', 'PL', 'PL/0012345',"
        " 'biuro@example.pl', 'Poznań', 'Anna', 'Kowalska', 'anna@example.pl')",
        office.operator_id,
    )
    await connection.execute(
        "INSERT INTO credential (credential_id, key_hash, operator_id, name, scopes)"
        " VALUES ($1, $2, $3, 'office', '{read,submit,administer}')",
        uuid4(),
        hashlib.sha256(office.api_key.encode()).digest(),
        office.operator_id,
    )
    await connection.close()
    async with httpx.AsyncClient(base_url=office_url, headers=office.headers, timeout=30) as client:
        await _fill(client, office)
    await _store(office_database, redis_of(addresses), tmp_path_factory.mktemp("lake"))
    await _ask_for_documents(office, office_database)
    return office


def redis_of(addresses: Addresses) -> str:
    """Gives the Redis database of the pages' tests."""
    return addresses.redis_url.replace("db=0", "db=63")


async def _store(database: str, redis_url: str, lake: Path) -> None:
    """Stores what intake has accepted so far, as a worker does."""
    async with asyncpg.create_pool(database, min_size=0, max_size=2) as pool, Redis.from_url(redis_url) as redis:
        for shard in range(SHARDS):
            await Drain(shard, redis, pool, lake).run(0.0)


async def _ask_for_documents(office: Office, database: str) -> None:
    """Has a French officer ask for two documents to a declaration of last summer."""
    async with asyncpg.create_pool(database, min_size=0, max_size=2) as pool:
        async with pool.acquire() as connection:
            with DEMO.open("rb") as lines:
                await load_authorities(connection, [one for one in read_authorities(lines) if one.country == "FR"])
            old = await store_declaration(connection, UUID(office.operator_id), "FR", "PL")
        operator = OperatorCaller(UUID(office.operator_id), "PL", uuid4())
        world = World(pool, Desk(pool), operator, [old])
        officer = await world.officer("FR-DGT")
        text = Words("Merci de nous envoyer ces documents pour le contrôle du 12 juin.", "fr")
        asked = await world.request(officer, datetime.now(UTC) - timedelta(days=9), text=text)
    office.asked = str(asked.exchange_id)


async def _fill(client: httpx.AsyncClient, office: Office) -> None:
    async def post(path: str, **said: Any) -> dict[str, Any]:
        answer = await client.post(path, json=said)
        assert answer.is_success, answer.text
        return dict(answer.json())

    await post("/people", email=PERSON[0], name="Anna Kowalska", role="administrator", password=PERSON[1])
    driver = {
        name: value
        for name, value in declaration().items()
        if name.startswith("driver") and name not in ("driverLatinFirstName", "driverLatinLastName")
    }
    for place, (first, last) in enumerate(DRIVERS):
        number = {"driverLicenseNumber": f"0012{place}/04/1234", "driverDocumentNumber": f"ABC12345{place}"}
        names = {"driverLatinFirstName": first, "driverLatinLastName": last}
        office.drivers.append((await post("/drivers", **(driver | names | number)))["driverId"])
    plates = ["PO 1AB23", "PO 2CD34", "PO 3EF45", "WGM 40A0"]
    for plate in plates:
        await post(
            "/plate-numbers",
            plateNumber=plate,
            registrationCountry="PL",
            transportType="CARRIAGE_OF_GOODS",
            vehicleWeight="HEAVY",
        )
    office.fleet = (await post("/fleets", fleetName="Poznań", declarationVehiclePlateNumber=plates))["fleetId"]
    for place, (driver_id, host) in enumerate(zip(office.drivers * 2, HOSTS, strict=True)):
        alike = {name: value for name, value in declaration().items() if not name.startswith("driver")}
        del alike["declarationVehiclePlateNumber"]
        ends = TODAY + timedelta(days=12 + 7 * place)
        said = alike | {
            "driverId": driver_id,
            "fleetId": office.fleet,
            "declarationPostingCountry": host,
            "declarationStartDate": str(TODAY),
            "declarationEndDate": str(ends),
        }
        office.declarations.append((await post("/declarations/submit", **said))["declarationId"])
    first = office.declarations[0]
    answer = await client.put(
        f"/declarations/{first}/submit", json={"declarationEndDate": str(TODAY + timedelta(days=20))}
    )
    assert answer.is_success, answer.text
    draft = alike | {"driverId": office.drivers[1], "fleetId": office.fleet, "declarationPostingCountry": "PT"}
    await post("/declarations", **draft)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(address).raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


async def signed_in(browser: Browser, office: Office, **options: Any) -> tuple[BrowserContext, Page]:
    """A browser in which a person of the operator has signed in, by now or by the cookie of an earlier test."""
    context = await browser.new_context(**options)
    context.set_default_timeout(10_000)
    page = await context.new_page()
    await context.add_cookies(office.cookies)
    await page.goto(office.url + "/")
    if page.url != office.url + "/":
        await enter(page, office, *office.person)
        office.cookies = [one for one in await context.cookies() if one["name"] == "rtpd_session"]
    return context, page


async def enter(page: Page, office: Office, email: str, password: str) -> None:
    """Signs a person in."""
    await page.goto(office.url + "/sign-in")
    await page.locator("#email").fill(email)
    await page.locator("#password").fill(password)
    await page.locator("main form button").click()
    await page.wait_for_url(office.url + "/")
