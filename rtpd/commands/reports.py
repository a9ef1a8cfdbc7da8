"""`rtpd reports`: the authorities' side as processes of its own."""

from rtpd.addresses import addresses_of
from rtpd.openid import openid_of
from rtpd.output import Json
from rtpd.serve import serve
from rtpd.settings import read_settings


def reports(*, json: Json = False) -> None:
    """Run reports until they are stopped: RTPD_REPORTS_PROCESSES processes on RTPD_REPORTS_HOST and RTPD_REPORTS_PORT.

    Example: `RTPD_REPORTS_PROCESSES=2 rtpd reports`

    Parameters
    ----------
    json
        Nothing changes: its log is JSON always.
    """
    settings = read_settings()
    addresses_of(settings)  # a clear error now rather than in each process
    openid_of(settings)
    serve("reports_app", settings.reports_host, settings.reports_port, settings.reports_processes, settings)
