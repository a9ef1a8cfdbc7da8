"""docs/performance.md: its tables and plots are made of the figures that the benches wrote beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from loadtests.bench.figures import Machine, PeersRun, PipelineRun
from loadtests.bench.plots import Line, plot_lines, plot_peers
from rtpd.bench.lookups import LookupRun
from rtpd.bench.show import DONE
from rtpd.bench.single import SingleFigures

#: domain.md 4.6: renewals shortly after midnight, each of them three or four calls; plate cameras beside them.
_NIGHT_DECLARATIONS = 500
_NIGHT_LOOKUPS = 1_000
_COMMANDS = {
    "pipeline": "rtpd bench pipeline",
    "year": "rtpd bench year",
    "lookups": "rtpd bench lookups",
    "single": "rtpd bench single",
    "peers": "rtpd bench peers",
}
_RATES = ("accept", "publish")
#: With its end a run is done.
_LAST = "reconcile"
_Found = TypeVar("_Found")


class PipelineResult(Struct, frozen=True):
    """A file of `rtpd bench pipeline` or of `rtpd bench year`."""

    pipeline: PipelineRun
    lookups: LookupRun | None = None


class LookupsResult(Struct, frozen=True):
    """A file of `rtpd bench lookups`."""

    machine: Machine
    runs: list[LookupRun]


class SingleResult(Struct, frozen=True):
    """A file of `rtpd bench single`."""

    machine: Machine
    runs: list[SingleFigures]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the benches wrote into a folder: the newest of each kind.

    Of pipelines the newest of each size and number of cores, of years (or parts of one) the newest of each size.
    """

    pipelines: Sequence[PipelineRun]
    years: Sequence[PipelineResult]
    lookups: LookupsResult | None
    single: SingleResult | None
    peers: PeersRun | None

    @classmethod
    def read(cls, folder: Path) -> "Figures":
        """Reads the folder. Raises `msgspec.ValidationError` if a file is of another shape."""
        runs = {}
        for result in _read(folder, "pipeline", PipelineResult):
            runs[result.pipeline.declarations, result.pipeline.machine.cores] = result.pipeline
        years = {result.pipeline.declarations: result for result in _read(folder, "year", PipelineResult)}
        return cls(
            [runs[key] for key in sorted(runs)],
            [years[size] for size in sorted(years)],
            _last(_read(folder, "lookups", LookupsResult)),
            _last(_read(folder, "single", SingleResult)),
            _last(_read(folder, "peers", PeersRun)),
        )

    @property
    def largest(self) -> PipelineRun | None:
        """The pipeline of the most declarations on the most cores."""
        return max(self.pipelines, key=lambda run: (run.machine.cores, run.declarations), default=None)


def write_document(path: Path, folder: Path) -> None:
    """Writes the tables between the marks of a Markdown file anew, and the plots into `folder`.

    `folder` holds what the benches wrote with `--results`.
    """
    figures = Figures.read(folder)
    text = path.read_text("utf-8")
    for name, render in _SECTIONS.items():
        mark, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, begun, rest = text.partition(mark)
        _, ended, after = rest.partition(end)
        if begun and ended:
            text = f"{before}{mark}\n{render(figures)}\n{end}{after}"
    path.write_text(text, "utf-8")
    _plot(figures, folder)


def _read(folder: Path, name: str, kind: type[_Found]) -> list[_Found]:
    files = sorted(folder.glob(f"{name}-*.json"), key=lambda file: file.name)
    return [msgspec.json.decode(file.read_bytes(), type=kind) for file in files]


def _last(found: Sequence[_Found]) -> _Found | None:
    return found[-1] if found else None


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _measured(machine: Machine, name: str) -> str:
    return (
        f"`{_COMMANDS[name]}` on {machine.at[:10]}, commit {machine.commit}: "
        f"{machine.cores} cores of {machine.processor}, {machine.memory_gb:.0f} GB, Python {machine.python}.\n"
    )


def _not_yet(name: str) -> str:
    return f"Not measured yet: `{_COMMANDS[name]} --results docs/figures`."


def _pipeline(figures: Figures) -> str:
    run = figures.largest
    return _not_yet("pipeline") if run is None else _run(run, "pipeline")


def _year(figures: Figures) -> str:
    if not figures.years:
        return _not_yet("year")
    largest = figures.years[-1]
    parts = [_run(largest.pipeline, "year")]
    if largest.lookups:
        parts.append(_lookup_table([largest.lookups]))
    return "\n\n".join(parts)


def _sizes(figures: Figures) -> str:
    """Says what a declaration costs in years of several sizes, process by process."""
    runs = [result.pipeline for result in figures.years]
    if not runs:
        return _not_yet("year")
    processes = sorted({process for run in runs for process in run.cpu_us()})
    rows = (
        (
            f"{run.declarations:,}",
            *(f"{run.cpu_us().get(process, 0.0):.1f}" for process in processes),
            f"{sum(run.cpu_us().values()):.1f}",
            f"{sum(run.cpu_us('compact').values()):.1f}",
            f"{sum(run.cpu_us(_LAST).values()):.1f}",
            f"{run.floor.total_us:.1f}",
            f"{run.efficiency(_LAST):.2f}",
        )
        for run in runs
    )
    return _table(("declarations", *processes, "published", "compacted", "reconciled", "floor", "times it"), rows)


def _run(run: PipelineRun, name: str) -> str:
    rates = run.rates()
    cost = run.cpu_us()
    peaks = {process: f"{run.peak_memory_mb.get(process, 0):,.0f}" for process in cost}
    return "\n".join(
        (
            _measured(run.machine, name),
            _table(
                ("until all are", "seconds", "declarations a second"),
                ((DONE[each.name], f"{each.ended_s:,.1f}", f"{rates[each.name]:,.0f}") for each in run.phases),
            ),
            "",
            _table(
                ("", *sorted(cost), "all"),
                (
                    ("CPU, us", *(f"{cost[process]:.1f}" for process in sorted(cost)), f"{sum(cost.values()):.1f}"),
                    ("largest process, MB", *(peaks[process] for process in sorted(cost)), ""),
                ),
            ),
            "",
            f"{run.declarations:,} declarations of {run.operators:,} operators, {run.lake_bytes:.0f} bytes each in the "
            f"lake, {run.differences} differences between the stores. The floor takes {run.floor.total_us:.1f} us a "
            f"declaration: **efficiency {run.efficiency():.2f}** until published, {run.efficiency('compact'):.2f} "
            "with all compaction done.",
        )
    )


def _floor(figures: Figures) -> str:
    run = figures.largest
    if run is None:
        return _not_yet("pipeline")
    stages = ((stage.stage, f"{stage.total_us:.2f}") for stage in run.floor.stages)
    return _table(("stage", "us of CPU a declaration"), [*stages, ("all", f"{run.floor.total_us:.2f}")])


def _lookups(figures: Figures) -> str:
    if figures.lookups is None:
        return _not_yet("lookups")
    return f"{_measured(figures.lookups.machine, 'lookups')}\n{_lookup_table(figures.lookups.runs)}"


def _lookup_table(runs: Sequence[LookupRun]) -> str:
    columns = (
        "declarations",
        "plates",
        "/s a core",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "bare p99",
        "times bare",
        "found after s",
    )
    rows = (
        (
            f"{run.declarations:,}",
            each.kind,
            f"{each.per_core_second:,.0f}",
            *(f"{ms:.1f}" for ms in (each.http.p50_ms, each.http.p95_ms, each.http.p99_ms, each.bare_p99_ms)),
            f"{each.http.p99_ms / each.bare_p99_ms:.2f}",
            f"{max(run.fresh_s):.2f}",
        )
        for run in runs
        for each in run.figures
    )
    return _table(columns, rows)


def _single(figures: Figures) -> str:
    if figures.single is None:
        return _not_yet("single")
    columns = ("connections", "empty/s", "ours/s", "ratio", "p50 ms", "p99 ms", "CPU, us")
    rows = (
        (
            each.ours.connections,
            f"{each.empty.per_second:,.0f}",
            f"{each.ours.per_second:,.0f}",
            f"{each.ratio:.2f}",
            f"{each.ours.p50_ms:.1f}",
            f"{each.ours.p99_ms:.1f}",
            f"{sum(each.cpu_us.values()):.0f}",
        )
        for each in figures.single.runs
    )
    return f"{_measured(figures.single.machine, 'single')}\n{_table(columns, rows)}"


def _peers(figures: Figures) -> str:
    run = figures.peers
    if run is None:
        return _not_yet("peers")
    rows = []
    for stack in (run.ours, *run.peers):
        ratio = run.single_ratio(stack)
        rows.append(
            (
                f"`{stack.name}`: {stack.title}",
                f"{stack.declarations:,}",
                f"{sum(stack.cpu_us.values()):,.1f}",
                f"{stack.per_cpu_second:,.0f}",
                f"{run.ratio(stack):.2f}",
                f"{stack.single.per_second:,.0f}" if stack.single else "",
                f"{ratio:.1f}" if ratio else "",
            )
        )
    columns = ("stack", "sent", "CPU, us", "a CPU second", "ours, times", "single/s", "ours, times")
    return f"{_measured(run.machine, 'peers')}\n{_table(columns, rows)}"


def _night(figures: Figures) -> str:
    """Says what a core takes and how many the peak night needs, each part from its own figures."""
    parts: list[tuple[str, int, float]] = []
    if figures.single:
        each = max(figures.single.runs, key=lambda run: run.ours.per_second)
        parts.append(("declarations, one a request", _NIGHT_DECLARATIONS, sum(each.cpu_us.values())))
    if figures.largest:
        parts.append(("the same in uploads", _NIGHT_DECLARATIONS, sum(figures.largest.cpu_us().values())))
    if figures.lookups:
        last = figures.lookups.runs[-1]
        dearest = max(each.reports_cpu_us for each in last.figures)
        parts.append((f"look-ups among {last.declarations:,}", _NIGHT_LOOKUPS, dearest))
    if not parts:
        return _not_yet("single")
    rows = ((what, f"{1e6 / us:,.0f}", f"{asked:,}", f"{asked * us / 1e6:.2f}") for what, asked, us in parts)
    return _table(("", "a core takes a second", "the peak night asks for", "cores"), rows)


_SECTIONS: dict[str, Callable[[Figures], str]] = {
    "pipeline": _pipeline,
    "floor": _floor,
    "year": _year,
    "sizes": _sizes,
    "lookups": _lookups,
    "single": _single,
    "peers": _peers,
    "night": _night,
}


def _plot(figures: Figures, folder: Path) -> None:
    if figures.years:
        sizes = [result.pipeline for result in figures.years]
        lines = [
            Line(f"until {what}", [(run.declarations, sum(run.cpu_us(last).values())) for run in sizes])
            for last, what in (("publish", "published"), (_LAST, "compacted and reconciled"))
        ]
        lines.append(Line("floor", [(run.declarations, run.floor.total_us) for run in sizes]))
        plot_lines(lines, ("declarations", "microseconds of CPU a declaration"), folder / "size.svg", wide=True)
    if figures.pipelines:
        alike = _on_most_machines(figures.pipelines)
        rates = [Line(DONE[phase], [(run.machine.cores, run.rates()[phase]) for run in alike]) for phase in _RATES]
        plot_lines(rates, ("cores", f"declarations a second, of {alike[0].declarations:,}"), folder / "cores.svg")
    if figures.peers:
        plot_peers(figures.peers, folder / "peers.svg")


def _on_most_machines(runs: Sequence[PipelineRun]) -> list[PipelineRun]:
    """Gives the runs of that size which was measured with the most numbers of cores, the fewest cores first."""
    sizes = {run.declarations for run in runs}
    alike = max(([run for run in runs if run.declarations == size] for size in sizes), key=len)
    return sorted(alike, key=lambda run: run.machine.cores)
