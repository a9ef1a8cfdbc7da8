"""`rtpd submit`: a file or pipe of declarations goes to intake, safely, with a receipt for every part."""

import os
import stat
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO
from uuid import uuid4

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from rtpd.caller import caller
from rtpd.client import Answer, Chunk, Intake, chunks_of
from rtpd.output import Json, print_json, print_table
from rtpd.receipts import ReceiptsError, ReceiptsFile, Run
from rtpd.settings import read_settings
from rtpd.submission import Summary, send

_SHOWN = 40

_AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]


async def submit(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    receipts: Path | None = None,
    problems: Path | None = None,
    resume: bool = False,
    run: str | None = None,
    lines: _AtLeastOne = 20_000,
    in_flight: _AtLeastOne = 3,
    compress: bool = True,
    dry_run: bool = False,
    url: str | None = None,
    api_key: str | None = None,
    operator_id: str | None = None,
    json: Json = False,
) -> int:
    """Submit declarations, one JSON object a line; exit 1 if a line was refused.

    Each part goes out under a key of its own and is sent again until it is answered: nothing is lost or doubled.
    Key and operator are those of RTPD_API_KEY and RTPD_OPERATOR_ID, else the demo's.

    Example: `rtpd submit declarations.ndjson --receipts receipts.ndjson`

    Parameters
    ----------
    file: NDJSON; - for the standard input.
    receipts: Write every signed receipt there, a line each.
    problems: Write all that was found there, a line for each; else the beginning of it is shown.
    resume: Go on where the file of receipts ends.
    run: Name of this run, with which every idempotency key begins; by default a new one.
    lines: Lines in one submission.
    in_flight: Submissions on their way at one time.
    compress: Send with zstd.
    dry_run: Have everything judged and nothing kept.
    url: Intake's address; by default that of the settings.
    api_key: Key to use instead.
    operator_id: Operator for whom the lines are that name none.
    """
    settings = read_settings()
    who = caller(settings, api_key, operator_id)
    with ExitStack() as stack:
        source = stack.enter_context(_open(file))
        size = _size(source)
        this = Run(run or uuid4().hex, lines, size)
        kept = _receipts(receipts, this, resume=resume)
        if kept:
            stack.callback(kept.close)
            this = kept.run
        found = stack.enter_context(_open_new(problems)) if problems else None
        bar = stack.enter_context(_progress(quiet=json))
        intake = Intake(
            url=url or settings.ingest_url,
            api_key=who.api_key,
            operator_id=who.operator_id,
            compress=compress,
            dry_run=dry_run,
            tell=Console(stderr=True).print if json else bar.console.print,
        )
        task = bar.add_task("declarations", total=size, told="")

        def watch(chunk: Chunk, answer: Answer | None, summary: Summary) -> None:
            told = f"{summary.accepted:,} accepted, {summary.refused:,} refused, {_rate(summary):,} a second"
            bar.update(task, advance=len(chunk.body), told=told)
            if found and answer:
                for finding in answer.problems + answer.warnings:
                    found.write(msgspec.json.encode(finding) + b"\n")

        summary = await send(
            intake,
            chunks_of(source, this.lines_each),
            run=this.run,
            in_flight=in_flight,
            receipts=kept,
            watch=watch,
        )
    if json:
        print_json(summary)
    else:
        _print(summary, dry_run=dry_run, told_elsewhere=problems is not None)
    return 1 if summary.refused else 0


def _open(file: Path) -> BinaryIO:
    return sys.stdin.buffer if str(file) == "-" else file.open("rb")


def _open_new(file: Path) -> BinaryIO:
    return file.open("wb")


def _size(source: BinaryIO) -> int | None:
    """Gives how many bytes will come, None for a pipe."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _receipts(path: Path | None, run: Run, *, resume: bool) -> ReceiptsFile | None:
    if path is None:
        if resume:
            raise ReceiptsError("--resume needs --receipts FILE, the file in which the first try wrote")
        return None
    if not (resume and path.exists()):
        return ReceiptsFile.begin(path, run)
    kept = ReceiptsFile.resume(path)
    if kept.run.bytes != run.bytes:
        raise ReceiptsError(f"{path} is of an input of {kept.run.bytes} bytes; this one has {run.bytes}")
    return kept


def _progress(*, quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[told]}"))
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=quiet)


def _rate(summary: Summary) -> int:
    return round(summary.lines / summary.seconds) if summary.seconds else 0


def _print(summary: Summary, *, dry_run: bool, told_elsewhere: bool) -> None:
    print(
        f"{summary.accepted:,} {'would be accepted' if dry_run else 'accepted'}, {summary.refused:,} refused, "
        f"{summary.warned:,} warned in {summary.submissions:,} submissions; {_rate(summary):,} lines a second"
    )
    if summary.skipped:
        print(f"{summary.skipped:,} submissions had their receipts already")
    if summary.problems and not told_elsewhere:
        rows = [
            (finding.line, problem.code, problem.pointer, problem.text, problem.suggestion)
            for finding in summary.problems
            for problem in finding.problems
        ]
        print_table("Refused", ("line", "code", "where", "why", "what to do"), rows[:_SHOWN])
        if summary.refused > _SHOWN:
            print("Not all are shown; --problems FILE writes them all.")
