"""`rtpd generate`: realistic declarations, as many as wanted, always the same for one seed."""

import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from loadtests.generator import Generator, Load
from rtpd.output import Json
from schemas.codes import country as iso_country

#: Where a single operator is established unless told otherwise, the demo's among them.
_COUNTRY = "PL"

_Count = Annotated[int, Parameter(validator=Number(gte=0))]
_AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]
_Share = Annotated[float, Parameter(validator=Number(gte=0, lte=1))]


def generate(
    *,
    count: _Count = 1000,
    seed: int = 1,
    operators: _AtLeastOne = 1,
    operators_file: Path | None = None,
    operator_id: UUID | None = None,
    country: str | None = None,
    delegated: bool = False,
    errors: _Share = 0.0,
    today: date | None = None,
    days: _AtLeastOne = 14,
    rounds: _AtLeastOne = 1,
    json: Json = False,
) -> None:
    """Write realistic declarations as NDJSON to the standard output.

    Example: `rtpd generate --count 100000 | rtpd submit -`

    Parameters
    ----------
    count: Lines to write.
    seed: The same seed gives the same lines.
    operators: Operators that make them. Lines of several operators name theirs.
    operators_file: Also write the operators there, for `rtpd operator import`.
    operator_id: Make all lines for this one operator, which exists already.
    country: Where all operators are established; by default PL for one, as in the Union for several.
    delegated: Name the operator on every line, also if there is only one.
    errors: Share of lines that intake must refuse, 0 to 1.
    today: Day from which the postings' dates are reckoned.
    days: Days over which the postings begin.
    rounds: Times that every operator comes to renew.
    json: Print a summary as JSON to the standard error.
    """
    load = Load(
        count=count,
        seed=seed,
        operators=operators,
        today=today or datetime.now(UTC).date(),
        days=days,
        rounds=rounds,
        errors=errors,
        operator_id=operator_id,
        country=iso_country(country) if country else (_COUNTRY if operators == 1 else None),
        delegated=delegated or operators > 1,
    )
    generator = Generator(load)
    begun = time.perf_counter()
    if operators_file:
        with operators_file.open("wb") as file:
            for lines in generator.operators():
                file.write(lines)
    written = 0
    for lines in generator.declarations():
        written += sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()
    if json:
        seconds = time.perf_counter() - begun
        summary = {"declarations": count, "operators": load.operators, "bytes": written, "seconds": seconds}
        sys.stderr.write(msgspec.json.encode(summary).decode() + "\n")
