"""`rtpd worker`: one process that stores what the queue holds, or publishes what is stored."""

import asyncio
import gc
from pathlib import Path
from typing import Literal

import pyarrow as pa
import uvloop

from ingest.intake import Options
from ingest.webhooks.sending import Sender
from ingest.webhooks.worker import webhook_jobs
from ingest.worker import worker_settings
from reports.nightly import nightly_jobs
from rtpd.addresses import Addresses, addresses_of
from rtpd.exchange import desk_context, desk_jobs, documents_of, mailbox_of
from rtpd.logs import configure_logs
from rtpd.output import Json
from rtpd.settings import Settings, read_settings
from rtpd.shards import check_shards
from store.jobs import SteadyWorker, beaten
from store.lake_worker import lake_worker_settings
from store.worker import drain_settings


def worker(*, queue: Literal["drain", "lake", "mail"] = "drain", json: Json = False) -> None:
    """Run one worker until it is stopped; `drain` stores declarations, `lake` publishes and compacts them,
    sends the desk's mail and reminders and, at night, checks them and computes facts and figures; `mail` keeps
    standing renewals and sends drivers their copies.

    Example: `rtpd worker --queue drain`

    Parameters
    ----------
    queue
        Which work it does.
    json
        Nothing changes: its log is JSON always.
    """
    settings = read_settings()
    configure_logs(settings.log_level)
    addresses = addresses_of(settings)
    where = (addresses.database_url, addresses.redis_url, Path(addresses.lake))
    if queue == "drain":
        check_shards(addresses.redis_url, settings.shards)
        jobs = drain_settings(*where, settings.shards)
    elif queue == "mail":
        check_shards(addresses.redis_url, settings.shards)
        jobs = worker_settings(_options(settings, addresses), mailbox_of(settings))
    else:
        jobs = lake_worker_settings(*where, memory_mb=settings.lake_memory_mb)
        jobs["cron_jobs"] += nightly_jobs() + desk_jobs(settings)
        jobs["ctx"] |= desk_context(settings)
        jobs["cron_jobs"] += webhook_jobs()
        jobs["ctx"]["webhook_sender"] = Sender(allow_private=settings.private_webhooks)
    # Batches come and go in one size: the system's allocator gives their memory back, Arrow's own keeps it.
    pa.set_memory_pool(pa.system_memory_pool())
    # What is imported stays: looking through it again and again took a tenth of what a drain takes.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    asyncio.set_event_loop(uvloop.new_event_loop())
    SteadyWorker(**beaten(jobs)).run()


def _options(settings: Settings, addresses: Addresses) -> Options:
    return Options(
        addresses.database_url,
        addresses.redis_url,
        settings.shards,
        settings.queue_limit,
        documents=documents_of(settings),
        public_url=settings.public_url or settings.ingest_url,
        sends_mail=settings.smtp_url is not None,
    )
