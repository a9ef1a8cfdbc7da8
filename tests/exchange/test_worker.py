"""Subscriptions and reminders from end to end: a real arq worker, a real SMTP server, a letter in the box."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from arq.connections import RedisSettings

from exchange.notes import subscribe
from exchange.record import Content
from exchange.worker import desk_crons
from store.jobs import SteadyWorker
from tests.exchange.conftest import World
from tests.exchange.test_upkeep import postbox

__all__ = ["postbox"]


@pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")  # arq closes Redis so
async def test_who_subscribed_and_who_owes_a_reply_get_letters_from_the_worker(
    world: World, redis_url: str, documents: str, postbox
) -> None:
    box, mailbox = postbox
    async with world.pool.acquire() as connection:
        await connection.execute("UPDATE authority SET email = NULL")
    dupont, pole = await world.officer("FR-DGT", language="fr"), await world.officer("PL-GIP", language="pl")
    now = datetime.now(UTC)
    sent = await world.assistance(dupont, now)
    await subscribe(world.pool, dupont, sent.exchange_id, email=True)
    await subscribe(world.pool, pole, None, email=False)
    await world.desk.move(pole, sent.exchange_id, "accept", Content(), now)
    await world.request(dupont, now - timedelta(days=54))  # two days or so are left
    context = {"pool": world.pool, "documents": documents, "mailbox": mailbox}
    crons = desk_crons(mail=True)
    for one in crons:
        one.run_at_startup = one.run_at_startup or "mail" in one.name
    worker = SteadyWorker(
        cron_jobs=crons, redis_settings=RedisSettings.from_dsn(redis_url), ctx=context, handle_signals=False
    )
    running = asyncio.create_task(worker.async_run())
    deadline = time.monotonic() + 30
    wanted = {"desk@fr-dgt.example": 1, "manager@spedycja.example": 2}
    try:
        while time.monotonic() < deadline:
            if {to: count(box, to) for to in wanted} == wanted:
                break
            await asyncio.sleep(0.1)
    finally:
        await worker.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert {to: count(box, to) for to in wanted} == wanted
    assert len(box.letters) == 3  # who wants no letters gets none
    (letter,) = [one for to, one in box.letters if to == "desk@fr-dgt.example"]
    assert letter["Content-Language"] == "fr"
    assert f"Assistance mutuelle {sent.shown_number}" in letter["Subject"]
    kinds = [row["kind"] for row in await world.pool.fetch("SELECT kind FROM event ORDER BY event_id")]
    assert kinds[-2:] == ["request.opened", "request.reminder"]


def count(box, address: str) -> int:
    return sum(to == address for to, _ in box.letters)
