"""SQL as files: each package keeps its statements in `<package>/sql/<name>.sql`, this module reads them."""

import re
from functools import cache
from importlib.resources import files

_HEADING = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


class StatementFileError(ValueError):
    """A file of SQL statements names no statement, or one name twice."""


@cache
def load(package: str, name: str) -> dict[str, str]:
    """Reads the statements of `<package>/sql/<name>.sql` by their names.

    A statement begins after a line `-- name: xyz` and ends before the next one; what stands before the first
    heading is a comment on the file. The text is given back stripped, its last semicolon included. Callers
    must not change the dictionary: it is kept for the next caller.

    Raises `StatementFileError` if the file has no statement or a name occurs twice, `FileNotFoundError` if
    there is no such file.
    """
    text = (files(package) / "sql" / f"{name}.sql").read_text("utf-8")
    _, *pieces = _HEADING.split(text)
    names = pieces[::2]
    if not names:
        raise StatementFileError(f"{package}/sql/{name}.sql has no line '-- name: ...'")
    if len(set(names)) < len(names):
        raise StatementFileError(f"{package}/sql/{name}.sql has a name twice: {sorted(names)}")
    return dict(zip(names, (piece.strip() for piece in pieces[1::2]), strict=True))
