"""The heading of a file: which column is which field, and the nearest known name for one that is none."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from ingest.http import RefusedError
from schemas.problem import Problem
from validate.problems import problem

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


class Columns:
    """The fields of a file's columns, by their places."""

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = tuple(fields)

    def given(self, row: Sequence[str]) -> dict[str, str]:
        """Gives the cells of a row that say something, by field."""
        given = {field: cell for field, cell in zip(self.fields, row, strict=False) if cell}
        for place in range(len(self.fields), len(row)):
            if row[place]:
                given[f"column {letters(place)}"] = row[place]
        return given


def names(fields: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    """Makes what `recognise` looks columns up in: a field for each name, in any case and with any separators."""
    pairs = fields.items() if isinstance(fields, Mapping) else ((name, name) for name in fields)
    return {_folded(name): field for name, field in pairs}


def recognise(heading: Sequence[str], known: Mapping[str, str]) -> Columns:
    """Reads a heading. Raises `RefusedError` with a problem for each column that is not known or comes twice."""
    fields: list[str] = []
    problems: list[Problem] = []
    for place, name in enumerate(heading):
        field = known.get(_folded(name)) if name else f"column {letters(place)}"
        if field is None:
            problems.append(_unknown(place, name, known))
            field = f"column {letters(place)}"
        elif field in fields:
            other = letters(fields.index(field))
            problems.append(problem("column_twice", f"/{field}", place=letters(place), other=other, column=field))
        fields.append(field)
    if problems:
        raise RefusedError("file_columns_unknown", *problems)
    return Columns(fields)


def letters(place: int) -> str:
    """Gives a column's letters for its place from 0: A, B, ... Z, AA."""
    text, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        text = chr(65 + digit) + text
    return text


def _unknown(place: int, name: str, known: Mapping[str, str]) -> Problem:
    close = get_close_matches(_folded(name), known, n=1, cutoff=0.65)
    nearest = known[close[0]] if close else None
    return problem("unknown_column", "", place=letters(place), column=name[:100], nearest=nearest)


def _folded(name: str) -> str:
    return _NOT_LETTERS.sub("", name.casefold())
