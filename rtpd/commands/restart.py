"""`rtpd restart`: the running system takes over the code that is installed now, refusing nothing meanwhile."""

import os
import signal
from importlib import import_module

from rtpd.addresses import NothingRunsError
from rtpd.home import holder
from rtpd.output import Json, print_json
from rtpd.settings import read_settings


def restart(*, json: Json = False) -> None:
    """Restart intake, reports and workers one after the other; servers and `rtpd up` itself go on.

    Intake and reports start new workers beside the old ones, which then finish what they have.

    Example: `rtpd migrate && rtpd restart`
    """
    home = read_settings().home
    pid = holder(home)
    if pid is None:
        raise NothingRunsError(f"nothing runs in {home}: start it with `rtpd up`")
    import_module("ingest.upload")  # compiles the loops of the new code, so that intake's new workers are up at once
    os.kill(pid, signal.SIGUSR1)
    if json:
        print_json({"restarting": True})
    else:
        print("Restarting; `rtpd status` shows the processes.")
