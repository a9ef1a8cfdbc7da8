"""Literals: DuckDB reads back the very text, whatever is in it."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.literals import literal, literals

_texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)


@given(st.lists(_texts, min_size=1, max_size=5))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {literal(texts[0])}, {literals(texts)}").fetchone() == (texts[0], texts)


def test_a_zero_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="A"):
        literal("A\0")
