"""The scoreboard's page for any period, in its forms: text and PDF in 26 languages, JSON, CSV and Parquet."""

import csv
import io
from collections.abc import Iterator
from typing import Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from reports.figures import Facts
from reports.indicators import Indicators, definitions
from reports.scoreboard_pdf import pdf
from reports.scoreboard_words import (
    DIMENSIONS,
    basis,
    by_name,
    fact_lines,
    hidden,
    label,
    message,
    number,
    period,
    source,
    state_cells,
    words,
)
from schemas.languages import SOURCE

Form = Literal["text", "json", "csv", "parquet", "pdf"]
#: Forms that people read, so that they speak a language; the others are for programs.
SPOKEN: tuple[Form, ...] = ("text", "pdf")


class Page(Struct, frozen=True, rename="camel"):
    """Everything that the page of a period says. Facts of one host have no indicators."""

    facts: Facts
    indicators: Indicators | None = None


def write(page: Page, form: Form, language: str = SOURCE) -> bytes:
    """Gives the page in one form; CSV and Parquet hold the tables, one line a cell."""
    match form:
        case "text":
            return ("\n".join(text(page, language)) + "\n").encode()
        case "json":
            return msgspec.json.encode(page) + b"\n"
        case "csv":
            return _csv(page.facts)
        case "parquet":
            return _parquet(page.facts)
        case "pdf":
            return pdf(page.facts, page.indicators, language)


def text(page: Page, language: str = SOURCE) -> list[str]:
    """Gives the page as lines of plain text, its tables as the Scoreboard prints them."""
    facts, said = page.facts, words(language)
    lines = [said["title"], period(facts, language), ""]
    lines += [said["key_messages"], message(facts, language), ""]
    if page.indicators:
        lines += [said["overall"], *indicator_lines(page.indicators, language), ""]
    lines += [said["facts"], *(f"- {fact}" for fact in fact_lines(facts, language)), ""]
    for name in DIMENSIONS:
        lines += [said["tables"][name]]
        lines += [
            " | ".join(
                [
                    label(name, cell.key, language),
                    number(cell.declarations, language),
                    number(cell.operators, language),
                ]
            )
            for cell in getattr(facts, name)
        ]
        lines.append("")
    return [*lines, hidden(facts, language), source(facts, language)]


def indicator_lines(table: Indicators, language: str = SOURCE) -> Iterator[str]:
    """Gives the indicators as the Scoreboard's file has them: the thresholds, then a line for each Member State."""
    said, indicators = words(language), definitions(language).indicators
    yield said["performance"]
    for place, indicator in enumerate(indicators):
        bands = (indicator.green, indicator.yellow, indicator.red)
        yield f"[{indicator.number}] {indicator.label} | {' | '.join(band.shown for band in bands)} |"
        if place == 0:
            yield "---|---|---|---|"
    yield ""
    if table.states:
        names = [f"[{indicator.number}]" for indicator in indicators]
        yield " | ".join([said["member_state"], *names, said["sum"]]) + " |"
        yield "---|" * (len(names) + 2)
        for state in (*by_name(table.states, language), table.average):
            yield " | ".join(state_cells(state, language)) + " |"
    else:
        yield said["no_requests"]
    yield basis(table, language)


def _cells(facts: Facts) -> Iterator[tuple[str, str, str | None, int | None, int | None, bool]]:
    """Gives every cell on a line of its own: table, key, second key, declarations, operators, hidden."""
    yield "all", "all", None, facts.declarations, facts.operators, False
    for name in DIMENSIONS:
        for cell in getattr(facts, name):
            yield name, cell.key, None, cell.declarations, cell.operators, cell.declarations is None
    for pair in facts.pairs:
        yield "pairs", pair.origin, pair.host, pair.declarations, None, pair.declarations is None


_COLUMNS = pa.schema(
    [
        pa.field("table", pa.string(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("second_key", pa.string()),
        pa.field("declarations", pa.int64()),
        pa.field("operators", pa.int64()),
        pa.field("hidden", pa.bool_(), nullable=False),
    ]
)


def _csv(facts: Facts) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["since", "until", "posting_host", *_COLUMNS.names])
    for cell in _cells(facts):
        *values, is_hidden = cell
        writer.writerow([facts.since, facts.until, facts.host, *values, str(is_hidden).lower()])
    return lines.getvalue().encode()


def _parquet(facts: Facts) -> bytes:
    described = {"since": str(facts.since), "until": str(facts.until), "host": facts.host or ""}
    arrays = [
        pa.array(column, kind) for column, kind in zip(zip(*_cells(facts), strict=True), _COLUMNS.types, strict=True)
    ]
    table = pa.Table.from_arrays(arrays, schema=_COLUMNS.with_metadata(described))
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()
