"""Loops that numba compiles are for intake: whoever judges no blocks does without its hundred megabytes."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["store.worker", "store.lake_worker", "ingest.worker", "reports.app", "rtpd.cli"])
def test_a_process_without_blocks_to_judge_loads_no_compiler(module: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print('numba' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "False\n"
