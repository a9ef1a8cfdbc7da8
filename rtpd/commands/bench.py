"""`rtpd bench`: what the system holds and what it costs, measured beside its own floor on this machine."""

import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from cyclopts import App, Parameter
from cyclopts.validators import Number

from loadtests.bench.figures import PeersRun
from loadtests.generator import Generator, Load
from rtpd.bench import floor as floors
from rtpd.bench import show
from rtpd.bench.copies import measure_copies
from rtpd.bench.document import write_document
from rtpd.bench.flood import measure_flood
from rtpd.bench.load import chunks_of, enter_operators, intake_of
from rtpd.bench.lookups import LookupRun, Sampler, measure_lookups
from rtpd.bench.peer_programs import PEERS, NoNodeError, Peer, Stack
from rtpd.bench.peers import measure_peer, ours_of
from rtpd.bench.pipeline import Sending, measure_pipeline, run_load
from rtpd.bench.single import measure_single
from rtpd.bench.system import started
from rtpd.bench.year import Year
from rtpd.client import Chunk
from rtpd.output import Json, print_json
from rtpd.receipts import ReceiptsFile, Run
from rtpd.settings import read_settings
from rtpd.submission import send

app = App(name="bench", help="Measure what the system holds and what it costs.")

#: domain.md 4.6: 18 million declarations a year of a million operators.
_DECLARATIONS_AN_OPERATOR = 18
_MILLION = 1_000_000
#: Lines with errors that every stack is warmed up with, and must refuse alike.
_WRONG = 2_000

_Count = Annotated[int, Parameter(validator=Number(gte=1000))]
PeerName = Literal["idiomatic", "batched", "node"]
_AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]


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
        show.print_floor(measured)


@app.command
async def pipeline(
    *,
    declarations: _Count = _MILLION,
    floor_declarations: _Count = 200_000,
    in_flight: _AtLeastOne = 1,
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
    with started(home) as system, show.progress_bar(declarations, quiet=json) as told:
        measured = await floors.floor_of(system, await enter_operators(system, sample), sample)
        intake = intake_of(system, await enter_operators(system, load), compress=compress)
        sending = Sending(intake, chunks_of(load), _receipts(home, "receipts"), in_flight)
        run = await measure_pipeline(system, sending, measured, load.load.operators, told)
    show.keep(run, results or home.parent / "results", "pipeline")
    if json:
        print_json(run)
    else:
        show.print_pipeline(run)
    return int(bool(run.differences))


@app.command
async def year(
    *,
    scale: Annotated[float, Parameter(validator=Number(gt=0, lte=2))] = 1.0,
    in_flight: _AtLeastOne = 3,
    connections: _AtLeastOne = 1,
    results: Path | None = None,
    json: Json = False,
) -> int:
    """Run a year of Europe, 18 million declarations of a million operators, and look up plates in the result.

    A run that was broken off goes on where it was; its figures are those of the last part.
    Exit 1 if reconciling finds a difference.

    Example: `rtpd bench year --scale 0.01`

    Parameters
    ----------
    scale: Part of a year.
    in_flight: Submissions on their way at one time.
    connections: Officers who look up at one time; bare DuckDB answers one after the other.
    results: Folder for the figures as JSON and the plot; by default bench/results in the home.
    """
    this = Year(read_settings().home / "bench" / "year", scale, datetime.now(UTC).date())
    load, sample, sampler = Generator(this.state.load()), Generator(_load(200_000, seed=2)), Sampler(1)
    with started(this.home) as system, show.progress_bar(this.state.declarations, quiet=json) as told:
        measured = await floors.floor_of(system, await enter_operators(system, sample), sample)
        if not this.goes_on:
            this.begin(await enter_operators(system, load))
        assert this.state.who is not None
        intake = intake_of(system, this.state.who)
        sending = Sending(intake, sampler.watch(chunks_of(load)), this.receipts(), in_flight)
        run = await measure_pipeline(system, sending, measured, load.load.operators, told)
        this.end()
        found = await measure_lookups(system, this.state.who, this.state.declarations, sampler, connections)
    show.keep(run, results or this.home.parent / "results", "year", found)
    if json:
        print_json({"pipeline": run, "lookups": found})
    else:
        show.print_pipeline(run)
        show.print_lookups([found])
    return int(bool(run.differences))


@app.command
async def lookups(
    *, sizes: list[_Count] | None = None, connections: _AtLeastOne = 1, results: Path | None = None, json: Json = False
) -> None:
    """Look up plates that are declared and plates that are not, on a lake that grows from size to size.

    Beside it, bare DuckDB answers the same from the right files alone.

    Example: `rtpd bench lookups --sizes 1000000 --sizes 6000000`

    Parameters
    ----------
    sizes: Declarations at which to measure; by default 1, 6, 18 and 36 million.
    connections: Officers who look up at one time; bare DuckDB answers one after the other.
    results: Folder for the figures as JSON; by default bench/results in the home.
    """
    home, held, runs, sampler = _fresh("lookups"), 0, list[LookupRun](), Sampler(1)
    with started(home) as system:
        for number, size in enumerate(sorted(sizes or (_MILLION, 6 * _MILLION, 18 * _MILLION, 36 * _MILLION)), 1):
            load = Generator(_load(size - held, seed=number))
            who = await enter_operators(system, load)
            chunks = sampler.watch(chunks_of(load))
            sending = Sending(intake_of(system, who), chunks, _receipts(home, f"receipts-{number}"))
            with show.progress_bar(size - held, quiet=json) as told:
                await run_load(system, sending, told)
            runs.append(await measure_lookups(system, who, size, sampler, connections))
            held = size
    show.keep_lookups(runs, results or home.parent / "results")
    if json:
        print_json(runs)
    else:
        show.print_lookups(runs)


@app.command
async def single(
    *, connections: list[_AtLeastOne] | None = None, results: Path | None = None, json: Json = False
) -> None:
    """Submit one declaration a request, beside an empty application that only reads the body.

    Example: `rtpd bench single`

    Parameters
    ----------
    connections: How many connections send at one time, one measurement each; by default 1, 64 and 512.
    results: Folder for the figures as JSON; by default bench/results in the home.
    """
    load, home = Generator(_load(20_000)), _fresh("single")
    with started(home) as system:
        who = await enter_operators(system, load)
        found = [await measure_single(system, who, load, each) for each in connections or (1, 64, 512)]
    show.keep_single(found, results or home.parent / "results")
    if json:
        print_json(found)
    else:
        show.print_single(found)


@app.command
async def flood(
    *, connections: _AtLeastOne = 1, in_flight: _AtLeastOne = 3, seconds: _AtLeastOne = 10, json: Json = False
) -> None:
    """Submit one declaration a request, alone and beside another operator's flood of bulk uploads.

    Example: `rtpd bench flood`

    Parameters
    ----------
    connections: How many connections submit single declarations at one time.
    in_flight: Uploads of the flood on their way at one time.
    seconds: How long each of the two is measured.
    """
    load = Load(count=20_000, country="PL", delegated=False, today=datetime.now(UTC).date())
    with started(_fresh("flood")) as system:
        found = await measure_flood(system, load, seconds=seconds, connections=connections, in_flight=in_flight)
    if json:
        print_json(found)
    else:
        show.print_flood(found)


@app.command
def copies(*, count: _AtLeastOne = 500, language: str = "en", json: Json = False) -> None:
    """Make drivers' copies as PDFs, one after the other with one warm compiler.

    Example: `rtpd bench copies`

    Parameters
    ----------
    count: How many copies to make, of one operator's declarations.
    language: The copies' language.
    """
    found = measure_copies(count, language)
    if json:
        print_json(found)
    else:
        show.print_copies(found)


@app.command
async def peers(
    *,
    declarations: _Count = 200_000,
    one_by_one: _Count = 20_000,
    connections: _AtLeastOne = 64,
    peer: list[PeerName] | None = None,
    results: Path | None = None,
    json: Json = False,
) -> None:
    """Send the same lines through what a competent team would write instead, beside ours, in one run.

    The peers are installed at the first run, from their own lock files, into the home. They need a package
    index, and the one in Node needs Node.js with npm; it is left out where that is missing.

    Example: `rtpd bench peers --peer batched`

    Parameters
    ----------
    declarations: How many to send to each.
    one_by_one: How many of them to send to a peer that takes no batches.
    connections: How many connections send single declarations at one time.
    peer: Peers to measure; by default all.
    results: Folder for the figures as JSON and the plot; by default bench/results in the home.
    """
    cache = read_settings().home / "bench" / "installed"
    stacks = [stack for name in dict.fromkeys(peer or PEERS) if (stack := _installed(PEERS[name], cache))]
    load, sample, home = Generator(_load(declarations)), Generator(_load(20_000, seed=2)), _fresh("peers")
    with started(home) as system, show.progress_bar(declarations, quiet=json) as told:
        measured = await floors.floor_of(system, await enter_operators(system, sample), sample)
        who = await enter_operators(system, load)
        sending = Sending(intake_of(system, who), chunks_of(load), _receipts(home, "receipts"))
        run = await measure_pipeline(system, sending, measured, load.load.operators, told)
        single = await measure_single(system, who, load, connections)
        wrong = b"".join(next(chunks_of(_with_errors(load))).body.splitlines(keepends=True)[:_WRONG])
        asked = replace(intake_of(system, who), dry_run=True)
        tried = await send(asked, iter([Chunk(1, 1, _WRONG, wrong)]), run=uuid4().hex)
    lines = b"".join(chunk.body for chunk in chunks_of(load)).splitlines()
    figures = [
        await measure_peer(
            stack,
            system.settings,
            who,
            lines if stack.peer.bulk else lines[:one_by_one],
            wrong.splitlines(),
            connections,
        )
        for stack in stacks
    ]
    found = PeersRun(machine=run.machine, ours=ours_of(run, single.ours, tried.refused), peers=figures)
    show.keep_peers(found, results or home.parent / "results")
    if json:
        print_json(found)
    else:
        show.print_peers(found)


@app.command
def document(
    *, page: Path = Path("docs/performance.md"), results: Path = Path("docs/figures"), json: Json = False
) -> None:
    """Write the tables and plots of the page on performance anew, from figures that the benches wrote.

    Of each bench the newest figures count; of pipelines the newest of each size and number of cores, of years (or parts
    of one) the newest of each size.

    Example: `rtpd bench document`

    Parameters
    ----------
    page: The page, with a mark before and after each table.
    results: Folder of the figures, that of `--results` of the other commands.
    json: Print the name of the page as JSON, for programs.
    """
    write_document(page, results)
    if json:
        print_json({"page": str(page)})


def _with_errors(load: Generator) -> Generator:
    return Generator(replace(load.load, errors=0.3))


def _installed(peer: Peer, cache: Path) -> Stack | None:
    try:
        return peer.install(cache)
    except NoNodeError as error:
        print(f"{peer.name} is left out: {error}", file=sys.stderr)
        return None


def _load(declarations: int, *, seed: int = 1) -> Load:
    operators = max(2, declarations // _DECLARATIONS_AN_OPERATOR)
    return Load(count=declarations, operators=operators, seed=seed, today=datetime.now(UTC).date())


def _fresh(name: str) -> Path:
    """Gives an empty folder for a bench's system."""
    home = read_settings().home / "bench" / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    return home


def _receipts(home: Path, name: str) -> ReceiptsFile:
    return ReceiptsFile.begin(home / f"{name}.ndjson", Run(uuid4().hex, 0))
