"""What the kernel is told about a process: intake works in batches, and so does all that it starts."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from rtpd.scheduling import work_in_batches
from tests.running_system import RunningSystem

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux has this policy and others do not")


@linux
def test_a_thread_and_those_that_it_starts_work_in_batches_and_no_other() -> None:
    def policies() -> tuple[int, int]:
        work_in_batches()
        with ThreadPoolExecutor(1) as started:
            return os.sched_getscheduler(0), started.submit(os.sched_getscheduler, 0).result()

    with ThreadPoolExecutor(1) as own:
        assert own.submit(policies).result() == (os.SCHED_BATCH, os.SCHED_BATCH)
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@linux
def test_whoever_answers_operators_works_in_batches_and_nobody_who_answers_officers(system: RunningSystem) -> None:
    for name, policy in (("ingest", os.SCHED_BATCH), ("reports", os.SCHED_OTHER)):
        answering = psutil.Process(system.pid(name)).children(recursive=True)
        assert answering
        for process in answering:
            assert {os.sched_getscheduler(thread.id) for thread in process.threads()} == {policy}
