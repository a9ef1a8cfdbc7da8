"""Peer (b), the same stack at its best: a bulk endpoint, a task a batch, a bulk insert.

Run as `uvicorn batched:app` and `celery --app batched:celery worker`.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, NamedTuple

import orjson
from celery import Celery
from fastapi import FastAPI, Header, Request, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from kombu.serialization import register
from pydantic import ValidationError
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils import uuid7

from callers import Callers
from declaration import Declaration
from judging import judge
from plates import Fleet
from settings import REDIS_URL
from tables import Batch, DeclarationVersion, FleetRow, make_engine, row_of

register("orjson", orjson.dumps, orjson.loads, "application/json", "utf-8")
app = FastAPI()
celery = Celery("batched", broker=REDIS_URL)
celery.conf.update(
    task_acks_late=True, task_ignore_result=True, task_serializer="orjson", worker_hijack_root_logger=False
)
_COLUMNS = tuple(DeclarationVersion.__table__.c.keys())
_DATES = tuple(column.name for column in DeclarationVersion.__table__.c if column.type.python_type is date)
_parse = Declaration.__pydantic_validator__.validate_json
_day = lru_cache(maxsize=1 << 16)(date.fromisoformat)


@cache
def callers() -> Callers:
    """The register as this process knows it."""
    return Callers(make_engine())


class Upload(NamedTuple):
    """What became of an upload: the rows of what is accepted, the fleets named there, all that was found."""

    rows: list[tuple[Any, ...]]
    fleets: dict[tuple[str, str], Fleet]
    findings: list[dict[str, Any]]


@app.post("/declarations/bulk", status_code=status.HTTP_202_ACCEPTED)
async def bulk(
    request: Request, x_api_key: Annotated[str, Header()], idempotency_key: Annotated[str, Header()]
) -> Response:
    """Judges lines one by one and puts those accepted into the queue as one task, on disk before this answers."""
    accepted_at = datetime.now(UTC)
    lines = (await request.body()).splitlines()
    parsed = [_parsed(line) for line in lines]
    named = {each.operator_id for each in parsed if isinstance(each, Declaration) and each.operator_id}
    establishments = await callers().establishments(x_api_key, named)
    upload = _judged(lines, parsed, establishments, accepted_at)
    fleets = [(operator, accepted_at, *fleet) for (operator, _), fleet in upload.fleets.items()]
    await run_in_threadpool(store.apply_async, (idempotency_key, upload.rows, fleets))
    answer = {"accepted": len(upload.rows), "refused": len(lines) - len(upload.rows), "findings": upload.findings}
    return Response(orjson.dumps(answer), status.HTTP_202_ACCEPTED, media_type="application/json")


def _parsed(line: bytes) -> Declaration | ValidationError:
    try:
        return _parse(line)
    except ValidationError as error:
        return error


def _judged(
    lines: list[bytes],
    parsed: list[Declaration | ValidationError],
    establishments: dict[str, str],
    accepted_at: datetime,
) -> Upload:
    upload, today = Upload([], {}, []), accepted_at.date()
    for number, (line, declaration) in enumerate(zip(lines, parsed, strict=True), 1):
        if isinstance(declaration, ValidationError):
            upload.findings.append({"line": number, "problems": declaration.errors(include_input=False)})
            continue
        operator = declaration.operator_id or ""
        if operator not in establishments:
            upload.findings.append({"line": number, "problems": [{"code": "operator_not_delegated"}]})
            continue
        fleet, problems = judged = judge(declaration, establishments[operator], today, line)
        if problems:
            upload.findings.append({"line": number, "problems": [problem._asdict() for problem in problems]})
        if judged.refused:
            continue
        if fleet:
            upload.fleets[operator, fleet.fleet_id] = fleet
        row = row_of(declaration, str(uuid7()), (operator, establishments[operator]), accepted_at, fleet)
        upload.rows.append(tuple(map(row.__getitem__, _COLUMNS)))
    return upload


@celery.task
def store(batch_id: str, rows: list[list[Any]], fleets: list[list[Any]]) -> None:
    """Stores a batch whole, unless it is stored already."""
    _runner().run(_store(batch_id, list(_typed(rows)), fleets))


def _typed(rows: list[list[Any]]) -> Iterator[dict[str, Any]]:
    accepted_at = datetime.fromisoformat(rows[0][_COLUMNS.index("accepted_at")]) if rows else None
    for values in rows:
        row = dict(zip(_COLUMNS, values, strict=True))
        row["accepted_at"] = row["submitted_at"] = accepted_at
        for name in _DATES:
            if row[name] is not None:
                row[name] = _day(row[name])
        yield row


async def _store(batch_id: str, rows: list[dict[str, Any]], fleets: list[list[Any]]) -> None:
    kept = [
        dict(
            zip(
                FleetRow.__table__.c.keys(),
                (fleet[0], fleet[2], datetime.fromisoformat(fleet[1]), *fleet[3:]),
                strict=True,
            )
        )
        for fleet in fleets
    ]
    async with _engine().begin() as connection:
        batch = insert_new(Batch).values(batch_id=batch_id, rows=len(rows)).on_conflict_do_nothing()
        if not (await connection.execute(batch)).rowcount or not rows:
            return
        if kept:
            await connection.execute(insert_new(FleetRow).on_conflict_do_nothing(), kept)
        await connection.execute(insert(DeclarationVersion), rows)


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


@cache
def _engine() -> AsyncEngine:
    return make_engine(pool_size=1)
