"""By the clock: reminders once for each step, mail over a real SMTP server, blocking and erasure."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP

from exchange.alerts import NewAlert, send_alert
from exchange.desk import NewExchange
from exchange.mail import Mailbox, send_waiting
from exchange.notes import add_note
from exchange.notices import notices_of_officer, notices_of_operator
from exchange.record import Content, ExchangeRefusedError, Subject, Words
from exchange.storage import Storage
from exchange.translation import Translations
from exchange.upkeep import erase, remind
from exchange.uploads import NewUpload, Uploads
from exchange.view import history, view
from rtpd.embedded.servers import EmbeddedServers
from tests.exchange.conftest import ASKED_AT, World
from tests.exchange.test_uploads import PDF, body


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


async def kinds_of_operator(world: World) -> list[str]:
    return [one.kind for one in await notices_of_operator(world.pool, world.operator.operator_id, "en", 0, 50)]


async def test_an_operator_is_reminded_once_for_each_step(world: World):
    dupont = await world.officer("FR-DGT")
    await world.request(dupont)  # due on 29 July
    assert await remind(world.pool, noon(7, 14)) == 0
    for day in (15, 16, 21):
        await remind(world.pool, noon(7, day))
    assert await kinds_of_operator(world) == ["request_opened", "request_reminder"]
    for day in (22, 23, 28, 29):
        await remind(world.pool, noon(7, day))
    assert (await kinds_of_operator(world))[2:] == ["request_reminder", "request_reminder"]
    for day in (30, 31):
        await remind(world.pool, noon(7, day))
    assert (await kinds_of_operator(world))[4:] == ["request_overdue"]
    assert [one.subject for one in await notices_of_officer(world.pool, dupont, "en", 0, 9)] == [
        "Request for documents 1.1 is overdue"
    ]
    assert len(await world.pool.fetch("SELECT FROM event WHERE kind = 'request.reminder'")) == 3


async def test_an_authority_is_reminded_of_the_date_that_was_agreed(world: World):
    dupont, pole = await world.officer("FR-DGT"), await world.officer("PL-GIP")
    sent = await world.assistance(dupont)
    await world.desk.move(pole, sent.exchange_id, "accept", Content(due=noon(6, 30).date()), ASKED_AT)
    await world.desk.move(dupont, sent.exchange_id, "agree_date", Content(), ASKED_AT)
    await remind(world.pool, noon(6, 29))
    reminders = [one for one in await notices_of_officer(world.pool, pole, "en", 0, 9) if "reminder" in one.kind]
    assert [one.subject for one in reminders] == ["Mutual assistance 1.1: reply due on 2026-06-30"]


@dataclass
class Postbox:
    """What the SMTP server of the test took."""

    letters: list[tuple[str, Message]] = field(default_factory=list)

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.letters.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
async def postbox() -> AsyncIterator[tuple[Postbox, Mailbox]]:
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield box, Mailbox(f"smtp://127.0.0.1:{port}", "RTPD <noreply@rtpd.example>")
    server.close()


async def test_notices_go_out_by_mail_in_the_readers_language_once(world: World, postbox):
    box, mailbox = postbox
    await world.assistance(await world.officer("FR-DGT"))
    await world.request(await world.officer("FR-DGT"))
    assert await send_waiting(world.pool, mailbox) == 2
    assert await send_waiting(world.pool, mailbox) == 0
    letters = dict(box.letters)
    assert set(letters) == {"imi@pl-gip.example", "manager@spedycja.example"}
    letter = letters["manager@spedycja.example"]
    assert letter["Content-Language"] == "pl"
    assert "2026-07-29" in letter["Subject"]
    assert letter["Auto-Submitted"] == "auto-generated"


async def test_a_server_out_of_reach_is_tried_again_later(world: World, postbox):
    box, mailbox = postbox
    await world.request(await world.officer("FR-DGT"))
    assert await send_waiting(world.pool, Mailbox("smtp://127.0.0.1:1", mailbox.sender)) == 0
    assert await send_waiting(world.pool, mailbox) == 0
    await world.pool.execute("UPDATE notice SET retry_at = now()")
    assert await send_waiting(world.pool, mailbox) == 1
    assert len(box.letters) == 1


async def test_what_is_over_is_blocked_and_then_erased(world: World, documents: str):
    dupont = await world.officer("FR-DGT")
    uploads = Uploads(world.pool, Storage(documents))
    request = await world.request(dupont)
    upload = await uploads.announce(
        world.operator, request.exchange_id, NewUpload("consignment_note", "a.pdf", len(PDF))
    )
    await uploads.append(world.operator, upload.upload_id, 0, body(PDF))
    await world.desk.move(world.operator, request.exchange_id, "send_part", Content(), ASKED_AT)
    closed = await world.desk.move(dupont, request.exchange_id, "close_satisfactory", Content(), ASKED_AT)
    later = ASKED_AT + timedelta(days=200)
    shown = await view(world.pool, closed, dupont, "en", later)
    assert (shown.form, shown.subject.declarations, shown.state.code) == ({}, [], "CLOSED_SATISFACTORY")
    assert all(one.content == Content() for one in await history(world.pool, closed, dupont, "en", later))
    await world.pool.execute("UPDATE exchange SET closed_at = now() - interval '200 days'")
    with pytest.raises(ExchangeRefusedError, match="blocked_by_age"):
        await uploads.readable(dupont, upload.upload_id)
    now = datetime.now(UTC)
    assert (await erase(world.pool, uploads, now)).exchanges == 0
    erased = await erase(world.pool, uploads, now + timedelta(days=1000))
    assert (erased.files, erased.exchanges) == (1, 1)
    assert await world.pool.fetchval("SELECT count(*) FROM exchange_event") == 0


#: A name that stands nowhere else.
SEEDED = "Przybyszewskaquux"


def holding(name: str, *folders: Path) -> list[Path]:
    """Finds the files that hold a name."""
    sought = name.encode()
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and sought in path.read_bytes()]


async def test_what_was_erased_is_in_no_byte_on_disk(world: World, documents: str, servers: EmbeddedServers):
    assert servers.postgres is not None
    dupont, pole = await world.officer("FR-DGT"), await world.officer("PL-GIP")
    uploads, words = Uploads(world.pool, Storage(documents)), Words(f"Frau {SEEDED} fehlt.", "de")
    seeded = Subject(fields={"operator_name": "Spedycja", "driver_name": f"Jan {SEEDED}"})
    sent = await world.assistance(dupont, subject=seeded, text=words)
    letter = b"%PDF-1.7 " + SEEDED.encode()
    new = NewUpload("attachment", f"{SEEDED}.pdf", len(letter))
    upload = await uploads.announce(dupont, sent.exchange_id, new)
    await uploads.append(dupont, upload.upload_id, 0, body(letter))
    await add_note(world.pool, dupont, sent, f"Call {SEEDED}")
    await world.desk.move(pole, sent.exchange_id, "refuse", Content(reason="not_competent", text=words), ASKED_AT)
    await world.desk.move(dupont, sent.exchange_id, "close", Content(), ASKED_AT)
    draft = NewExchange("mutual_assistance", "posting", "draft", Content(authority="PL-GIP", subject=seeded))
    await world.desk.begin(dupont, draft, ASKED_AT)
    alert = NewAlert("notification", "operator_ceased", {"operator_name": SEEDED}, words, to=["PL-GITD"])
    await send_alert(world.pool, dupont, alert, ASKED_AT)
    await Translations(world.pool, Echo()).one(words, "fr")
    await world.pool.execute("CHECKPOINT")
    assert holding(SEEDED, servers.postgres.data)
    assert holding(SEEDED, Path(documents))
    erased = await erase(world.pool, uploads, datetime.now(UTC) + timedelta(days=1200))
    assert (erased.files, erased.exchanges, erased.alerts, erased.translations) == (1, 2, 1, 1)
    assert holding(SEEDED, servers.postgres.data, Path(documents)) == []
    assert await world.pool.fetchval("SELECT count(*) FROM notice WHERE alert_id IS NOT NULL") == 0


class Echo:
    """A service that gives back what it gets."""

    name = "Echo"

    async def translate(self, text: str, source: str, target: str, reference: UUID) -> str | None:
        return text

    async def close(self) -> None: ...
