"""Printing and e-mailing the driver's copy, on real servers and a real mail server."""

import io
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pypdf
import pytest
from aiosmtpd.controller import Controller
from litestar.testing import AsyncTestClient

from exchange.mail import Mailbox
from ingest.app import Options, create_app
from ingest.intake import Intake
from ingest.mail import BACK_OFF, send_due
from tests.ingest.conftest import SHARDS, Caller, Clock
from tests.ingest.test_declarations import make_draft, posting, read, submit
from tests.ingest.test_drivers import create

Client = AsyncTestClient[Any]


class Inbox:
    """A mail server that keeps what it takes; it refuses `nobody@`, and puts off all while it is busy."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.busy = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        if self.busy:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"


@pytest.fixture
def inbox() -> Inbox:
    """What the mail server took."""
    return Inbox()


@pytest.fixture
def mailbox(inbox: Inbox) -> Iterator[Mailbox]:
    """A mail server on the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield Mailbox(f"smtp://127.0.0.1:{port}", "OpenRTPD <noreply@example.eu>")
    controller.stop()


@pytest.fixture
async def client(database_url: str, redis_url: str, clock: Clock) -> Any:
    """A client of intake that sends mail and knows its address."""
    address = {"public_url": "https://posting.example.eu", "sends_mail": True}
    app = create_app(Options(database_url, redis_url, SHARDS, 1_000_000, now=clock, **address))  # type: ignore[arg-type]
    async with AsyncTestClient(app) as client:
        yield client


@pytest.fixture
async def driver_id(client: Client, caller: Caller) -> str:
    """A recorded driver."""
    return str((await create(client, caller, driverCardNumber="PL 123456"))["driverId"])


async def test_a_printed_copy_is_fetched_without_a_key_for_an_hour(
    client: Client, caller: Caller, driver_id: str, clock: Clock
) -> None:
    made = await submit(client, caller, driver_id)
    said = {"declarationLanguage": "pl"}
    answer = await client.post(f"/declarations/{made['declarationId']}/print", json=said, headers=caller.headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    address = urlsplit(answer.text)
    assert (address.scheme, address.netloc) == ("https", "posting.example.eu")
    fetched = await client.get(address.path)
    assert fetched.headers["content-type"] == "application/pdf"
    assert f"{made['declarationNumber']}.pdf" in fetched.headers["content-disposition"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(fetched.content)).pages)
    assert "Nowak" in text
    assert "PL 123456" in text
    clock.days_ahead(1)
    over = await client.get(address.path)
    assert (over.status_code, over.json()["code"]) == (410, "link_expired")


async def test_a_link_that_was_tampered_with_leads_nowhere(client: Client, caller: Caller, driver_id: str) -> None:
    made = await submit(client, caller, driver_id)
    answer = await client.post(f"/declarations/{made['declarationId']}/print", headers=caller.headers)
    path = urlsplit(answer.text).path
    for place in (9, 40, 60, len(path) - 2):
        wrong = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        assert (await client.get(wrong)).status_code == 404
    for wrong in ("x", "%00", "A" * 5000, path[8:-4]):
        assert (await client.get(f"/copies/{wrong}")).status_code in (404, 414)


async def test_drafts_and_unknown_languages_are_not_printed(client: Client, caller: Caller, driver_id: str) -> None:
    drafted = await make_draft(client, caller, driver_id)
    submitted = await submit(client, caller, driver_id)
    for action in ("print", "email"):
        draft = await client.post(f"/declarations/{drafted['declarationId']}/{action}", headers=caller.headers)
        assert (draft.status_code, draft.json()["code"]) == (409, "not_possible_in_this_state")
        address = f"/declarations/{submitted['declarationId']}/{action}"
        tongue = await client.post(address, json={"language": "tlh"}, headers=caller.headers)
        assert (tongue.status_code, tongue.json()["problems"][0]["code"]) == (422, "copy_language_unknown")


@pytest.mark.parametrize(
    "said",
    [
        {"emailAddress": "jan@example.pl", "declarationLanguage": "pl"},
        {"email": "jan@example.pl", "language": "pl"},
    ],
)
async def test_a_copy_goes_to_the_address_that_is_named(
    client: Client, caller: Caller, driver_id: str, intake: Intake, mailbox: Mailbox, inbox: Inbox, said: dict[str, str]
) -> None:
    made = await submit(client, caller, driver_id)
    answer = await client.post(f"/declarations/{made['declarationId']}/email", json=said, headers=caller.headers)
    assert answer.status_code == 200, answer.text
    assert (await read(client, caller, made["declarationId"]))["declarationEmailStatus"] == "WAITING"
    assert await send_due(intake, mailbox, 10) == 1
    assert await send_due(intake, mailbox, 10) == 0
    (message,) = inbox.messages
    assert message["To"] == "jan@example.pl"
    assert made["declarationNumber"] in message["Subject"]
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == f"{made['declarationNumber']}.pdf"
    pdf = pypdf.PdfReader(io.BytesIO(attached.get_payload(decode=True)))  # type: ignore[arg-type]
    assert "Nowak" in "".join(page.extract_text() for page in pdf.pages)
    body = message.get_body()
    assert body is not None
    assert "HTTPS://POSTING.EXAMPLE.EU/C/" in body.get_content()
    assert (await read(client, caller, made["declarationId"]))["declarationEmailStatus"] == "SENT"


async def test_submission_sends_the_copy_if_the_driver_has_an_address_and_changes_do_not(
    client: Client, caller: Caller, driver_id: str, intake: Intake, mailbox: Mailbox, inbox: Inbox
) -> None:
    made = await make_draft(client, caller, driver_id, driverEmail="jan@example.pl")
    address = f"/declarations/{made['declarationId']}/submit"
    await client.post(address, headers=caller.headers | {"accept-language": "de-AT, en;q=0.5"})
    await submit(client, caller, driver_id)
    await client.put(address, json={"declarationVehiclePlateNumber": ["WA 77"]}, headers=caller.headers)
    assert await send_due(intake, mailbox, 10) == 1
    (message,) = inbox.messages
    assert (message["To"], message["Content-Language"]) == ("jan@example.pl", "de")
    renewed = await client.post(f"/declarations/{made['declarationId']}/renew", headers=caller.headers)
    assert renewed.status_code == 201
    said = posting(driver_id, driverEmail="jan@example.pl")
    await client.put("/declarations/by-reference/r1", json=said, headers=caller.headers)
    assert await send_due(intake, mailbox, 10) == 2


async def test_what_is_refused_for_good_has_failed_and_what_is_put_off_comes_again(
    client: Client, caller: Caller, driver_id: str, intake: Intake, mailbox: Mailbox, inbox: Inbox, clock: Clock
) -> None:
    gone, late = await submit(client, caller, driver_id), await submit(client, caller, driver_id)
    for made, email in ((gone, "nobody@example.pl"), (late, "jan@example.pl")):
        said = {"emailAddress": email}
        await client.post(f"/declarations/{made['declarationId']}/email", json=said, headers=caller.headers)
    inbox.busy = True
    assert await send_due(intake, mailbox, 10) == 0
    assert (await read(client, caller, gone["declarationId"]))["declarationEmailStatus"] == "FAILED"
    assert (await read(client, caller, late["declarationId"]))["declarationEmailStatus"] == "WAITING"
    inbox.busy = False
    assert await send_due(intake, mailbox, 10) == 0
    clock.days_ahead(1)
    assert await send_due(intake, mailbox, 10) == 1
    assert (await read(client, caller, late["declarationId"]))["declarationEmailStatus"] == "SENT"


async def test_a_mail_server_that_is_away_is_tried_for_a_day(
    client: Client, caller: Caller, driver_id: str, intake: Intake, clock: Clock
) -> None:
    made = await submit(client, caller, driver_id)
    said = {"emailAddress": "jan@example.pl"}
    await client.post(f"/declarations/{made['declarationId']}/email", json=said, headers=caller.headers)
    nowhere = Mailbox("smtp://127.0.0.1:9", "noreply@example.eu")
    for number in range(len(BACK_OFF) + 1):
        assert (await read(client, caller, made["declarationId"]))["declarationEmailStatus"] == "WAITING"
        clock.days_ahead(number)
        assert await send_due(intake, nowhere, 10) == 0
    assert (await read(client, caller, made["declarationId"]))["declarationEmailStatus"] == "FAILED"


async def test_an_address_is_needed_and_must_be_one(client: Client, caller: Caller, driver_id: str) -> None:
    made = await submit(client, caller, driver_id)
    for said, code in (({}, "missing_field"), ({"emailAddress": "jan"}, "email_shape")):
        answer = await client.post(f"/declarations/{made['declarationId']}/email", json=said, headers=caller.headers)
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, code)
