"""What the kernel is told about our processes: which of them work through queues and need not come first."""

import os
import sys
from contextlib import suppress


def work_in_batches() -> None:
    """Keeps this thread, and those that it starts, from interrupting others whenever something comes for them.

    A request wakes a thread of the server, which interrupts the one that judges, and so it goes to and fro, with
    caches that are cold each time: a fifth of what a single submission took. Whoever answers at once interrupts
    these threads as before (Linux only; where it is not allowed all stays as it is).
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
