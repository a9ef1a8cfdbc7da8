"""E-mail of notices: what waits is sent, what fails is tried again later, each notice is marked when it has gone."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib
import asyncpg
import structlog
from msgspec import Struct

from exchange.notices import notice
from schemas import statements

_SQL = statements.load("exchange", "notices")
_MOST_TOGETHER = 100
_MOST_ATTEMPTS = 12
_TIMEOUT_S = 20
_log = structlog.get_logger("mail")


class Mailbox(Struct, frozen=True):
    """Where mail goes out: `smtp://user:password@host:port`, or `smtps://` for TLS from the start; and the sender."""

    url: str
    sender: str


async def send_waiting(pool: asyncpg.Pool, mailbox: Mailbox) -> int:
    """Sends the notices that wait; gives how many went. A server that is out of reach is tried again later."""
    rows = await pool.fetch(_SQL["to_mail"], _MOST_TOGETHER, _MOST_ATTEMPTS)
    if not rows:
        return 0
    sent = 0
    try:
        async with server(mailbox) as connection:
            for row in rows:
                sent += await _send(pool, connection, mailbox.sender, row)
    except (aiosmtplib.SMTPException, OSError) as error:
        _log.warning("mail_interrupted", reason=type(error).__name__, waiting=len(rows) - sent)
    return sent


async def _send(pool: asyncpg.Pool, connection: aiosmtplib.SMTP, sender: str, row: asyncpg.Record) -> bool:
    try:
        await connection.send_message(_message(sender, row))
    except aiosmtplib.SMTPRecipientsRefused:
        _log.warning("mail_refused", notice_id=row["notice_id"])
        return False
    await pool.execute(_SQL["mailed"], row["notice_id"])
    return True


def _message(sender: str, row: asyncpg.Record) -> EmailMessage:
    worded = notice(row, row["language"])
    message = EmailMessage()
    message["From"] = sender
    message["To"] = row["email"]
    message["Subject"] = worded.subject
    message["Date"] = formatdate(row["at"].timestamp())
    message["Message-ID"] = make_msgid(f"notice-{row['notice_id']}", sender.rpartition("@")[2].rstrip(">"))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(worded.text)
    message["Content-Language"] = row["language"]
    return message


def server(mailbox: Mailbox) -> aiosmtplib.SMTP:
    """Gives the connection to the mail server, to be opened by `async with`."""
    address = urlsplit(mailbox.url)
    return aiosmtplib.SMTP(
        hostname=address.hostname,
        port=address.port,
        username=unquote(address.username) if address.username else None,
        password=unquote(address.password) if address.password else None,
        use_tls=address.scheme == "smtps",
        timeout=_TIMEOUT_S,
    )
