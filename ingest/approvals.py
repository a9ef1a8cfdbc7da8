"""/approvals: where four eyes are wanted, what one person asked for is done when another approves it.

A person's request that would submit, change or withdraw is kept as it came, and answered with 202; whoever approves
it sends it again, under a name of its own that keeps it from being done twice. Drafts need no approval: they are
submitted by another person (ingest/people.py). A standing renewal is approved once, when it is ordered.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from ingest.actions import Administrator, Handler, before_answering, is_person, note
from ingest.body import whole
from ingest.declarations.flow import LONGEST
from ingest.declarations.lines import moment
from ingest.http import RefusedError, Request
from ingest.intake import APPROVED, Intake
from ingest.paging import MOST, answer_page, flag, page_of
from ingest.people import person_of
from ingest.registry import Credential
from schemas import statements

_SQL = statements.load("ingest", "approvals")
_encode = msgspec.json.Encoder().encode
KEEP = timedelta(days=30)
_MOST_BYTES = 32 << 20
_KEPT_HEADERS = (b"content-type", b"content-encoding", b"if-match", b"prefer")
#: What waits by its name in the log, and the function that does it.
HANDLERS: dict[str, Handler] = {}
State = Literal["waiting", "approving", "approved", "refused"]
Spares = Callable[[Request], bool]


class Approval(msgspec.Struct, rename="camel", omit_defaults=True):
    """What a person asked for, and what became of it; `what` is as in the log of who did what."""

    approval_id: UUID
    what: str
    method: str
    path: str
    query: str
    state: State
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None


class ApprovalPage(msgspec.Struct, rename="camel"):
    """A page of approvals, oldest first; `last_evaluated_key` goes back as `startKey`."""

    count: int
    items: list[Approval]
    last_evaluated_key: str | None


class Asked(msgspec.Struct, rename="camel"):
    """The answer to what waits: the id under which another person approves it."""

    approval_id: UUID
    state: State = "waiting"


def dry_run(request: Request) -> bool:
    """Says whether a request only asks what would happen."""
    return flag(request.parameters(), "dryRun")


def draft_only(request: Request) -> bool:
    """Says whether a request only makes or changes a draft."""
    return flag(request.parameters(), "draft")


def approved_by_another(what: str, handler: Handler, spares: Spares = dry_run) -> Handler:
    """Makes a function of the API keep what a person asks for, where four eyes are wanted.

    What it `spares` goes on to the function, which looks for itself whether one person may do it.
    """
    HANDLERS[what] = handler

    @wraps(handler)
    def waiting(intake: Intake, request: Request) -> Awaitable[None]:
        if not is_person(request) or spares(request):
            return handler(intake, request)  # no coroutine of its own for what is not kept
        return of_person(intake, request)

    async def of_person(intake: Intake, request: Request) -> None:
        credential, named = await intake.caller(request, "prepare", "change")
        if not credential.under_four_eyes:
            await handler(intake, request)
            return
        await _ask(intake, request, credential, named, what)

    return waiting


def judged_alone(handler: Handler) -> Handler:
    """Lets a person judge an upload alone, with `dryRun`: nothing of it is kept."""

    @wraps(handler)
    def judging(intake: Intake, request: Request) -> Awaitable[None]:
        if request.asks(b"dryRun"):
            request.scope[APPROVED] = True
        return handler(intake, request)

    return judging


async def list_approvals(intake: Intake, request: Request) -> None:
    """Handles GET /approvals."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked = request.parameters()
    page, state = page_of(asked, default=MOST), asked.get("state") or None
    if state not in (None, *get_args(State)):
        raise RefusedError("parameter_wrong", name="state", reason=f"send one of {', '.join(get_args(State))}")
    rows = await intake.pool.fetch(_SQL["page"], operator_id, page.after, page.limit + 1, state)
    items = [Approval(**row) for row in rows[: page.limit]]
    await answer_page(request, items, items[-1].approval_id if len(rows) > page.limit else None)


async def read_content(intake: Intake, request: Request) -> None:
    """Handles GET /approvals/{id}/content: what was sent, as it was sent, while it waits."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    row = await _open(intake, operator_id, request.identifier("approval_id"))
    sent = msgspec.json.decode(row["sent"], type=dict[str, str])
    headers = [(b"content-disposition", b"attachment")]
    if encoding := sent.get("content-encoding"):
        headers.append((b"content-encoding", encoding.encode()))
    await request.answer(200, row["body"], sent.get("content-type", "application/json").encode(), *headers)


async def approve(intake: Intake, request: Request) -> None:
    """Handles POST /approvals/{id}/approve: does what was asked for, and answers as that is answered.

    If it is refused it waits on. It is one person's from the beginning to the answer, so that two do not do it
    twice; whoever had no answer tries again, and uploads go under the approval's id as their idempotency key.
    """
    credential, named = await intake.caller(request, "prepare", "change")
    operator_id, approval_id = UUID(bytes=(await intake.card(credential, named)).operator_id), _id(request)
    row = await _open(intake, operator_id, approval_id)
    person = await person_of(intake, credential)
    if person is None or person == row["asked_by"] or row["what"] not in HANDLERS:
        raise RefusedError("operator_wants_four_eyes")
    who, own = Administrator(credential, operator_id), (operator_id, approval_id, person)
    if await intake.pool.fetchval(_SQL["begin"], *own, moment(intake.now())) is None:
        raise RefusedError("approval_decided", state=row["state"])

    async def decide(_body: bytes, _headers: dict[bytes, bytes]) -> None:
        await intake.pool.execute(_SQL["approved"], *own, moment(intake.now()))
        await note(intake.pool, intake, who, "approval.given", approval_id, {"what": row["what"]})

    try:
        await before_answering(intake, _again(request, row), HANDLERS[row["what"]], decide)
    except RefusedError:
        await intake.pool.execute(_SQL["wait_on"], *own)
        raise


async def refuse(intake: Intake, request: Request) -> None:
    """Handles DELETE /approvals/{id}: another person refuses it, or the one who asked takes it back."""
    credential, named = await intake.caller(request, "prepare", "change")
    operator_id, approval_id = UUID(bytes=(await intake.card(credential, named)).operator_id), _id(request)
    row = await _open(intake, operator_id, approval_id)
    person, now = await person_of(intake, credential), moment(intake.now())
    async with intake.pool.acquire() as connection, connection.transaction():
        arguments = (operator_id, approval_id, person, now, now - LONGEST)
        what = await connection.fetchval(_SQL["refuse"], *arguments)
        if what is None:
            raise RefusedError("approval_decided", state=row["state"])
        who = Administrator(credential, operator_id)
        await note(connection, intake, who, "approval.refused", approval_id, {"what": what})
    await request.answer(200, b"{}")


async def forget_old(intake: Intake, most: int) -> None:
    """Takes out what nobody approved for a month, and what was decided then."""
    await intake.pool.execute(_SQL["forget"], moment(intake.now()) - KEEP, most)


async def _ask(intake: Intake, request: Request, credential: Credential, named: str, what: str) -> None:
    operator_id = UUID(bytes=(await intake.card(credential, named)).operator_id)
    body = await whole(request.receive, _MOST_BYTES)
    scope, approval_id = request.scope, intake.fresh_id()
    sent = {name.decode(): request.header(name) for name in _KEPT_HEADERS if request.header(name)}
    facts = (
        what,
        scope["method"],
        scope["path"],
        _encode(scope.get("path_params", {})).decode(),
        scope["query_string"].decode("latin-1"),
        _encode(sent).decode(),
        body,
    )
    person, who = await person_of(intake, credential), Administrator(credential, operator_id)
    async with intake.pool.acquire() as connection, connection.transaction():
        arguments = (approval_id, operator_id, *facts, person, moment(intake.now()))
        await connection.execute(_SQL["ask"], *arguments)
        await note(connection, intake, who, "approval.asked", approval_id, {"what": what})
    await request.answer(202, _encode(Asked(approval_id)))


def _again(request: Request, row: Any) -> Request:
    """Makes the request that was kept, from whoever approves it."""
    own = {name: value for name, value in request.headers.items() if name not in (*_KEPT_HEADERS, b"content-length")}
    sent = msgspec.json.decode(row["sent"], type=dict[str, str])
    headers = own | {name.encode(): value.encode("latin-1") for name, value in sent.items()}
    headers[b"idempotency-key"] = str(row["approval_id"]).encode()
    scope = request.scope | {
        "method": row["method"],
        "path": row["path"],
        "path_params": msgspec.json.decode(row["named"]),
        "query_string": row["query"].encode("latin-1"),
        "headers": list(headers.items()),
        APPROVED: True,
    }
    body = [row["body"]]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.pop() if body else b"", "more_body": False}

    return Request(scope, receive, request.send)


async def _open(intake: Intake, operator_id: UUID, approval_id: UUID) -> Any:
    row = await intake.pool.fetchrow(_SQL["one"], operator_id, approval_id)
    if row is None:
        raise RefusedError("not_found")
    if row["state"] not in ("waiting", "approving"):
        raise RefusedError("approval_decided", state=row["state"])
    return row


def _id(request: Request) -> UUID:
    return request.identifier("approval_id")
