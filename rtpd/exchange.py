"""What the exchange between authorities needs of the settings: where files lie, mail, machine translation."""

from pathlib import Path
from typing import Any

from exchange.mail import Mailbox
from exchange.publishing import crons
from exchange.translators import Service
from exchange.worker import desk_crons
from rtpd.settings import Settings


def documents_of(settings: Settings) -> str:
    """Gives where the files of requests lie: an absolute folder, or the address of an object storage."""
    documents = settings.documents or str(settings.home / "documents")
    return documents if "://" in documents else str(Path(documents).expanduser().absolute())


def translation_of(settings: Settings) -> Service | None:
    """Gives the service that translates free text, None where none is set."""
    if settings.translation_url is None:
        return None
    return Service(
        protocol=settings.translation_protocol,
        url=settings.translation_url,
        key=settings.translation_key,
        user=settings.translation_user,
        callback=settings.translation_callback,
    )


def desk_jobs(settings: Settings) -> list[Any]:
    """Gives what the lake's worker does for the exchange by the clock."""
    return [*crons(), *desk_crons(mail=settings.smtp_url is not None)]


def desk_context(settings: Settings) -> dict[str, Any]:
    """Gives what those jobs find in the worker's context."""
    context: dict[str, Any] = {"documents": documents_of(settings)}
    if (mailbox := mailbox_of(settings)) is not None:
        context["mailbox"] = mailbox
    return context


def mailbox_of(settings: Settings) -> Mailbox | None:
    """Gives where mail goes out, None where no server is set."""
    return Mailbox(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
