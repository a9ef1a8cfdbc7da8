"""The scoreboard's page for any period: what it says, and its forms as text, JSON, CSV, Parquet and PDF."""

import csv
import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import typst
from msgspec import Struct

from reports.charts import Bar, bars, columns, month_marks, number
from reports.figures import Cell, Facts
from reports.indicators import Indicators, Performance, definitions
from schemas.languages import SOURCE, country_name

Form = Literal["text", "json", "csv", "parquet", "pdf"]
_MILLION = 1_000_000
_CHARTED = 15
_DIMENSIONS = ("origins", "hosts", "operations", "carriages", "weeks")
_MAIN = """#import "/scoreboard.typ": render
#let content = json(bytes("%s"))
#set document(title: content.title)
#render(content)
"""
_compiling = threading.Lock()


class Chart(Struct, frozen=True):
    """A picture of a table, as SVG, with the text that stands for it."""

    name: str
    svg: str
    alternative: str


class Page(Struct, frozen=True, rename="camel"):
    """Everything that the page of a period says. Facts of one host have no indicators."""

    facts: Facts
    indicators: Indicators | None = None


@cache
def words() -> dict[str, Any]:
    """Gives the page's words, in English."""
    said: dict[str, Any] = msgspec.toml.decode((files("reports") / "data" / "scoreboard.toml").read_bytes())
    return said


def write(page: Page, form: Form) -> bytes:
    """Gives the page in one form; CSV and Parquet hold the tables, one line a cell."""
    match form:
        case "text":
            return ("\n".join(text(page)) + "\n").encode()
        case "json":
            return msgspec.json.encode(page) + b"\n"
        case "csv":
            return _csv(page.facts)
        case "parquet":
            return _parquet(page.facts)
        case "pdf":
            return _pdf(page)


def text(page: Page) -> list[str]:
    """Gives the page as lines of plain text, its tables as the Scoreboard prints them."""
    facts, said = page.facts, words()
    lines = [said["title"], said["period"].format(since=facts.since, until=facts.until), ""]
    lines += [said["key_messages"], message(facts), ""]
    if page.indicators:
        lines += [said["overall"], *indicator_lines(page.indicators), ""]
    lines += [said["facts"], *(f"- {fact}" for fact in fact_lines(facts)), ""]
    for name in _DIMENSIONS:
        lines += [said["tables"][name]]
        lines += [
            f"{label(name, cell.key)} | {number(cell.declarations)} | {number(cell.operators)}"
            for cell in getattr(facts, name)
        ]
        lines.append("")
    return [*lines, _hidden_line(facts), said["source"].format(made_at=f"{facts.made_at:%Y-%m-%d %H:%M} UTC")]


def message(facts: Facts) -> str:
    """Gives the key message: round numbers, as the Scoreboard has them."""
    filled: str = words()["message"].format(
        operators=about(facts.operators),
        declarations=rounded(facts.declarations),
        total=rounded(facts.declarations_total),
        first_day=facts.first_day,
    )
    return filled


def fact_lines(facts: Facts) -> list[str]:
    """Gives the facts and figures, exact numbers."""
    said = words()
    lines = []
    if facts.authorities is not None:
        lines += [
            said["staff"].format(officers=number(facts.officers), authorities=number(facts.authorities)),
            said["exchanges"].format(exchanges=number(facts.exchanges), total=number(facts.exchanges_total)),
            said["alerts"].format(alerts=number(facts.alerts), notifications=number(facts.notifications)),
        ]
    counts = (facts.declarations, facts.operators, facts.declarations_total)
    declarations, operators, total = (number(count) for count in counts)
    lines.append(said["declarations"].format(declarations=declarations, operators=operators, total=total))
    if facts.drivers is not None:
        lines.append(said["drivers"].format(drivers=number(facts.drivers)))
    return lines


def indicator_lines(table: Indicators) -> Iterator[str]:
    """Gives the indicators as the Scoreboard's file has them: the thresholds, then a line for each Member State."""
    said = words()
    yield said["performance"]
    for place, indicator in enumerate(definitions().indicators):
        bands = (indicator.green, indicator.yellow, indicator.red)
        yield f"[{indicator.number}] {indicator.label} | {' | '.join(band.shown for band in bands)} |"
        if place == 0:
            yield "---|---|---|---|"
    yield ""
    if table.states:
        names = [f"[{indicator.number}]" for indicator in definitions().indicators]
        yield " | ".join([said["member_state"], *names, said["overall"]]) + " |"
        yield "---|" * (len(names) + 2)
        for state in (*table.states, table.average):
            yield " | ".join(state_cells(state)) + " |"
    else:
        yield said["no_requests"]
    yield said["basis"].format(set=definitions().sets[table.set].title, as_of=table.as_of)


def state_cells(state: Performance) -> list[str]:
    """Gives one line of the traffic-light table as text: each light has a sign and a name beside its colour."""
    said = words()
    name = said["average"] if state.country is None else country_name(state.country, SOURCE)
    cells = [name]
    for value in state.values:
        light = said["lights"][value.light] if value.light else said["not_rated"]
        cells.append(light if value.exact is None else f"{value.exact:.1f} {light}")
    overall = said["lights"][state.overall] if state.overall else said["not_rated"]
    return [*cells, overall if state.score is None else f"{state.score:+d} {overall}"]


def charts(
    facts: Facts,
    language: str = SOURCE,
    titles: Mapping[str, str] | None = None,
    written: Callable[[int | None], str] = number,
) -> list[Chart]:
    """Draws the tables by origin, host and week: in English, or with the titles and numbers of another language."""
    titles = titles or words()["tables"]
    made = []
    for name in ("origins", "hosts", "weeks"):
        cells: Sequence[Cell] = getattr(facts, name)
        cells = cells if name == "weeks" else cells[:_CHARTED]
        drawn = [Bar(label(name, cell.key, language), cell.declarations, written(cell.declarations)) for cell in cells]
        alternative = "; ".join(f"{bar.label}: {bar.text}" for bar in drawn)
        if name == "weeks":
            svg = columns(name, titles[name], alternative, drawn, month_marks([cell.key for cell in cells]), written)
        else:
            svg = bars(name, titles[name], alternative, drawn)
        made.append(Chart(name, svg, f"{titles[name]}. {alternative}"))
    return made


def label(table: str, key: str, language: str = SOURCE) -> str:
    """Gives the name of a line: countries by their names, codes by their words (in English)."""
    if table in ("origins", "hosts"):
        return country_name(key, language)
    if table in ("operations", "carriages"):
        return str(words()[table.removesuffix("s")][key])
    return key


def rounded(count: int) -> str:
    """Gives a large number in round millions, a smaller one as it is."""
    return f"{(count + _MILLION // 2) // _MILLION} million" if count >= _MILLION else number(count)


def about(count: int) -> str:
    """Gives a large number as more than so many millions, a smaller one as it is."""
    return f"more than {count // _MILLION} million" if count > _MILLION else number(count)


def _hidden_line(facts: Facts) -> str:
    least = facts.smallest
    hidden: str = words()["hidden"]
    return hidden.format(declarations=least.smallest_declarations, operators=least.smallest_operators)


def _cells(facts: Facts) -> Iterator[tuple[str, str, str | None, int | None, int | None, bool]]:
    """Gives every cell on a line of its own: table, key, second key, declarations, operators, hidden."""
    yield "all", "all", None, facts.declarations, facts.operators, False
    for name in _DIMENSIONS:
        for cell in getattr(facts, name):
            hidden = cell.declarations is None
            yield name, cell.key, None, cell.declarations, cell.operators, hidden
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
        *values, hidden = cell
        writer.writerow([facts.since, facts.until, facts.host, *values, str(hidden).lower()])
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


def _pdf(page: Page) -> bytes:
    said = words()
    facts = page.facts
    content = {
        "title": said["title"],
        "period": said["period"].format(since=facts.since, until=facts.until),
        "key-messages": said["key_messages"],
        "message": message(facts),
        "overall": said["overall"],
        "thresholds": [
            [f"[{each.number}] {each.label}", each.green.shown, each.yellow.shown, each.red.shown]
            for each in definitions().indicators
        ],
        "performance": said["performance"],
        "head": [said["member_state"], *(f"[{each.number}]" for each in definitions().indicators), "Σ"],
        "states": [state_cells(state) for state in (*page.indicators.states, page.indicators.average)]
        if page.indicators and page.indicators.states
        else [],
        "no-requests": said["no_requests"],
        "basis": said["basis"].format(set=definitions().sets[page.indicators.set].title, as_of=page.indicators.as_of)
        if page.indicators
        else "",
        "facts": said["facts"],
        "fact-lines": fact_lines(facts),
        "charts": [
            {
                "title": said["tables"][each.name],
                "svg": each.svg.replace("currentColor", "#1a1a1a"),
                "alt": each.alternative,
            }
            for each in charts(facts)
        ],
        "tables": [
            {
                "title": said["tables"][name],
                "head": [
                    said["columns"][name.removesuffix("s")],
                    said["columns"]["declarations"],
                    said["columns"]["operators"],
                ],
                "rows": [
                    [label(name, cell.key), number(cell.declarations), number(cell.operators)]
                    for cell in getattr(facts, name)
                ],
            }
            for name in _DIMENSIONS
        ],
        "hidden": _hidden_line(facts),
        "source": said["source"].format(made_at=f"{facts.made_at:%Y-%m-%d %H:%M} UTC"),
    }
    encoded = msgspec.json.encode(content).decode()
    main = (_MAIN % encoded.replace("\\", "\\\\").replace('"', '\\"')).encode()
    with _compiling:
        pdf = _compiler().compile(main, format="pdf", pdf_standards=["ua-1"], timestamp=int(facts.made_at.timestamp()))
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _compiler() -> typst.Compiler:
    with as_file(files("reports")) as folder:
        return typst.Compiler(root=folder, font_paths=typst.Fonts(include_system_fonts=False))
