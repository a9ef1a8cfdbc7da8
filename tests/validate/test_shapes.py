"""Shapes as sequences of characters: the same numbers fit them as fit the pattern."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validate.licences import SHAPES
from validate.shapes import sequences

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_shapes = st.sampled_from(sorted(shape.pattern for shape in SHAPES.values()))


def _fits(number: str, pattern: str) -> bool:
    return any(
        len(sequence) == len(number)
        and all(mask >> _CHARACTERS.index(one) & 1 for mask, one in zip(sequence, number, strict=True))
        for sequence in sequences(pattern)
    )


@given(_shapes, st.text(_CHARACTERS, max_size=16))
def test_any_number_fits_as_it_fits_the_pattern(pattern: str, number: str) -> None:
    assert _fits(number, pattern) == (re.fullmatch(pattern, number) is not None)


@given(_shapes.flatmap(lambda pattern: st.tuples(st.just(pattern), st.from_regex(pattern, fullmatch=True))))
def test_every_number_of_the_pattern_fits(drawn: tuple[str, str]) -> None:
    pattern, number = drawn
    if set(number) <= set(_CHARACTERS):  # \d takes digits of other scripts too
        assert _fits(number, pattern)


def test_a_pattern_that_says_more_is_refused() -> None:
    with pytest.raises(ValueError, match="more than characters"):
        sequences(r"(?=AB)\d+")
