"""What the lake worker does for the analyses: at night facts and figures, then the checks; what is asked for by day."""

from typing import cast

from arq import cron
from arq.cron import CronJob
from arq.typing import WorkerCoroutine

from reports.checks.nightly import check_repository
from reports.demands import meet_demands
from reports.figures import keep_facts

#: The longest that one of them may take, in seconds; 36 million declarations take some minutes.
_LONGEST_S = 3 * 3600


def nightly_jobs() -> list[CronJob]:
    """Gives the jobs for the lake worker (arq); they need `database_url` and `lake` in its context."""
    return [
        cron(cast(WorkerCoroutine, check_repository), hour={1}, minute={15}, max_tries=1, timeout=_LONGEST_S),
        cron(cast(WorkerCoroutine, keep_facts), hour={0}, minute={30}, max_tries=1, timeout=_LONGEST_S),
        cron(cast(WorkerCoroutine, meet_demands), second=set(range(0, 60, 2)), max_tries=1, timeout=_LONGEST_S),
    ]
