"""`rtpd ingest`: the operators' side as processes of its own."""

from rtpd.addresses import addresses_of
from rtpd.output import Json
from rtpd.scheduling import work_in_batches
from rtpd.serve import serve
from rtpd.settings import read_settings


def ingest(*, json: Json = False) -> None:
    """Run intake until it is stopped: RTPD_INGEST_PROCESSES processes on RTPD_INGEST_HOST and RTPD_INGEST_PORT.

    Example: `RTPD_INGEST_PROCESSES=4 rtpd ingest`

    Parameters
    ----------
    json
        Nothing changes: its log is JSON always.
    """
    settings = read_settings()
    addresses_of(settings)  # a clear error now rather than in each process
    work_in_batches()
    serve("ingest_app", settings.ingest_host, settings.ingest_port, settings.ingest_processes, settings)
