"""Texts as DuckDB's literals: what a statement asks for as a literal is planned once, a parameter twice."""

from collections.abc import Iterable


def literal(text: str) -> str:
    """Quotes a text. Raises `ValueError` for one with a zero byte, which no statement can have."""
    if "\0" in text:
        raise ValueError(text)
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Quotes texts as a list."""
    return f"[{', '.join(map(literal, texts))}]"
