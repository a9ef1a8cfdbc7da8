"""What every worker of arq is given: orders are small, results are not kept, nothing is tried twice by arq itself.

An order through arq costs ten round trips to Redis. What comes round every few seconds is therefore no order: each
worker does it by itself (`beaten`), and takes turns with others by locks and leases of its own, as it did before.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from arq.cron import CronJob
from arq.worker import Worker

#: arq puts the exception of a lost job into its result, which is dropped; its text is all that can be packed.
_pack = msgspec.msgpack.Encoder(enc_hook=repr).encode

WORKER: dict[str, Any] = {
    "max_tries": 1,
    "keep_result": 0,
    "job_serializer": _pack,
    "job_deserializer": msgspec.msgpack.decode,
}

#: Crons that come round more often than this, in seconds, are beats.
_BEAT_SECONDS = 5.0
#: A run that takes longer than its beat does not hold up the next one; so many may be at work.
_AT_ONCE = 4
_LONGEST_S = 60.0
_log = structlog.get_logger("worker")

#: By so much the beat may be late before what it missed is done once instead of once for each time.
_LATE = timedelta(seconds=5)


class SteadyWorker(Worker):
    """A worker whose clock may jump: arq alone would stand still after a jump back, and after one forward do all that
    it missed, beat by beat.
    """

    _seen: datetime | None = None

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.ctx["worker"] = self

    async def order(self, function: str, *arguments: Any, job_id: str) -> None:
        """Orders a job and begins it at once if there is room for it, instead of finding it at the next look."""
        if await self.pool.enqueue_job(function, *arguments, _job_id=job_id, _queue_name=self.queue_name):
            await self.start_jobs([job_id.encode()])

    async def run_cron(self, n: datetime, delay: float, num_windows: int = 2) -> None:
        """Orders what is due at the moment `n` (arq)."""
        went_back = self._seen is not None and n < self._seen - _LATE
        self._seen = n
        for job in self.cron_jobs:
            if job.next_run is not None and went_back:
                job.next_run = None
            elif job.next_run is not None and job.next_run < n - _LATE:
                job.next_run = n
        await super().run_cron(n, delay, num_windows)


def beaten(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Takes the crons of every few seconds out of a worker's settings: its process runs them from start to end."""
    beats = {id(job): seconds for job in settings["cron_jobs"] if (seconds := _seconds(job)) < _BEAT_SECONDS}
    jobs: list[CronJob] = settings["cron_jobs"]
    running: list[asyncio.Task[None]] = []

    async def start(context: dict[str, Any]) -> None:
        await settings["on_startup"](context)
        running.extend(asyncio.create_task(_beat(job, beats[id(job)], context)) for job in jobs if id(job) in beats)

    async def stop(context: dict[str, Any]) -> None:
        for beat in running:
            beat.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await settings["on_shutdown"](context)

    ordered = [job for job in jobs if id(job) not in beats]
    return {**settings, "cron_jobs": ordered, "on_startup": start, "on_shutdown": stop}


def _seconds(job: CronJob) -> float:
    """Gives how often a cron comes round."""
    others = (job.month, job.day, job.weekday, job.hour, job.minute)
    if not isinstance(job.second, set | frozenset) or any(field is not None for field in others):
        return 60.0
    return 60 / len(job.second)


async def _beat(job: CronJob, seconds: float, context: Mapping[str, Any]) -> None:
    """Runs a job every so many seconds for ever, whatever the clock on the wall does."""
    at_work: set[asyncio.Task[None]] = set()
    try:
        while True:
            if len(at_work) < _AT_ONCE:
                run = asyncio.create_task(_run(job, context))
                at_work.add(run)
                run.add_done_callback(at_work.discard)
            await asyncio.sleep(seconds)
    finally:
        runs = list(at_work)
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)


async def _run(job: CronJob, context: Mapping[str, Any]) -> None:
    try:
        async with asyncio.timeout(job.timeout_s or _LONGEST_S):
            await job.coroutine(dict(context))
    except Exception:  # as arq does: it is told, and the next beat comes
        _log.exception("beat_failed", work=job.name)
