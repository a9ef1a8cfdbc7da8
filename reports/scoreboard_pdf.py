"""The scoreboard's page as a PDF: tagged, with charts, typeset by typst from `scoreboard.typ`."""

import threading
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import msgspec
import typst

from reports.figures import Facts
from reports.indicators import Indicators, definitions
from reports.scoreboard_charts import charts
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

#: Readable by machines for blind readers (PDF/UA-1).
_STANDARDS: "typst.PDFStandards" = ["ua-1"]
_MAIN = b"""#import "/scoreboard.typ": render
#let content = json("content.json")
#set document(title: content.title)
#set text(lang: content.lang)
#render(content)
"""
_compiling = threading.Lock()


def pdf(facts: Facts, table: Indicators | None, language: str) -> bytes:
    """Gives the PDF of a period in one language; the same figures give the same bytes."""
    # our typeface has no narrow no-break space, and that of another is too narrow to be seen
    content = msgspec.json.encode(_content(facts, table, language)).decode().replace("\u202f", "\u00a0")
    sources = {"main": _MAIN, "content.json": content.encode()}
    made_at = int(facts.made_at.timestamp())
    with _compiling:
        # the stubs know no sources in memory
        made = _compiler().compile(sources, format="pdf", pdf_standards=_STANDARDS, timestamp=made_at)  # type: ignore[type-var]
    assert isinstance(made, bytes)  # only pictures come as lists, and only files as None
    return made


def _content(facts: Facts, table: Indicators | None, language: str) -> dict[str, Any]:
    said, indicators = words(language), definitions(language).indicators
    states = [*by_name(table.states, language), table.average] if table and table.states else []
    return {
        "lang": language,
        "title": said["title"],
        "period": period(facts, language),
        "key-messages": said["key_messages"],
        "message": message(facts, language),
        "overall": said["overall"],
        "performance": said["performance"],
        "thresholds": [
            [f"[{each.number}] {each.label}", each.green.shown, each.yellow.shown, each.red.shown]
            for each in indicators
        ],
        "head": [said["member_state"], *(f"[{each.number}]" for each in indicators), said["sum"]],
        "states": [state_cells(state, language) for state in states],
        "no-requests": said["no_requests"],
        "basis": basis(table, language) if table else "",
        "facts": said["facts"],
        "fact-lines": list(fact_lines(facts, language)),
        "charts": [
            {"title": each.title, "svg": each.svg.replace("currentColor", "#1a1a1a"), "alt": each.alternative}
            for each in charts(facts, language)
        ],
        "tables": [
            {
                "title": said["tables"][name],
                "head": [said["columns"][column] for column in (name, "declarations", "operators")],
                "rows": [
                    [
                        label(name, cell.key, language),
                        number(cell.declarations, language),
                        number(cell.operators, language),
                    ]
                    for cell in getattr(facts, name)
                ],
            }
            for name in DIMENSIONS
        ],
        "hidden": hidden(facts, language),
        "source": source(facts, language),
    }


@cache
def _compiler() -> typst.Compiler:
    with as_file(files("reports")) as folder, as_file(files("web") / "typeface") as typeface:
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(typeface)])
        return typst.Compiler(root=folder, font_paths=fonts)
