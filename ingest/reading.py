"""Reading back what was submitted: stored or still waiting, newest version first."""

from uuid import UUID

import msgspec
from redis.exceptions import RedisError

from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.journal import JournalUnreachableError
from ingest.receipt import Receipt
from schemas import keys, statements
from schemas.identity import MAX_LINE, submission_of
from store.pending import pending_count

_SQL = statements.load("store", "reading")
_encode = msgspec.json.Encoder().encode


class SubmissionState(msgspec.Struct, rename="camel", omit_defaults=True):
    """How far a submission is: accepted (on disk), stored (Postgres), published (the lake)."""

    submission_id: str
    accepted: int
    stored: int
    published: int
    receipt: Receipt | None = None


async def read_submission(intake: Intake, request: Request) -> None:
    """Handles GET /submissions/{id}: how many of its declarations are accepted, stored and published."""
    submission, pool = request.identifier("submission_id"), intake.pool
    credential, operator_id = await intake.caller(request, "read", "read")
    card = await intake.card(credential, operator_id, "read")
    own = UUID(bytes=card.operator_id)
    first, last = submission_of(submission), UUID(int=submission.int | MAX_LINE)
    try:
        answer = await intake.journal.redis.hget(keys.submission(first), "receipt")  # type: ignore[misc]
        owner = await intake.journal.redis.hget(keys.submission(first), "credential")  # type: ignore[misc]
        whole = owner == credential.credential_id.bytes
        waiting = await pending_count(intake.journal.redis, intake.journal.shards, None if whole else own, first, last)
    except (RedisError, OSError) as error:
        raise JournalUnreachableError from error
    if whole:
        stored = await pool.fetchval(_SQL["stored"], first, last)
    else:
        stored = await pool.fetchval(_SQL["stored_of_operator"], first, last, own)
    unpublished = await pool.fetchval(_SQL["unpublished"], first, last)
    receipt = msgspec.json.decode(answer, type=Receipt) if answer and whole else None
    if receipt is None and waiting + stored == 0:
        raise RefusedError("not_found")
    accepted = receipt.accepted if receipt else max(stored, waiting)
    state = SubmissionState(str(first), accepted, stored, max(0, stored - unpublished), receipt)
    await request.answer(200, _encode(state))
