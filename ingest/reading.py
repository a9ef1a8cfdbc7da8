"""Reading back what was submitted: stored or still waiting, newest version first."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from redis.exceptions import RedisError

from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.journal import JournalUnreachableError
from ingest.receipt import Receipt
from schemas import keys, statements
from schemas.declaration import WIRE_NAMES
from schemas.identity import MAX_LINE, number_of, submission_of
from store.pending import pending_count, pending_version

_SQL = statements.load("store", "reading")
_encode = msgspec.json.Encoder().encode
_COPIED = {
    name: wire
    for name, wire in WIRE_NAMES.items()
    if name not in ("operation_types", "transport_types", "plates", "plates_light", "plates_heavy")
    and name not in ("operator_id", "driver_id", "named_fleet_id")
}
_PLATE_LISTS = {"": "plates", "LIGHT": "plates_light", "HEAVY": "plates_heavy"}


class SubmissionState(msgspec.Struct, rename="camel", omit_defaults=True):
    """How far a submission is: accepted (on disk), stored (Postgres), published (the lake)."""

    submission_id: str
    accepted: int
    stored: int
    published: int
    receipt: Receipt | None = None


async def read_declaration(intake: Intake, request: Request) -> None:
    """Handles GET /declarations/{id}: the newest version, from the moment of acceptance."""
    operator = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    row = await _newest(intake, intake.pool, operator, request.identifier("declaration_id"))
    if row is None:
        raise RefusedError("not_found")
    await request.answer(200, _encode(detail(row, intake.today())))


async def _newest(intake: Intake, pool: asyncpg.Pool, operator: UUID, declaration_id: UUID) -> dict[str, Any] | None:
    # The journal first: what it gives up in between is in Postgres by then, never in neither.
    shard = keys.shard_of(operator.bytes, intake.journal.shards)
    try:
        waiting = await pending_version(intake.journal.redis, shard, operator, declaration_id)
    except (RedisError, OSError) as error:
        raise JournalUnreachableError from error
    stored = await pool.fetchrow(_SQL["newest_version"], declaration_id, operator)
    if stored is None or (waiting is not None and waiting["version"] > stored["version"]):
        return waiting
    return dict(stored)


def detail(row: dict[str, Any], today: date) -> dict[str, object]:
    """Writes a row of declaration_version with its plates under RTPD's names (domain.md 3.4)."""
    declaration = _uuid(row["declaration_id"])
    said: dict[str, object] = {
        "declarationId": str(declaration),
        "declarationNumber": number_of(declaration),
        "declarationStatus": status(row, today),
        "declarationVersion": row["version"],
        "declarationSubmissionDate": _instant(row["submitted_at"]),
        "declarationLastUpdate": _instant(row["accepted_at"]),
        "operatorId": str(_uuid(row["operator_id"])),
    }
    said |= {wire: row[name] for name, wire in _COPIED.items() if row[name] is not None}
    if row["driver_id"] is not None:
        said["driverId"] = str(_uuid(row["driver_id"]))
    said[WIRE_NAMES["operation_types"]] = [
        name
        for name, flag in (("CABOTAGE_OPERATIONS", "cabotage"), ("INTERNATIONAL_CARRIAGE", "international"))
        if row[flag]
    ]
    said[WIRE_NAMES["transport_types"]] = [
        name for name, flag in (("CARRIAGE_OF_GOODS", "goods"), ("CARRIAGE_OF_PASSENGERS", "passengers")) if row[flag]
    ]
    for weight, name in _PLATE_LISTS.items():
        pairs = zip(row["plates"] or (), row["weights"] or (), strict=True)
        said[WIRE_NAMES[name]] = [plate for plate, own in pairs if own == weight]
    return said


def status(row: dict[str, Any], today: date) -> str:
    """Gives the state of a submitted declaration: SUBMITTED, WITHDRAWN or, by date alone, EXPIRED."""
    if row["withdrawn"]:
        return "WITHDRAWN"
    return "EXPIRED" if row["end_date"] < today else "SUBMITTED"


async def read_submission(intake: Intake, request: Request) -> None:
    """Handles GET /submissions/{id}: how many of its declarations are accepted, stored and published."""
    submission, pool = request.identifier("submission_id"), intake.pool
    credential, operator_id = await intake.caller(request, "read", "read")
    card = await intake.card(credential, operator_id)
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


def _uuid(value: UUID | bytes) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=value)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
