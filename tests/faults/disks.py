"""Small disks that a test can fill to the last byte and empty again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_PIECE = b"\0" * (1 << 20)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mounts a small file system at `folder` while the block runs; skips the test where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no `mount`")
    if done.returncode:
        pytest.skip("only an account that may mount can test full disks (root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Takes all the room that a disk has; gives the file that takes it, to be deleted."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (len(_PIECE), 4096, 1):
            with suppress(OSError):
                while file.write(_PIECE[:size]) == size:
                    pass
    assert os.statvfs(disk).f_bavail == 0
    return filler
