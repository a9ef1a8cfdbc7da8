"""What people enter in forms, as the API takes it."""

import re

_SEPARATED = re.compile(r"[\r\n;,]+")


def lines_of(text: str) -> list[str]:
    """Gives the entries of a field that takes one a line; commas and semicolons separate too."""
    return [line.strip() for line in _SEPARATED.split(text) if line.strip()]
