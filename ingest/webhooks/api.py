"""/webhooks: where an operator's events are sent, what became of each, a test and a replay."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta

from ingest.actions import administrator, note
from ingest.bodies import converted, merged, present, read_object
from ingest.declarations.lines import moment
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import answer_page, page_of
from ingest.webhooks.sending import Sender, check_address
from ingest.webhooks.signing import new_secret
from schemas import statements
from schemas.declaration import Identifier
from schemas.event import Event, EventType

_SQL = statements.load("ingest", "webhooks")
_encode = msgspec.json.Encoder().encode
MOST_WEBHOOKS = 20
TEST = "webhook.test"


class WebhookWanted(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An address for events; no kinds means all of them. While it is paused, events wait."""

    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    kinds: list[EventType] = []
    paused: bool = False


class Webhook(msgspec.Struct, rename="camel"):
    """A webhook as it is listed."""

    webhook_id: UUID
    url: str
    kinds: list[str]
    created_at: datetime
    paused: bool


class WebhookMade(Webhook, rename="camel"):
    """A new webhook with the secret of its signatures, which is shown only now."""

    secret: str


class Webhooks(msgspec.Struct):
    """All webhooks of an operator."""

    items: list[Webhook]


class Delivery(msgspec.Struct, rename="camel", omit_defaults=True):
    """One event on its way to one address; without `due_at` nothing is tried any more."""

    delivery_id: UUID
    kind: str
    created_at: datetime
    attempts: int
    tried_at: datetime | None = None
    delivered_at: datetime | None = None
    due_at: datetime | None = None
    status: int | None = None
    reason: str | None = None


class DeliveryPage(msgspec.Struct, rename="camel"):
    """A page of the delivery log, newest first."""

    count: int
    items: list[Delivery]
    last_evaluated_key: Identifier | None


class Tested(msgspec.Struct, rename="camel", omit_defaults=True):
    """What an address answered to a test."""

    delivered: bool
    status: int | None = None
    reason: str | None = None


async def list_webhooks(intake: Intake, request: Request) -> None:
    """Handles GET /webhooks."""
    who = await administrator(intake, request)
    rows = await intake.pool.fetch(_SQL["page"], who.operator_id)
    await request.answer(200, _encode(Webhooks([Webhook(**row) for row in rows])))


async def create_webhook(intake: Intake, request: Request) -> None:
    """Handles POST /webhooks: events from now on are sent there."""
    who = await administrator(intake, request)
    wanted = converted(present(await read_object(request)), WebhookWanted)
    check_address(wanted.url, allow_private=intake.private_webhooks)
    secret, webhook_id = new_secret(), intake.fresh_id()
    async with intake.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(_SQL["count"], who.operator_id) >= MOST_WEBHOOKS:
            raise RefusedError("too_many_webhooks", maximum=MOST_WEBHOOKS)
        now = moment(intake.now())
        row = await connection.fetchrow(_SQL["add"], webhook_id, who.operator_id, wanted.url, wanted.kinds, secret, now)
        await note(connection, intake, who, "webhook.created", webhook_id)
    await request.answer(201, _encode(WebhookMade(**row, secret=secret)))


async def change_webhook(intake: Intake, request: Request) -> None:
    """Handles PUT /webhooks/{id}: what the body names is changed."""
    who = await administrator(intake, request)
    said = await read_object(request)
    row = await _one(intake, who.operator_id, request)
    known = {name: row[name] for name in ("url", "kinds", "paused")}
    wanted = converted(merged(known, said), WebhookWanted)
    check_address(wanted.url, allow_private=intake.private_webhooks)
    arguments = (who.operator_id, row["webhook_id"], wanted.url, wanted.kinds, wanted.paused)
    async with intake.pool.acquire() as connection, connection.transaction():
        changed = await connection.fetchrow(_SQL["change"], *arguments)
        await note(connection, intake, who, "webhook.changed", row["webhook_id"])
    await request.answer(200, _encode(Webhook(**changed)))


async def delete_webhook(intake: Intake, request: Request) -> None:
    """Handles DELETE /webhooks/{id}: with its delivery log."""
    who = await administrator(intake, request)
    webhook_id = request.identifier("webhook_id")
    async with intake.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(_SQL["delete"], who.operator_id, webhook_id) is None:
            raise RefusedError("not_found")
        await note(connection, intake, who, "webhook.deleted", webhook_id)
    await request.answer(200, b"{}")


async def test_webhook(intake: Intake, request: Request) -> None:
    """Handles POST /webhooks/{id}/test: sends an event of the kind webhook.test at once, and says what came back."""
    who = await administrator(intake, request)
    row = await _one(intake, who.operator_id, request)
    now, delivery_id = moment(intake.now()), intake.fresh_id()
    body = _encode(Event(event_id=str(delivery_id), event_type=TEST, happened_at=now))
    sender = Sender(allow_private=intake.private_webhooks)
    try:
        outcome = await sender.send(row["url"], row["secret"], str(delivery_id), int(now.timestamp()), body)
    finally:
        await sender.close()
    said = (outcome.status, outcome.reason, now if outcome.delivered else None)
    await intake.pool.execute(_SQL["tested"], delivery_id, row["webhook_id"], TEST, body.decode(), now, *said)
    await request.answer(200, _encode(Tested(outcome.delivered, outcome.status, outcome.reason)))


async def list_deliveries(intake: Intake, request: Request) -> None:
    """Handles GET /webhooks/{id}/deliveries."""
    who = await administrator(intake, request)
    row = await _one(intake, who.operator_id, request)
    page = page_of(request.parameters(), default=100)
    before = page.after if page.after.int else None
    rows = await intake.pool.fetch(_SQL["deliveries"], who.operator_id, row["webhook_id"], before, page.limit + 1)
    items = [Delivery(**one) for one in rows[: page.limit]]
    await answer_page(request, items, items[-1].delivery_id if len(rows) > page.limit else None)


async def replay_delivery(intake: Intake, request: Request) -> None:
    """Handles POST /webhooks/{id}/deliveries/{id}/replay: the same body under the same id, signed anew."""
    who = await administrator(intake, request)
    webhook_id, delivery_id = request.identifier("webhook_id"), request.identifier("delivery_id")
    row = await intake.pool.fetchrow(_SQL["replay"], who.operator_id, webhook_id, delivery_id, moment(intake.now()))
    if row is None:
        raise RefusedError("not_found")
    await request.answer(202, _encode(Delivery(**row)))


async def _one(intake: Intake, operator_id: UUID, request: Request) -> asyncpg.Record:
    row = await intake.pool.fetchrow(_SQL["one"], operator_id, request.identifier("webhook_id"))
    if row is None:
        raise RefusedError("not_found")
    return row
