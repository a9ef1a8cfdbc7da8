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
from schemas.problem import Problem, Severity
from validate.file import judge_file

_SHOWN = 200
_VERDICTS: dict[Severity, str] = {"reject": "refused", "warn": "warning"}
_COLUMNS = ("line", "verdict", "field", "problem", "way out")


def validate(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    *,
    establishment: Annotated[AnyCountry | None, Parameter(name="--country", show_choices=False)] = None,
    received_on: date | None = None,
    csv: Annotated[bool, Parameter(negative="")] = False,
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
    kinds: Counter[tuple[Severity, str]] = Counter()
    rows: dict[Severity, list[tuple[object, ...]]] = {"reject": [], "warn": []}
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
            for one in verdict.problems:
                kinds[one.severity, one.code] += 1
                if len(rows[one.severity]) < _SHOWN:
                    rows[one.severity].append(_row(verdict.line, one))
    summary = {name: counts[name] for name in ("lines", "accepted", "warned", "refused")}
    if json:
        print_json(summary)
        return 1 if counts["refused"] else 0
    if shown := (rows["reject"] + rows["warn"])[:_SHOWN]:
        print_table("Problems", _COLUMNS, shown)
    if kinds.total() > len(shown):
        print_table(
            f"Only {len(shown)} of {kinds.total()} problems are shown above; --json prints all",
            ("count", "verdict", "code"),
            [(count, _VERDICTS[severity], code) for (severity, code), count in kinds.most_common()],
        )
    print(", ".join(f"{count} {name}" for name, count in summary.items()))
    return 1 if counts["refused"] else 0


def _row(line: int, found: Problem) -> tuple[object, ...]:
    return line, _VERDICTS[found.severity], found.pointer.removeprefix("/"), found.text, found.suggestion
