"""How intake and reports are served: Granian with its workers, each building its application from the settings."""

import multiprocessing
import os
import signal
from typing import TYPE_CHECKING

from rtpd.addresses import addresses_of
from rtpd.child import die_with_parent
from rtpd.exchange import documents_of, translation_of
from rtpd.logs import configuration, configure_logs
from rtpd.openid import openid_of
from rtpd.settings import Settings, read_settings

if TYPE_CHECKING:
    from litestar import Litestar

#: Seconds in which a worker may finish the requests that it has.
_PATIENCE_S = 20
#: In a rolling restart the new worker has so long to come up while the old one still answers.
_OVERLAP_S = 8.0


def serve(application: str, host: str, port: int, processes: int, settings: Settings) -> None:
    """Serves one application until it is told to stop; SIGHUP starts its workers anew, one after the other.

    `application` names a function of this module that builds it in each of the `processes`. Raises what
    Granian raises if it cannot listen on `port`.
    """
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    multiprocessing.set_start_method("spawn")
    Server(
        f"rtpd.serve:{application}",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        http=HTTPModes.auto,
        websockets=False,
        workers=processes,
        workers_kill_timeout=_PATIENCE_S,
        respawn_failed_workers=True,
        respawn_interval=_OVERLAP_S,
        backlog=4096,
        log_level=LogLevels(settings.log_level),
        log_dictconfig=configuration(settings.log_level),
    ).serve()


def ingest_app() -> "Litestar":
    """Builds the operators' side in a worker of Granian."""
    from ingest.app import Options, create_app

    settings = _settings_in_worker()
    addresses = addresses_of(settings)
    options = Options(
        addresses.database_url,
        addresses.redis_url,
        settings.shards,
        settings.queue_limit,
        documents=documents_of(settings),
        private_webhooks=settings.private_webhooks,
        public_url=settings.public_url,
        sends_mail=settings.smtp_url is not None,
    )
    return _logging(create_app(options), settings)


def reports_app() -> "Litestar":
    """Builds the authorities' side in a worker of Granian."""
    from reports.app import Options, create_app
    from rtpd.printing import copy_printer

    settings = _settings_in_worker()
    addresses = addresses_of(settings)
    options = Options(
        addresses.database_url,
        addresses.lake,
        documents=documents_of(settings),
        translation=translation_of(settings),
        openid=openid_of(settings),
        print_copy=copy_printer(settings.public_url or settings.ingest_url),
    )
    return _logging(create_app(options), settings)


def _settings_in_worker() -> Settings:
    die_with_parent(signal.SIGTERM, os.getppid())
    return read_settings()


def _logging(application: "Litestar", settings: Settings) -> "Litestar":
    """Sets up our logs once an application is built: Litestar sets up its own while it builds."""
    configure_logs(settings.log_level)
    return application
