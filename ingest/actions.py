"""The log of who did what for an operator: by which key and, where a person signed in, by whom."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec
import structlog

from ingest.declarations.lines import moment
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import identifier, page_of
from ingest.registry import Credential, OperatorNotDelegatedError
from schemas import statements

_SQL = statements.load("ingest", "credentials_admin")
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("actions")
Handler = Callable[[Intake, Request], Awaitable[None]]
#: What is noted of a draft that is made or changed; whoever submits it may need to be somebody else.
PREPARED = "draft.prepared"
SESSION_PREFIX = "rtpd_person_"
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy | asyncpg.Pool


class Action(msgspec.Struct, rename="camel", omit_defaults=True):
    """One thing that was done; `details` say what the record does not.

    The delegate is whose key it was, if it was not the operator's own.
    """

    action_id: int
    at: datetime
    what: str
    credential_id: UUID | None = None
    credential_name: str | None = None
    person_id: UUID | None = None
    person_name: str | None = None
    delegate_id: UUID | None = None
    delegate_name: str | None = None
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


async def administrator(intake: Intake, request: Request, *, empowers: bool = False) -> Administrator:
    """Finds who administers which operator. Raises `RefusedError` and what `caller` raises.

    What `empowers` (a key, a person, a delegation, no more four eyes) would let one person submit alone: where
    four eyes are wanted, a key does it and no person.
    """
    credential, named = await intake.caller(request, "administer")
    if empowers and credential.under_four_eyes:
        raise RefusedError("four_eyes_want_a_key")
    if not (found := await intake.registry.cards(credential, (named,), None)):
        raise OperatorNotDelegatedError(named)
    operator_id = UUID(bytes=found[named].operator_id)
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


def is_person(request: Request) -> bool:
    """Says whether a person asks who signed in, and not a key of software."""
    return request.header(b"x-api-key").startswith(SESSION_PREFIX)


def noted(what: str, *, of_people: bool = False) -> Callable[[Handler], Handler]:
    """Makes a function of the API note in the log what it did, before it answers; a refusal or dry run is no deed.

    The record is the one in the path, or the one that the answer names. With `of_people` only people's deeds are
    noted: who submitted with a key of software stands in the receipt's record.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def noting(intake: Intake, request: Request) -> Awaitable[None]:
            if request.asks(b"dryRun") or (of_people and not is_person(request)):
                return handler(intake, request)  # no coroutine of its own for what is not noted

            async def note_deed(body: bytes, headers: dict[bytes, bytes]) -> None:
                await _note_deed(intake, request, what, body, headers)

            return before_answering(intake, request, handler, note_deed)

        return noting

    return decorate


async def before_answering(
    intake: Intake,
    request: Request,
    handler: Handler,
    then: Callable[[bytes, dict[bytes, bytes]], Awaitable[None]],
) -> None:
    """Runs a function of the API; before a good answer goes out, `then` gets what is known of its body and headers."""
    send, started = request.send, []

    async def forward(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
            return
        if started:
            start = started.pop()
            if start["status"] < 300:
                await then(message.get("body", b""), dict(start["headers"]))
            await send(start)
        await send(message)

    request.send = forward
    try:
        await handler(intake, request)
    finally:
        request.send = send


class _Named(msgspec.Struct, rename="camel"):
    """What an answer says of the record; the first that it names is the one."""

    declaration_id: UUID | None = None
    submission_id: UUID | None = None
    driver_id: UUID | None = None
    plate_number_id: UUID | None = None
    fleet_id: UUID | None = None
    renewal_id: UUID | None = None
    operator_id: UUID | None = None
    declaration_status: str = ""
    accepted: int | None = None


_RECORD_IDS = tuple(name for name in _Named.__struct_fields__ if name.endswith("_id") and name != "operator_id")
_read_named = msgspec.json.Decoder(_Named).decode


async def _note_deed(intake: Intake, request: Request, what: str, body: bytes, headers: dict[bytes, bytes]) -> None:
    """Notes what was done; that it cannot be noted must not take the answer from who did it."""
    try:
        await _note_answered(intake, request, what, body, headers)
    except Exception as error:
        _log.error("deed_not_noted", what=what, kind=type(error).__name__)


async def _note_answered(intake: Intake, request: Request, what: str, body: bytes, headers: dict[bytes, bytes]) -> None:
    credential = await intake.registry.credential(request.header(b"x-api-key"))
    try:
        named = _read_named(body)
    except msgspec.MsgspecError:
        named = _Named(submission_id=_uuid(request.submission_id or ""))
    in_path = (_uuid(value) for name, value in request.scope.get("path_params", {}).items() if name.endswith("_id"))
    answered = (getattr(named, name) for name in _RECORD_IDS)
    record_id = next((one for one in (*in_path, *answered) if one is not None), None)
    details: dict[str, Any] = {}
    if named.declaration_status == "DRAFT":
        what, details = PREPARED, {"etag": headers.get(b"etag", b"").decode()}
    if named.accepted is not None:
        details["accepted"] = named.accepted
    # Whoever got this far may speak for the operator: the answer says for which, else the request does.
    operator_id = named.operator_id or _uuid(request.header(b"x-operator-id")) or credential.operator_id
    if operator_id is not None:
        await note(intake.pool, intake, Administrator(credential, operator_id), what, record_id, details)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


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
