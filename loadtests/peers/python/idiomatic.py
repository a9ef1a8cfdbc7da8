"""Peer (a), the idiomatic stack: a request, a task and a transaction for each declaration.

Run as `uvicorn idiomatic:app` and `celery --app idiomatic:celery worker`.
"""

import asyncio
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from celery import Celery
from fastapi import Depends, FastAPI, Header, HTTPException, Request, status
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils import uuid7

from callers import Callers
from declaration import Declaration
from judging import fleet_of, judge
from settings import REDIS_URL
from tables import DeclarationVersion, FleetRow, make_engine, row_of

app = FastAPI()
celery = Celery("idiomatic", broker=REDIS_URL)
celery.conf.update(task_acks_late=True, task_ignore_result=True, worker_hijack_root_logger=False)


@cache
def callers() -> Callers:
    """The register as this process knows it."""
    return Callers(make_engine())


async def caller(x_api_key: Annotated[str, Header()], x_operator_id: Annotated[str, Header()]) -> tuple[str, str]:
    """Gives the operator's id and country, or answers 403."""
    known = await callers().establishments(x_api_key, {x_operator_id})
    if x_operator_id not in known:
        raise HTTPException(status.HTTP_403_FORBIDDEN)
    return x_operator_id, known[x_operator_id]


@app.post("/declarations/submit", status_code=status.HTTP_202_ACCEPTED)
async def submit(
    declaration: Declaration, request: Request, operator: Annotated[tuple[str, str], Depends(caller)]
) -> dict[str, Any]:
    """Judges a declaration and puts it into the queue; the queue has it on disk before this answers."""
    accepted_at = datetime.now(UTC)
    judged = judge(declaration, operator[1], accepted_at.date(), await request.body())
    problems = [problem._asdict() for problem in judged.problems]
    if judged.refused:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, problems)
    declaration_id = str(uuid7())
    await run_in_threadpool(
        store.delay, declaration.model_dump(mode="json"), declaration_id, operator, accepted_at.isoformat()
    )
    return {"declarationId": declaration_id, "warnings": problems}


@celery.task
def store(fields: dict[str, Any], declaration_id: str, operator: tuple[str, str], accepted_at: str) -> None:
    """Stores a declaration."""
    declaration = Declaration.model_validate(fields)
    _runner().run(_store(declaration, declaration_id, operator, datetime.fromisoformat(accepted_at)))


async def _store(
    declaration: Declaration, declaration_id: str, operator: tuple[str, str], accepted_at: datetime
) -> None:
    fleet, _ = fleet_of(declaration, operator[1])
    row = row_of(declaration, declaration_id, operator, accepted_at, fleet)
    async with _sessions()() as session, session.begin():
        if fleet:
            kept = {"operator_id": operator[0], "declared_at": accepted_at, **fleet._asdict()}
            await session.execute(insert(FleetRow).on_conflict_do_nothing(), kept)
        await session.execute(insert(DeclarationVersion).on_conflict_do_nothing(), row)


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


@cache
def _sessions() -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(make_engine(pool_size=1))
