"""Child processes that end with their parent, so that a killed `rtpd up` leaves nothing running."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
#: glibc gives a block's buffers back to the kernel as soon as they are free, and has them cleared page by page for the
#: next one: an eighth of the pipeline's CPU. So it keeps what a block needs. What is set already stays as it is.
_KEEPS_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "MALLOC_TOP_PAD_": str(16 << 20),
}


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Has the kernel send this process the signal `number` when the process `parent` ends (Linux only).

    The kernel watches the thread that forked: start such children from one that lives as long as its process.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, number.value)
    if os.getppid() != parent:  # it ended before the call above
        os.kill(os.getpid(), number)


def start_child(
    arguments: Sequence[str | Path],
    *,
    log: Path | None,
    when_parent_dies: signal.Signals,
    environment: Mapping[str, str] | None = None,
    account: int | None = None,
    group: int | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a program in its own session, so that Ctrl-C reaches only us, who choose the order of stopping.

    Output is appended to `log`, or goes where ours goes if that is None. `account` and `group` are the ids
    under which it runs, ours if None. Raises OSError if the program cannot be started.
    """
    parent = os.getpid()
    before_exec: Callable[[], None] = lambda: die_with_parent(when_parent_dies, parent)  # noqa: E731
    output = open(log, "ab") if log else None  # noqa: SIM115
    try:
        return subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=_KEEPS_MEMORY | dict(os.environ if environment is None else environment),
            user=account,
            group=group,
            extra_groups=None if account is None else [],
            start_new_session=True,
            preexec_fn=before_exec,
        )
    finally:
        if output:
            output.close()


def stop_child(process: subprocess.Popen[bytes], number: signal.Signals, patience_s: float) -> int:
    """Asks a child to stop, then kills what is left of its session. Returns its exit code."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            kill_session(process)
    kill_session(process)
    return process.wait()


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kills what still runs in the session of a child, whether the child itself lives or not."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
