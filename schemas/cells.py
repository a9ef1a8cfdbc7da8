"""Texts in the cells of CSV files: none of them may be a formula to who opens the file in a spreadsheet.

Source: OWASP, CSV Injection.
"""

from typing import TypeVar

Value = TypeVar("Value")
_ARMED = ("=", "+", "-", "@", "\t", "\r", "\n")


def unarmed(value: Value) -> Value | str:
    """Puts an apostrophe before a text that a spreadsheet would reckon with; anything else stays as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_ARMED) else value


def as_meant(cell: str) -> str:
    """Takes the apostrophe away again, so that a file of ours can be read back."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _ARMED and len(cell) > 1 else cell
