"""What every worker of arq is given: orders are small, results are not kept, nothing is tried twice by arq itself."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from arq.worker import Worker

#: arq puts the exception of a lost job into its result, which is dropped; its text is all that can be packed.
_pack = msgspec.msgpack.Encoder(enc_hook=repr).encode

WORKER: dict[str, Any] = {
    "max_tries": 1,
    "keep_result": 0,
    "job_serializer": _pack,
    "job_deserializer": msgspec.msgpack.decode,
}

#: By so much the beat may be late before what it missed is done once instead of once for each time.
_LATE = timedelta(seconds=5)


class SteadyWorker(Worker):
    """A worker whose clock may jump: arq alone would stand still after a jump back, and after one forward do all that
    it missed, beat by beat.
    """

    _seen: datetime | None = None

    async def run_cron(self, n: datetime, delay: float, num_windows: int = 2) -> None:
        """Orders what is due at the moment `n` (arq)."""
        went_back = self._seen is not None and n < self._seen - _LATE
        self._seen = n
        for job in self.cron_jobs:
            if job.next_run is not None and went_back:
                job.next_run = None
            elif job.next_run is not None and job.next_run < n - _LATE:
                job.next_run = n
        await super().run_cron(n, delay, num_windows)
