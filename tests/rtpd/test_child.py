"""Child processes: what they are started with."""

import signal
from pathlib import Path

import pytest

from rtpd.child import start_child


@pytest.mark.parametrize("given", [None, {}, {"MALLOC_TRIM_THRESHOLD_": "1"}], ids=["ours", "none", "of its own"])
def test_a_child_keeps_freed_memory_unless_told_otherwise(tmp_path: Path, given: dict[str, str] | None) -> None:
    log = tmp_path / "log"
    child = start_child(["/usr/bin/env"], log=log, when_parent_dies=signal.SIGTERM, environment=given)
    assert child.wait(30) == 0
    said = dict(line.split("=", 1) for line in log.read_text().splitlines() if line.startswith("MALLOC_"))
    assert said["MALLOC_TRIM_THRESHOLD_"] == (given or {}).get("MALLOC_TRIM_THRESHOLD_", str(256 << 20))
    assert said["MALLOC_MMAP_THRESHOLD_"] == str(32 << 20)
