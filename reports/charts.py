"""Charts as SVG, drawn on the server: readable without a script, by eye and by screen reader, also on a phone.

One hue, so that nothing depends on telling colours apart; every bar has its number as text; what is hidden is
hatched and says so. Each picture has a title and a description, and its page has the same numbers as a table.
"""

from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

_HUE = "#2f6fb7"  # 5.1 to 1 on white, 3.2 to 1 on the dark ground of our pages
_FONT = "Posting Sans, Libertinus Serif, system-ui, sans-serif"
_WIDTH = 420  # so narrow that a phone shows the letters hardly smaller
_LABEL_WIDTH = 130
_LONGEST_LABEL = 20
_NUMBER_WIDTH = 76
_ROW = 22
_COLUMN_HEIGHT = 200
_BELOW = 34
_ABOVE = 14
_LEFT = 64
_MOST_MARKS = 6


class Bar(NamedTuple):
    """One bar: what it stands for, how long it is (None if hidden), and its number as text."""

    label: str
    value: int | None
    text: str


def bars(name: str, title: str, description: str, rows: Sequence[Bar]) -> str:
    """Draws horizontal bars, one a row; `name` keeps the ids of several charts on one page apart."""
    room = _WIDTH - _LABEL_WIDTH - _NUMBER_WIDTH
    largest = max((bar.value or 0 for bar in rows), default=0) or 1
    drawn = []
    for number, bar in enumerate(rows):
        y = number * _ROW
        length = round(room * bar.value / largest, 1) if bar.value is not None else 14.0
        label = bar.label if len(bar.label) <= _LONGEST_LABEL else bar.label[: _LONGEST_LABEL - 1].rstrip() + "…"
        drawn.append(_text(_LABEL_WIDTH - 8, y + 15, label, "end"))
        drawn.append(_bar(name, _LABEL_WIDTH, y + 4, max(length, 1), _ROW - 8, bar))
        drawn.append(_text(_LABEL_WIDTH + max(length, 1) + 6, y + 15, bar.text, "start"))
    return _picture(name, title, description, len(rows) * _ROW, drawn)


def number(value: int | None, hidden: str = "–") -> str:
    """Writes a number as the Scoreboard does, 112 550, or what stands for a hidden one."""
    return hidden if value is None else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def columns(
    name: str,
    title: str,
    description: str,
    points: Sequence[Bar],
    marks: Sequence[tuple[int, str]],
    written: Callable[[int | None], str] = number,
) -> str:
    """Draws columns side by side, such as weeks; `marks` name some of them below the axis, by place.

    `written` gives the numbers beside the axis.
    """
    largest = max((point.value or 0 for point in points), default=0) or 1
    top = _round_up(largest)
    step = (_WIDTH - _LEFT) / max(len(points), 1)
    drawn = []
    for quarter in range(5):
        y = _ABOVE + _COLUMN_HEIGHT * (4 - quarter) / 4
        drawn.append(f'<path d="M{_LEFT} {y:g}H{_WIDTH}" stroke="currentColor" stroke-opacity=".25"/>')
        drawn.append(_text(_LEFT - 8, y + 4, written(top * quarter // 4), "end"))
    for place, point in enumerate(points):
        height = _COLUMN_HEIGHT * point.value / top if point.value is not None else 14
        left = _LEFT + place * step
        drawn.append(_bar(name, left + step * 0.1, _ABOVE + _COLUMN_HEIGHT - height, step * 0.8, height, point))
    for place, label in marks:
        drawn.append(_text(_LEFT + (place + 0.5) * step, _ABOVE + _COLUMN_HEIGHT + 20, label, "middle"))
    return _picture(name, title, description, _ABOVE + _COLUMN_HEIGHT + _BELOW, drawn)


def month_marks(weeks: Sequence[str]) -> list[tuple[int, str]]:
    """Gives marks, mm/yyyy, for weeks named by their Mondays (ISO dates): the first week of each third month or so."""
    first_of_month = [0] if weeks else []
    first_of_month += [place + 1 for place, (one, other) in enumerate(pairwise(weeks)) if one[:7] != other[:7]]
    every = max(1, -(-len(first_of_month) // _MOST_MARKS))
    return [(place, f"{weeks[place][5:7]}/{weeks[place][:4]}") for place in first_of_month[::every]]


def _bar(name: str, x: float, y: float, width: float, height: float, bar: Bar) -> str:
    fill = f"url(#{name}-hidden)" if bar.value is None else _HUE
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{fill}"><title>{escape(bar.label)}: {escape(bar.text)}</title></rect>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">{escape(text)}</text>'


def _picture(name: str, title: str, description: str, height: float, drawn: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" width="{_WIDTH}" '
        f'height="{height:g}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'font-family="{_FONT}" font-size="13">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        f'<defs><pattern id="{name}-hidden" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path d="M0 0V6" stroke="currentColor" stroke-width="2"/></pattern></defs>'
        f"{''.join(drawn)}</svg>"
    )


def _round_up(value: int) -> int:
    """Gives a round number, divisible by four, that is not smaller."""
    step = 4 * max(1, int(10 ** (len(str(value)) - 2)))
    return -(-value // step) * step
