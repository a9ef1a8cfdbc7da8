"""What a bench found, as it is written to JSON, shown as a table and drawn."""

from msgspec import Struct

from loadtests.bench.floor import Floor
from loadtests.bench.requests import RequestFigures


class Machine(Struct, frozen=True):
    """Where the figures come from: they compare with those of the same run alone."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    commit: str
    at: str


class Sample(Struct, frozen=True):
    """The state at one moment, `at_s` seconds after the first byte; memory in MB, of each name's largest process."""

    at_s: float
    accepted: int
    stored: int
    published: int
    queued: int
    memory_mb: dict[str, float]


class Phase(Struct, frozen=True):
    """A stretch of the run: when it ended, in seconds after the first byte, and CPU seconds by process."""

    name: str
    ended_s: float
    cpu_s: dict[str, float]


class PipelineRun(Struct, frozen=True, kw_only=True):
    """A load through the real pipeline: from its first byte to everything published, and reconciled.

    `lake_bytes` is what the lake holds for each declaration, fleets included.
    """

    machine: Machine
    declarations: int
    operators: int
    bytes: int
    warned: int
    phases: list[Phase]
    samples: list[Sample]
    peak_memory_mb: dict[str, float]
    lake_bytes: float
    differences: int | None
    floor: Floor

    def cpu_us(self, last: str = "publish") -> dict[str, float]:
        """Gives microseconds of CPU a declaration by process, until the end of the phase `last`."""
        spent: dict[str, float] = {}
        for phase in self.phases:
            for process, seconds in phase.cpu_s.items():
                spent[process] = spent.get(process, 0.0) + seconds
            if phase.name == last:
                break
        return {process: seconds / max(1, self.declarations) * 1e6 for process, seconds in spent.items()}

    def efficiency(self, last: str = "publish") -> float:
        """Gives how many times the floor's CPU the pipeline takes until the end of the phase `last`."""
        return sum(self.cpu_us(last).values()) / self.floor.total_us

    def rates(self) -> dict[str, float]:
        """Gives declarations a second from the first byte to the end of each phase."""
        return {phase.name: self.declarations / phase.ended_s for phase in self.phases}


class PeerFigures(Struct, frozen=True, kw_only=True):
    """What one stack took for a load, from its first byte to all stored; of ours, to all published.

    `cpu_us` is microseconds of CPU a declaration by process, servers included; `single` is of submissions one by
    one, where there are such. The same rules show by `refused`, of lines many of which are wrong on purpose, and
    by `warned`, the lines of the load on which something was remarked; `differences` are rows that we did not store.
    """

    name: str
    title: str
    declarations: int
    accepted_s: float
    stored_s: float
    cpu_us: dict[str, float]
    refused: int | None = None
    warned: int | None = None
    differences: int | None = None
    single: RequestFigures | None = None

    @property
    def per_cpu_second(self) -> float:
        """Declarations for each second of CPU."""
        return 1e6 / sum(self.cpu_us.values())


class PeersRun(Struct, frozen=True, kw_only=True):
    """Ours and the peers beside it, all measured in one run on one machine."""

    machine: Machine
    ours: PeerFigures
    peers: list[PeerFigures]

    def ratio(self, peer: PeerFigures) -> float:
        """Gives how many times more declarations we take for each second of CPU."""
        return self.ours.per_cpu_second / peer.per_cpu_second

    def single_ratio(self, peer: PeerFigures) -> float | None:
        """Gives how many times more single submissions a second we take, None where the peer takes none."""
        if self.ours.single is None or peer.single is None:
            return None
        return self.ours.single.per_second / peer.single.per_second
