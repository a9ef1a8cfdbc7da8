"""`rtpd bench`: what the system holds and what it costs, measured beside its own floor on this machine."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from loadtests.bench.floor import Floor
from loadtests.generator import Generator, Load
from rtpd.bench import floor as floors
from rtpd.bench.load import enter_operators
from rtpd.bench.system import started
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings

app = App(name="bench", help="Measure what the system holds and what it costs.")

#: domain.md 4.6: 18 million declarations a year of a million operators.
_DECLARATIONS_AN_OPERATOR = 18

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


def print_floor(floor: Floor) -> None:
    """Prints the floor as a table."""
    processes = sorted({process for stage in floor.stages for process in stage.cpu_us})
    rows = [
        (stage.stage, *(_us(stage.cpu_us.get(process)) for process in processes), _us(stage.total_us))
        for stage in floor.stages
    ]
    title = f"Floor: microseconds of CPU a declaration, {floor.declarations:,} declarations"
    print_table(title, ("stage", *processes, "all"), [*rows, ("all", *([""] * len(processes)), _us(floor.total_us))])


def _us(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _load(declarations: int, *, seed: int = 1) -> Load:
    operators = max(2, declarations // _DECLARATIONS_AN_OPERATOR)
    return Load(count=declarations, operators=operators, seed=seed, today=datetime.now(UTC).date())


def _fresh(name: str) -> Path:
    """Gives an empty folder for a bench's system."""
    home = read_settings().home / "bench" / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    return home
