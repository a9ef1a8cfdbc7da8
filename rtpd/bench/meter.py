"""What the processes of a running system take: CPU seconds and memory, from the kernel by psutil."""

import threading
from pathlib import Path

import psutil
from msgspec import Struct

from rtpd.addresses import read_running


class Usage(Struct, frozen=True):
    """What one supervised process with its children took: CPU in seconds; its largest member's memory in bytes."""

    cpu_s: float
    memory: int


class Meter:
    """Reads the usage of every process that `rtpd up` supervises in a home.

    CPU of children that ended is what their parents waited for; what a restarted process took before is added.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._ended: dict[str, float] = {}
        self._last: dict[str, tuple[int, float]] = {}
        self._peaks: dict[str, int] = {}
        self._lock = threading.Lock()

    def read(self) -> dict[str, Usage]:
        """Reads what each process has taken since its first start."""
        with self._lock:
            running = read_running(self._home)
            found = {}
            for process in running.processes if running else ():
                usage = usage_of(process.pid)
                pid, last = self._last.get(process.name, (process.pid, 0.0))
                if pid != process.pid:
                    self._ended[process.name] = self._ended.get(process.name, 0.0) + last
                if usage is not None:
                    self._last[process.name] = (process.pid, usage.cpu_s)
                    self._peaks[process.name] = max(self._peaks.get(process.name, 0), usage.memory)
                    ended = self._ended.get(process.name, 0.0)
                    found[process.name] = Usage(usage.cpu_s + ended, usage.memory)
            return found

    def cpu(self) -> dict[str, float]:
        """Reads the CPU seconds alone."""
        return {name: usage.cpu_s for name, usage in self.read().items()}

    def take_peaks(self) -> dict[str, int]:
        """Gives the most memory that any one process of each name was seen with since the last call, in bytes."""
        with self._lock:
            peaks, self._peaks = self._peaks, {}
        return peaks


def usage_of(pid: int) -> Usage | None:
    """Reads what a process and its children have taken; None if it has ended."""
    try:
        top = psutil.Process(pid)
        members = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return None
    cpu_s, memory = 0.0, 0
    for member in members:
        try:
            times = member.cpu_times()
            memory = max(memory, member.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
        cpu_s += times.user + times.system + times.children_user + times.children_system
    return Usage(cpu_s, memory)
