"""`rtpd bench`: what the system holds and what it costs, measured beside its own floor on this machine."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.progress import Progress

from loadtests.bench.figures import PipelineRun, Sample
from loadtests.bench.floor import Floor
from loadtests.bench.plots import plot_pipeline
from loadtests.generator import Generator, Load
from rtpd.bench import floor as floors
from rtpd.bench.load import chunks_of, enter_operators
from rtpd.bench.machine import this_machine
from rtpd.bench.pipeline import reconcile, run_load
from rtpd.bench.single import measure_single
from rtpd.bench.system import started
from rtpd.client import Intake
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings

app = App(name="bench", help="Measure what the system holds and what it costs.")

#: domain.md 4.6: 18 million declarations a year of a million operators.
_DECLARATIONS_AN_OPERATOR = 18

_DONE = {
    "accept": "accepted",
    "store": "stored",
    "publish": "published",
    "compact": "compacted",
    "reconcile": "reconciled",
}

_Count = Annotated[int, Parameter(validator=Number(gte=1000))]


@app.command
async def floor(*, declarations: _Count = 200_000, json: Json = False) -> None:
    """Measure the work that no design can leave out, on this machine: the floor.

    Example: `rtpd bench floor`

    Parameters
    ----------
    declarations: How many generated declarations to measure with.
    """
    sample = Generator(_load(declarations))
    with started(_fresh("floor")) as system:
        who = await enter_operators(system, sample)
        measured = await floors.floor_of(system, who, sample)
    if json:
        print_json(measured)
    else:
        print_floor(measured)


@app.command
async def pipeline(
    *,
    declarations: _Count = 1_000_000,
    floor_declarations: _Count = 200_000,
    in_flight: Annotated[int, Parameter(validator=Number(gte=1))] = 3,
    compress: bool = False,
    results: Path | None = None,
    json: Json = False,
) -> int:
    """Send a load through the real pipeline, from the first byte to all published and reconciled.

    Its CPU, of all processes but the sender, is told beside the floor's, measured in the same run.
    Exit 1 if reconciling finds a difference.

    Example: `rtpd bench pipeline --declarations 1000000`

    Parameters
    ----------
    declarations: How many to send.
    floor_declarations: How many to measure the floor with.
    in_flight: Submissions on their way at one time.
    compress: Send with zstd.
    results: Folder for the figures as JSON and the plot; by default bench/results in the home.
    """
    load, sample = Generator(_load(declarations)), Generator(_load(floor_declarations, seed=2))
    home = _fresh("pipeline")
    with started(home) as system, _bar(declarations, quiet=json) as told:
        floor = await floors.floor_of(system, await enter_operators(system, sample), sample)
        who = await enter_operators(system, load)
        intake = Intake(
            url=system.settings.ingest_url, api_key=who.api_key, operator_id=who.operator_id, compress=compress
        )
        receipts = home / "receipts.ndjson"
        watch, summary = await run_load(system, intake, chunks_of(load), receipts, in_flight=in_flight, told=told)
        differences = reconcile(system, watch, receipts)
        run = PipelineRun(
            machine=this_machine(),
            declarations=summary.accepted,
            operators=load.load.operators,
            bytes=summary.bytes,
            warned=summary.warned,
            phases=watch.phases,
            samples=watch.samples,
            peak_memory_mb=_megabytes(system.meter.take_peaks()),
            differences=differences,
            floor=floor,
        )
    _keep(run, results or home.parent / "results", "pipeline")
    if json:
        print_json(run)
    else:
        print_pipeline(run)
    return int(differences > 0)


@app.command
async def single(*, connections: list[int] | None = None, json: Json = False) -> None:
    """Submit one declaration a request, beside an empty application that only reads the body.

    Example: `rtpd bench single`

    Parameters
    ----------
    connections: How many connections send at one time, one measurement each; by default 1, 64 and 512.
    """
    load = Generator(_load(20_000))
    with started(_fresh("single")) as system:
        who = await enter_operators(system, load)
        found = [await measure_single(system, who, load, each) for each in connections or (1, 64, 512)]
    if json:
        print_json(found)
    else:
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
                " ".join(f"{status}: {count:,}" for status, count in each.ours.statuses.items()),
            )
            for each in found
        ]
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
        print_table("Single submissions; us: microseconds of CPU a request", columns, rows)


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
        [(_DONE[phase.name], f"{phase.ended_s:.1f}", f"{run.rates()[phase.name]:,.0f}") for phase in run.phases],
    )
    processes = sorted({process for phase in run.phases for process in phase.cpu_s})
    rows = [
        (phase.name, *(_us(phase.cpu_s.get(process, 0.0) / run.declarations * 1e6) for process in processes))
        for phase in run.phases
    ]
    cost = run.cpu_us()
    rows.append(("until published", *(_us(cost[process]) for process in processes)))
    rows.append(("largest process, MB", *(f"{run.peak_memory_mb.get(process, 0):,.0f}" for process in processes)))
    print_table("Microseconds of CPU a declaration", ("", *processes), rows)
    print_floor(run.floor)
    deepest = max(sample.queued for sample in run.samples)
    print(f"{sum(cost.values()):.2f} us of CPU a declaration until published, {run.floor.total_us:.2f} us the floor:")
    print(f"{run.efficiency():.2f} times the floor; {run.efficiency('compact'):.2f} times with all compaction done")
    print(f"{deepest:,} declarations in the queue at most; {run.differences} differences between the stores")


def _us(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _load(declarations: int, *, seed: int = 1) -> Load:
    operators = max(2, declarations // _DECLARATIONS_AN_OPERATOR)
    return Load(count=declarations, operators=operators, seed=seed, today=datetime.now(UTC).date())


def _keep(run: PipelineRun, folder: Path, name: str) -> None:
    """Writes the figures as JSON and, where matplotlib is installed, as a plot."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name}-{run.machine.at.replace(':', '')}"
    (folder / f"{stem}.json").write_bytes(msgspec.json.format(msgspec.json.encode(run)))
    with suppress(ModuleNotFoundError):
        plot_pipeline(run, folder / f"{stem}.svg")


def _megabytes(memory: dict[str, int]) -> dict[str, float]:
    return {name: round(held / 2**20, 1) for name, held in memory.items()}


@contextmanager
def _bar(declarations: int, *, quiet: bool) -> Iterator[Callable[[Sample], None]]:
    """Shows how far accepting, storing and publishing have come."""
    with Progress(console=Console(stderr=True), disable=quiet) as progress:
        tasks = {name: progress.add_task(name, total=declarations) for name in ("accepted", "stored", "published")}

        def tell(sample: Sample) -> None:
            for name, task in tasks.items():
                progress.update(task, completed=getattr(sample, name))

        yield tell


def _fresh(name: str) -> Path:
    """Gives an empty folder for a bench's system."""
    home = read_settings().home / "bench" / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    return home
