"""Copies by e-mail: ordered by POST /declarations/{id}/email and at every submission whose driver has an address.

An order is a row in Postgres; the worker takes what is due. What the mail server refuses for good has failed; what
it could not take is tried again, later and later, for a day.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import aiosmtplib
import asyncpg
import structlog

from exchange.mail import Mailbox, server
from ingest.actions import noted
from ingest.bodies import present, read_object
from ingest.copies import address_of_service, copy_language, copy_of, typesetter
from ingest.copy.document import Copy
from ingest.copy.seal import live_address, seal
from ingest.declarations.changes import find, impossible
from ingest.declarations.lines import moment
from ingest.declarations.versions import Version, newest_version
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.language import language_of
from schemas import statements
from schemas.languages import SOURCE, country_name, labels
from schemas.writing import period
from store.postgres import POSTGRES_AWAY
from validate.contact import email_shape
from validate.problems import problem, refuses

_SQL = statements.load("ingest", "mail")
_log = structlog.get_logger("mail")
#: Seconds after each try at which the next one comes.
BACK_OFF = (60, 300, 1_800, 7_200, 21_600, 43_200)
KEEP = timedelta(days=30)


@noted("copy.sent")
async def email_copy(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/{id}/email: the copy goes to the address named, else to the driver's."""
    card = await intake.operator(request, "prepare", "change")
    said = present(await read_object(request, optional=True))
    tongue = copy_language(said)
    version = await find(intake, request, card)
    if not version.number:
        raise impossible(intake, version)
    email = str(said.get("emailAddress") or said.get("email") or version.row["driver_email"] or "")
    if not email:
        raise RefusedError("content_refused", problem("missing_field", "/emailAddress", field="emailAddress"))
    if refuses(found := email_shape(email, "/emailAddress")):
        raise RefusedError("content_refused", *found)
    if not intake.sends_mail:
        raise RefusedError("mail_off")
    await _order(intake, version, tongue, email, address_of_service(intake, request))
    await request.answer(200, b"{}")


async def email_submitted(intake: Intake, version: Version, request: Request | None = None) -> None:
    """Orders the copy of what was just submitted, if the driver has an address; never refuses the submission.

    Its language is the one in which the submission is answered.
    """
    email = version.row["driver_email"]
    address = address_of_service(intake, request) if request else intake.public_url
    if not email or not address or not intake.sends_mail:
        return
    tongue = language_of(request) if request else SOURCE
    with suppress(*POSTGRES_AWAY):
        await _order(intake, version, tongue, email, address)


async def email_status(intake: Intake, version: Version) -> str | None:
    """Gives what became of the last copy that was to go out: WAITING, SENT or FAILED; None if there was none."""
    found: str | None = await intake.pool.fetchval(_SQL["state"], version.row["operator_id"], version.declaration_id)
    return found


async def send_due(intake: Intake, mailbox: Mailbox, most: int) -> int:
    """Sends up to `most` copies that are due; gives how many went."""
    rows = await intake.pool.fetch(_SQL["take_due"], moment(intake.now()), most)
    if not rows:
        return 0
    sent = 0
    try:
        async with server(mailbox) as connection:
            for row in rows:
                sent += await _send(intake, connection, mailbox.sender, row)
    except (aiosmtplib.SMTPException, OSError) as error:
        _log.warning("mail_interrupted", reason=type(error).__name__, waiting=len(rows) - sent)
        for row in rows[sent:]:
            await _again(intake, row)
    return sent


async def forget_sent(intake: Intake) -> None:
    """Forgets what was sent, or failed, some time ago, and to whom."""
    await intake.pool.execute(_SQL["forget"], moment(intake.now()) - KEEP)


async def _order(intake: Intake, version: Version, tongue: str, email: str, address: str) -> None:
    whose = (version.row["operator_id"], intake.fresh_id(), version.declaration_id)
    await intake.pool.execute(_SQL["order"], *whose, tongue, email, address, moment(intake.now()))


async def _send(intake: Intake, connection: aiosmtplib.SMTP, sender: str, row: asyncpg.Record) -> bool:
    whose = (row["operator_id"], row["mail_id"])
    version = await newest_version(intake, row["operator_id"], row["declaration_id"])
    if version is None:
        await intake.pool.execute(_SQL["failed"], *whose)
        return False
    copy = await copy_of(intake, version)
    setter = typesetter(intake, row["address_of_service"])
    pdf = await asyncio.to_thread(setter.pdf, copy, row["language"])
    live = live_address(row["address_of_service"], seal(copy, intake.signer.key))
    message = _message(copy, row["language"], live, pdf, moment(intake.now()))
    message["From"], message["To"] = sender, row["email"]
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">"))
    try:
        await connection.send_message(message)
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
        refused = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
        if refused.code < 500:
            await _again(intake, row)
        else:
            _log.warning("mail_refused", mail=str(row["mail_id"]), code=refused.code)
            await intake.pool.execute(_SQL["failed"], *whose)
        return False
    await intake.pool.execute(_SQL["sent"], *whose, moment(intake.now()))
    return True


async def _again(intake: Intake, row: asyncpg.Record) -> None:
    whose, tries = (row["operator_id"], row["mail_id"]), row["attempts"]
    if tries > len(BACK_OFF):
        await intake.pool.execute(_SQL["failed"], *whose)
        return
    due = moment(intake.now()) + timedelta(seconds=BACK_OFF[tries - 1])
    await intake.pool.execute(_SQL["again"], *whose, due)


def _message(copy: Copy, tongue: str, live: str, pdf: bytes, now: datetime) -> EmailMessage:
    words = labels(tongue)["copy"]
    message = EmailMessage()
    place = country_name(copy.posting_country, tongue)
    message["Subject"] = words["mail_subject"].format(
        number=copy.number, country=place, period=period(copy.start_date, copy.end_date)
    )
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{words['mail_text'].format(operator=copy.operator.name)}\n\n{live}\n")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{copy.number}.pdf")
    message["Content-Language"] = tongue
    return message
