"""What machine the figures are of."""

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

from loadtests.bench.figures import Machine


def this_machine() -> Machine:
    """Describes this machine and the state of the code."""
    return Machine(
        processor=_processor(),
        cores=len(psutil.Process().cpu_affinity()),
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        system=platform.platform(),
        python=platform.python_version(),
        commit=_commit(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
