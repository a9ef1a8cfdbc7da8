"""A server that outlived the process that started it is ended before a new one takes its folder."""

import contextlib
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil


def end_leftover(pid_file: Path, program: str, data: Path, steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Ends the server that `pid_file` names if it runs `program` in the folder `data`, and removes the file.

    `steps` are the signals to send in turn, each with the seconds to wait for its effect.
    """
    try:
        process = psutil.Process(int(pid_file.read_text("ascii").split("\n", 1)[0]))
        ours = process.name().startswith(program) and Path(process.cwd()) == data.resolve()
    except (OSError, ValueError, psutil.Error):
        ours = False
    if ours:
        for number, patience_s in steps:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
            if _ended(process, patience_s):
                break
    pid_file.unlink(missing_ok=True)


def _ended(process: psutil.Process, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:  # ended, though its new parent has not noticed
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False
