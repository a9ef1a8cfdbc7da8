"""The log of who did what for an operator: by which key and, where a person signed in, by whom."""

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from ingest.declarations.lines import moment
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import identifier, page_of
from ingest.registry import Credential
from schemas import statements

_SQL = statements.load("ingest", "credentials_admin")
_encode = msgspec.json.Encoder().encode
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy | asyncpg.Pool


class Action(msgspec.Struct, rename="camel", omit_defaults=True):
    """One thing that was done; `details` say what the record does not."""

    action_id: int
    at: datetime
    what: str
    credential_id: UUID | None = None
    credential_name: str | None = None
    person_id: UUID | None = None
    person_name: str | None = None
    record_id: UUID | None = None
    details: msgspec.Raw | None = None


class ActionPage(msgspec.Struct, rename="camel"):
    """A page of the log, newest first; `last_evaluated_key` goes back as `startKey`."""

    count: int
    items: list[Action]
    last_evaluated_key: int | None


class Administrator(msgspec.Struct, frozen=True):
    """A caller who may administer the operator: with the operator's own key, a delegated one does not do."""

    credential: Credential
    operator_id: UUID


async def administrator(intake: Intake, request: Request) -> Administrator:
    """Finds who administers which operator. Raises `RefusedError` and what `caller` raises."""
    credential, named = await intake.caller(request, "administer")
    card = await intake.card(credential, named)
    operator_id = UUID(bytes=card.operator_id)
    if credential.operator_id != operator_id:
        raise RefusedError("own_key_needed")
    return Administrator(credential, operator_id)


async def note(
    connection: Connection,
    intake: Intake,
    who: Administrator,
    what: str,
    record_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Notes what was done, in the transaction in which it is done."""
    text = _encode(details).decode() if details else None
    arguments = (who.operator_id, moment(intake.now()), who.credential.credential_id, what, record_id, text)
    await connection.execute(_SQL["note"], *arguments)


async def list_actions(intake: Intake, request: Request) -> None:
    """Handles GET /actions: the log of who did what, newest first."""
    who = await administrator(intake, request)
    asked = request.parameters()
    before = asked.pop("startKey", "")
    page = page_of(asked, default=100)
    if before and not before.isdecimal():
        raise RefusedError("parameter_wrong", name="startKey", reason="send the lastEvaluatedKey of the page before")
    record = identifier(asked, "recordId")
    rows = await intake.pool.fetch(
        _SQL["actions"], who.operator_id, int(before) if before else None, record, page.limit + 1
    )
    items = [_action(row) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    await request.answer(200, _encode(ActionPage(len(items), items, items[-1].action_id if more else None)))


def _action(row: asyncpg.Record) -> Action:
    details = msgspec.Raw(row["details"].encode()) if row["details"] else None
    return Action(**{**row, "details": details})
