"""The charts of the scoreboard's page: its tables by origin, host and week as pictures."""

from collections.abc import Sequence

from msgspec import Struct

from reports.charts import Bar, bars, columns, month_marks
from reports.figures import Cell, Facts
from reports.scoreboard_words import Written, label, number, words
from schemas.languages import SOURCE

_CHARTED = 15


class Chart(Struct, frozen=True):
    """A picture of a table, as SVG, with the text that stands for it."""

    name: str
    title: str
    svg: str
    alternative: str


def charts(facts: Facts, language: str = SOURCE, written: Written = number) -> list[Chart]:
    """Draws the tables by origin, host and week; `written` writes a number in a language."""
    made = []
    for name in ("origins", "hosts", "weeks"):
        title = words(language)["tables"][name]
        cells: Sequence[Cell] = getattr(facts, name)
        cells = cells if name == "weeks" else cells[:_CHARTED]
        drawn = [
            Bar(label(name, cell.key, language), cell.declarations, written(cell.declarations, language))
            for cell in cells
        ]
        alternative = "; ".join(f"{bar.label}: {bar.text}" for bar in drawn)
        if name == "weeks":
            marks = month_marks([cell.key for cell in cells])
            svg = columns(name, title, alternative, drawn, marks, lambda value: written(value, language))
        else:
            svg = bars(name, title, alternative, drawn)
        made.append(Chart(name, title, svg, f"{title}. {alternative}"))
    return made
