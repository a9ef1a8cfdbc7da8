"""Declarations read: one, its versions, a list with RTPD's filters and ours (domain.md 3.3, 3.4a)."""

from uuid import UUID

import msgspec

from ingest.declarations.answers import detail, item
from ingest.declarations.changes import find, impossible
from ingest.declarations.filters import filters_of
from ingest.declarations.versions import history_of, page_of_versions
from ingest.http import Request
from ingest.intake import Intake
from ingest.mail import email_status
from ingest.paging import answer_page, page_of

_encode = msgspec.json.Encoder().encode


async def list_declarations(intake: Intake, request: Request) -> None:
    """Handles GET /declarations."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked, today = request.parameters(), intake.today()
    page, filters, full = page_of(asked), filters_of(asked, today), asked.get("fields") == "full"
    versions, last_key = await page_of_versions(intake, operator_id, filters, page.after, page.limit, full=full)
    write = detail if full else item
    await answer_page(request, [write(version, today) for version in versions], last_key)


async def read_declaration(intake: Intake, request: Request) -> None:
    """Handles GET /declarations/{id}: the newest version, from the moment of acceptance."""
    card, today = await intake.operator(request, "read"), intake.today()
    version = await find(intake, request, card)
    sent = await email_status(intake, version)
    await request.answer_unless_known(_encode(detail(version, today, email_status=sent)), version.etag(today))


async def read_versions(intake: Intake, request: Request) -> None:
    """Handles GET /declarations/{id}/versions: what was declared when, oldest first."""
    card, today = await intake.operator(request, "read"), intake.today()
    version = await find(intake, request, card)
    if not version.number:
        raise impossible(intake, version)
    versions = await history_of(intake, UUID(bytes=card.operator_id), [version])
    items = [detail(version, today) for version in versions]
    await request.answer_unless_known(_encode({"count": len(items), "items": items}))
