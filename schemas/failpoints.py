"""Named points at which a test can kill the process, to hit the gap between two steps on purpose.

`RTPD_FAIL_POINTS=name` or `name:3` (the third time it is passed) arms one; unset, a point costs one comparison.
"""

import os
import signal

_armed, _, _times = os.environ.get("RTPD_FAIL_POINTS", "").partition(":")
_left = int(_times or 1)


def failpoint(name: str) -> None:
    """Kills this process (SIGKILL) if the point `name` is armed and has been passed often enough."""
    if _armed and _armed == name:
        _pass()


def _pass() -> None:
    global _left
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
