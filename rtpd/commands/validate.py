"""`rtpd validate`: judges a file of declarations by the rules of intake, without a server."""

import sys
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

from cyclopts import Parameter

from rtpd.output import Json, print_json, print_table
from schemas.codes import AnyCountry, country
from validate.file import LineVerdict, judge_file

_SHOWN = 200
_COLUMNS = ("line", "verdict", "field", "problem", "way out")


def validate(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    *,
    establishment: Annotated[AnyCountry | None, Parameter(name="--country")] = None,
    received_on: date | None = None,
    csv: bool = False,
    json: Json = False,
) -> int:
    """Judge a file of declarations (NDJSON or CSV) as intake would, without a server. Exits 1 if a line is refused.

    Example: `rtpd validate declarations.ndjson --country PL`

    Parameters
    ----------
    file
        NDJSON, or CSV with RTPD's field names as columns and lists parted by `;`. `-` reads standard input.
    establishment
        The country in which the operator is established; without it, what depends on it is not judged.
    received_on
        The day on which the declarations would be submitted; today if left out.
    csv
        Read CSV whatever the file is called.
    json
        Print NDJSON: one object for each line with problems, and the counts in the last.
    """
    counts: Counter[str] = Counter()
    rows: list[tuple[object, ...]] = []
    with ExitStack() as stack:
        opened: BinaryIO = sys.stdin.buffer if str(file) == "-" else stack.enter_context(file.open("rb"))
        verdicts = judge_file(
            opened,
            as_csv=csv or file.suffix.lower() == ".csv",
            establishment=country(establishment or ""),
            received_on=received_on or datetime.now(UTC).date(),
        )
        for verdict in verdicts:
            counts["lines"] += 1
            counts["refused" if verdict.refused else "accepted"] += 1
            counts["warned"] += bool(verdict.problems and not verdict.refused)
            if verdict.problems and json:
                print_json(verdict)
            elif len(rows) < _SHOWN:
                rows += _rows(verdict)
    summary = {name: counts[name] for name in ("lines", "accepted", "warned", "refused")}
    if json:
        print_json(summary)
    else:
        _print(rows, summary)
    return 1 if counts["refused"] else 0


def _rows(verdict: LineVerdict) -> list[tuple[object, ...]]:
    return [
        (verdict.line, _verdict(one.severity), one.pointer.removeprefix("/"), one.text, one.suggestion)
        for one in verdict.problems
    ]


def _verdict(severity: str) -> str:
    return "refused" if severity == "reject" else "warning"


def _print(rows: list[tuple[object, ...]], summary: dict[str, int]) -> None:
    if rows:
        print_table("Problems", _COLUMNS, rows[:_SHOWN])
    if len(rows) >= _SHOWN:
        print(f"Only the first {_SHOWN} problems are shown; --json prints all.")
    print(", ".join(f"{count} {name}" for name, count in summary.items()))
