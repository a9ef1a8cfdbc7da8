"""How commands print: a table for people, JSON for programs."""

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from cyclopts import Parameter

#: The switch that every command has.
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON, for programs.")]


def print_json(value: object) -> None:
    """Prints a struct or plain value as one line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints rows as a table; numbers are set right, None is left blank."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    Console(soft_wrap=False).print(table)
