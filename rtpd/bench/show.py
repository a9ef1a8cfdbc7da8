"""How figures are shown and kept: tables for people, JSON and plots for comparing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from loadtests.bench.figures import PeersRun, PipelineRun, Sample
from loadtests.bench.floor import Floor
from loadtests.bench.plots import plot_peers, plot_pipeline
from loadtests.bench.requests import RequestFigures
from rtpd.bench.copies import CopyFigures
from rtpd.bench.flood import FloodFigures
from rtpd.bench.lookups import LookupRun
from rtpd.bench.machine import this_machine
from rtpd.bench.single import SingleFigures
from rtpd.output import print_table

#: What all declarations are at the end of each phase.
DONE = {
    "accept": "accepted",
    "store": "stored",
    "publish": "published",
    "compact": "compacted",
    "reconcile": "reconciled",
}


def print_copies(found: CopyFigures) -> None:
    """Prints how many copies were made, and what one costs."""
    print(f"{found.per_second:,.0f} copies a second by the clock, {found.per_core_second:,.0f} for a second of CPU;")
    print(
        f"{1000 * found.cpu_seconds / found.copies:.2f} ms of CPU and {found.size / found.copies / 1000:.0f} kB a copy"
    )


def print_floor(floor: Floor) -> None:
    """Prints the floor as a table."""
    processes = sorted({process for stage in floor.stages for process in stage.cpu_us})
    rows = [
        (stage.stage, *(_us(stage.cpu_us.get(process)) for process in processes), _us(stage.total_us))
        for stage in floor.stages
    ]
    title = f"Floor: microseconds of CPU a declaration, {floor.declarations:,} declarations"
    print_table(title, ("stage", *processes, "all"), [*rows, ("all", *([""] * len(processes)), _us(floor.total_us))])


def print_pipeline(run: PipelineRun) -> None:
    """Prints a run as tables: how fast, at what cost beside the floor, with what memory."""
    print_table(
        f"{run.declarations:,} declarations of {run.operators:,} operators, {run.bytes / 1e6:,.0f} MB",
        ("until all are", "seconds", "declarations a second"),
        [(DONE[phase.name], f"{phase.ended_s:.1f}", f"{run.rates()[phase.name]:,.0f}") for phase in run.phases],
    )
    processes = sorted({process for phase in run.phases for process in phase.cpu_s})
    rows = [
        (phase.name, *(_us(phase.cpu_s.get(process, 0.0) / max(1, run.declarations) * 1e6) for process in processes))
        for phase in run.phases
    ]
    cost = run.cpu_us()
    rows.append(("until published", *(_us(cost[process]) for process in processes)))
    rows.append(("largest process, MB", *(f"{run.peak_memory_mb.get(process, 0):,.0f}" for process in processes)))
    print_table("Microseconds of CPU a declaration", ("", *processes), rows)
    print_floor(run.floor)
    print(f"{run.lake_bytes:.0f} bytes a declaration in the lake")
    deepest = max(sample.queued for sample in run.samples)
    print(f"{sum(cost.values()):.2f} us of CPU a declaration until published, {run.floor.total_us:.2f} us the floor:")
    print(f"{run.efficiency():.2f} times the floor; {run.efficiency('compact'):.2f} times with all compaction done")
    print(f"{deepest:,} declarations in the queue at most; {run.differences} differences between the stores")


def print_single(found: Sequence[SingleFigures]) -> None:
    """Prints single submissions beside the empty application."""
    columns = (
        "connections",
        "empty/s",
        "ours/s",
        "ratio",
        "p50 ms",
        "p99 ms",
        "empty us",
        "ingest us",
        "all us",
        "answers",
    )
    rows = [
        (
            each.ours.connections,
            f"{each.empty.per_second:,.0f}",
            f"{each.ours.per_second:,.0f}",
            f"{each.ratio:.2f}",
            f"{each.ours.p50_ms:.1f}",
            f"{each.ours.p99_ms:.1f}",
            f"{each.empty_cpu_us:.0f}",
            f"{each.cpu_us['ingest']:.0f}",
            f"{sum(each.cpu_us.values()):.0f}",
            _statuses(each.ours.statuses),
        )
        for each in found
    ]
    print_table("Single submissions; us: microseconds of CPU a request", columns, rows)


def print_flood(found: FloodFigures) -> None:
    """Prints single submissions alone and beside a flood."""
    rows = [
        (name, f"{each.per_second:,.0f}", *(f"{ms:.1f}" for ms in (each.p50_ms, each.p95_ms, each.p99_ms)))
        for name, each in (("alone", found.alone), ("beside the flood", found.beside))
    ]
    print_table(
        f"Single submissions over {found.alone.connections} connections",
        ("", "a second", "p50 ms", "p95 ms", "p99 ms"),
        rows,
    )
    print(f"{found.ratio:.2f} times the median, {found.ratio_p99:.2f} times the slowest hundredth,")
    print(f"beside {found.flood_per_second:,.0f} declarations a second of the flood")


def print_lookups(runs: Sequence[LookupRun]) -> None:
    """Prints look-ups by size of the lake, beside bare DuckDB."""
    columns = (
        "declarations", "plates", "/s", "/s a core", "p50 ms", "p95 ms", "p99 ms", "bare p50", "bare p95", "bare p99",
        "p99 times bare", "answers",
    )  # fmt: skip
    rows = [
        (
            f"{run.declarations:,}",
            each.kind,
            f"{each.http.per_second:,.0f}",
            f"{each.per_core_second:,.0f}",
            *(f"{ms:.1f}" for ms in (each.http.p50_ms, each.http.p95_ms, each.http.p99_ms)),
            *(f"{ms:.1f}" for ms in (each.bare_p50_ms, each.bare_p95_ms, each.bare_p99_ms)),
            f"{each.http.p99_ms / each.bare_p99_ms:.2f}",
            _statuses(each.http.statuses),
        )
        for run in runs
        for each in run.figures
    ]
    print_table("Look-ups over HTTP, and the same by bare DuckDB over the right files", columns, rows)
    for run in runs:
        print(f"at {run.declarations:,} a new declaration is found after {max(run.fresh_s):.2f} s at most")


def print_peers(run: PeersRun) -> None:
    """Prints the peers beside ours: what a CPU second buys, single submissions a second, where the CPU goes."""
    stacks = [run.ours, *run.peers]
    for stack in stacks:
        print(f"{stack.name}: {stack.title}")
    columns = ("", "sent", "us of CPU", "a CPU second", "ours", "single/s", "ours")
    rows = [
        (
            stack.name,
            f"{stack.declarations:,}",
            f"{sum(stack.cpu_us.values()):,.1f}",
            f"{stack.per_cpu_second:,.0f}",
            f"{run.ratio(stack):.2f} x",
            *_single(stack.single, run.single_ratio(stack)),
        )
        for stack in stacks
    ]
    print_table("The same declarations; how many times more of them ours takes", columns, rows)
    processes = sorted({process for stack in stacks for process in stack.cpu_us})
    spent = [(process, *(_us(stack.cpu_us.get(process)) for stack in stacks)) for process in processes]
    print_table("Microseconds of CPU a declaration", ("", *(stack.name for stack in stacks)), spent)
    for peer in run.peers:
        print(f"{peer.name}: {peer.differences} rows that we did not store; of the wrong lines it refused", end=" ")
        print(f"{peer.refused}, we {run.ours.refused}", end="")
        print("" if peer.warned is None else f"; it remarked on {peer.warned}, we on {run.ours.warned}")


def _single(figures: RequestFigures | None, ratio: float | None) -> tuple[str, str]:
    if figures is None or ratio is None:
        return "", ""
    return f"{figures.per_second:,.0f}", f"{ratio:.1f} x"


def keep_peers(run: PeersRun, folder: Path) -> None:
    """Writes the peers' figures as JSON and, where matplotlib is installed, as a plot."""
    stem = f"peers-{run.machine.at.replace(':', '')}"
    _write(folder / f"{stem}.json", run)
    with suppress(ModuleNotFoundError):
        plot_peers(run, folder / f"{stem}.svg")


def keep(run: PipelineRun, folder: Path, name: str, lookups: LookupRun | None = None) -> None:
    """Writes the figures as JSON and, where matplotlib is installed, as a plot."""
    stem = f"{name}-{run.machine.at.replace(':', '')}"
    _write(folder / f"{stem}.json", {"pipeline": run, "lookups": lookups})
    with suppress(ModuleNotFoundError):
        plot_pipeline(run, folder / f"{stem}.svg")


def keep_lookups(runs: Sequence[LookupRun], folder: Path) -> None:
    """Writes the figures of look-ups as JSON."""
    machine = this_machine()
    _write(folder / f"lookups-{machine.at.replace(':', '')}.json", {"machine": machine, "runs": runs})


def keep_single(found: Sequence[SingleFigures], folder: Path) -> None:
    """Writes the figures of single submissions as JSON."""
    machine = this_machine()
    _write(folder / f"single-{machine.at.replace(':', '')}.json", {"machine": machine, "runs": found})


def _write(path: Path, figures: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))


@contextmanager
def progress_bar(declarations: int, *, quiet: bool) -> Iterator[Callable[[Sample], None]]:
    """Shows how far accepting, storing and publishing have come."""
    with Progress(console=Console(stderr=True), disable=quiet) as progress:
        tasks = {name: progress.add_task(name, total=declarations) for name in ("accepted", "stored", "published")}

        def tell(sample: Sample) -> None:
            for name, task in tasks.items():
                progress.update(task, completed=getattr(sample, name))

        yield tell


def _us(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _statuses(statuses: dict[int, int]) -> str:
    return " ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
