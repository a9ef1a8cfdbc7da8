"""Named points at which a test can kill or stall the process, to hit the gap between two steps on purpose.

`RTPD_FAIL_POINTS=name` or `name:3` (the third time it is passed) arms one, `name=stall` has it stall there once
instead; unset, a point costs one comparison.
"""

import os
import signal

_point, _, _times = os.environ.get("RTPD_FAIL_POINTS", "").partition(":")
_armed, _, _deed = _point.partition("=")
_left = int(_times or 1)


def failpoint(name: str) -> None:
    """Kills this process (SIGKILL), or stops it until SIGCONT, if the point `name` is armed and passed often enough."""
    if _armed and _armed == name:
        _pass()


def _pass() -> None:
    global _left
    _left -= 1
    if _deed == "stall" and _left == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
    elif _deed != "stall" and _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
