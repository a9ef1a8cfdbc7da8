"""What goes wrong, drawn from a seed: kills, stalls, two servers at once, poison in the queue."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from redis import Redis

from schemas import keys
from tests.running_system import RunningSystem

PROCESSES = ("ingest", "drain-1", "lake", "reports", "redis", "postgres")


@dataclass(slots=True)
class Nemesis:
    """Injects faults into a running system; `done` says what it did, so that a failing run can be read."""

    system: RunningSystem
    redis_url: str
    shards: int
    seed: int
    done: list[str] = field(default_factory=list)
    kills: int = 0
    poison: int = 0

    def strike(self, draw: random.Random) -> None:
        """Does one bad thing."""
        deeds: tuple[tuple[Callable[[random.Random], None], int], ...] = (
            (self._kill_one, 8),
            (self._kill_worker_of_ingest, 2),
            (self._kill_both_servers, 1),
            (self._stall, 2),
            (self._poison, 1),
        )
        deed = draw.choices([deed for deed, _ in deeds], [weight for _, weight in deeds])[0]
        deed(draw)

    def _kill_one(self, draw: random.Random) -> None:
        self._kill(draw.choice(PROCESSES))

    def _kill_worker_of_ingest(self, draw: random.Random) -> None:
        """Kills the process behind intake's supervisor, which takes requests."""
        self.done.append("kill a worker of ingest")
        with suppress(psutil.Error, StopIteration, ProcessLookupError):
            children = psutil.Process(self.system.pid("ingest")).children()
            os.kill(draw.choice(children).pid if children else self.system.pid("ingest"), signal.SIGKILL)
            self.kills += 1

    def _kill_both_servers(self, _draw: random.Random) -> None:
        self._kill("redis")
        self._kill("postgres")

    def _stall(self, draw: random.Random) -> None:
        """Stops a worker past its lease, and wakes it up again."""
        name = draw.choice(("drain-1", "lake"))
        seconds = draw.choice((1.0, 7.0))
        self.done.append(f"stall {name} for {seconds} s")
        with suppress(StopIteration, ProcessLookupError):
            pid = self.system.pid(name)
            os.kill(pid, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(pid, signal.SIGCONT)

    def _poison(self, draw: random.Random) -> None:
        """Puts a frame into the queue that no release can read."""
        self.done.append("poison")
        with suppress(Exception), Redis.from_url(self.redis_url) as redis:
            redis.xadd(keys.frames(draw.randrange(self.shards)), {"frame": draw.randbytes(draw.randrange(1, 200))})
            self.poison += 1

    def _kill(self, name: str) -> None:
        self.done.append(f"kill {name}")
        with suppress(StopIteration, ProcessLookupError):
            self.system.kill(name)
            self.kills += 1
