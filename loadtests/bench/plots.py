"""Plots of what the benches found (matplotlib)."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests.bench.figures import PeersRun, PipelineRun


def plot_pipeline(run: PipelineRun, path: Path) -> None:
    """Draws one run: declarations and memory over time, and CPU beside the floor."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    figure, (counts, memory, cpu) = pyplot.subplots(1, 3, figsize=(15, 4.5), layout="constrained")
    times = [sample.at_s for sample in run.samples]
    for name in ("accepted", "stored", "published", "queued"):
        counts.plot(times, [getattr(sample, name) / 1e6 for sample in run.samples], label=name)
    counts.set(xlabel="seconds after the first byte", ylabel="million declarations", title="From accepted to published")
    counts.legend()
    for name in sorted({name for sample in run.samples for name in sample.memory_mb}):
        memory.plot(times, [sample.memory_mb.get(name, 0.0) for sample in run.samples], label=name)
    memory.set(xlabel="seconds after the first byte", ylabel="MB, largest process", title="Memory")
    memory.legend()
    _stack(cpu, 0, run.cpu_us())
    _stack(cpu, 1, {stage.stage: stage.total_us for stage in run.floor.stages})
    cpu.set_xticks([0, 1], [f"pipeline\n{run.efficiency():.2f} times the floor", "floor"])
    cpu.set(ylabel="microseconds of CPU a declaration", title="CPU")
    cpu.legend(loc="upper right", fontsize="small")
    figure.savefig(path)
    pyplot.close(figure)


def plot_peers(run: PeersRun, path: Path) -> None:
    """Draws declarations a CPU second of each stack, and the CPU of each by process."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    stacks = [run.ours, *run.peers]
    names = [stack.name for stack in stacks]
    figure, (rates, cpu) = pyplot.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    bars = rates.bar(names, [stack.per_cpu_second for stack in stacks])
    rates.bar_label(bars, ["1", *(f"1/{run.ratio(peer):.1f}" for peer in run.peers)])
    rates.set(ylabel="declarations a CPU second", title="Throughput")
    shares = [{name: us / sum(stack.cpu_us.values()) for name, us in stack.cpu_us.items()} for stack in stacks]
    processes = sorted({name for share in shares for name in share})
    below = [0.0] * len(stacks)
    for process in processes:
        heights = [100 * share.get(process, 0.0) for share in shares]
        cpu.bar(names, heights, bottom=below, label=process)
        below = [low + height for low, height in zip(below, heights, strict=True)]
    cpu.set(ylabel="percent of its CPU", title="Where it goes")
    cpu.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    figure.savefig(path)
    pyplot.close(figure)


class Line(NamedTuple):
    """A line of a plot: its name and its points."""

    name: str
    points: Sequence[tuple[float, float]]


def plot_lines(lines: Sequence[Line], axes: tuple[str, str], path: Path, *, wide: bool = False) -> None:
    """Draws lines from zero up; `axes` name the two axes, and on a `wide` one each step is ten times the last."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    figure, plot = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for line in lines:
        plot.plot(*zip(*line.points, strict=True), marker="o", label=line.name)
    plot.set(xlabel=axes[0], ylabel=axes[1], ylim=(0, None))
    if wide:
        plot.set_xscale("log")
    else:
        plot.set_xticks(sorted({at for line in lines for at, _ in line.points}))
    plot.legend()
    figure.savefig(path)
    pyplot.close(figure)


def _stack(axes, place: int, parts: dict[str, float]) -> None:  # type: ignore[no-untyped-def]
    below = 0.0
    for name, height in parts.items():
        axes.bar(place, height, bottom=below, width=0.6, label=name)
        below += height
