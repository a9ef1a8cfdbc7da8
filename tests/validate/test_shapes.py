"""Shapes of numbers: the same numbers fit them, and the table of steps, as fit the pattern."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validate.licences import SHAPES
from validate.plates import SERIES
from validate.shapes import CHARACTERS, Shape, shapes
from validate.steps import BEGIN, Steps

_PATTERNS = sorted({shape.pattern for shape in SHAPES.values()} | {series.pattern for series in SERIES.values()})
_STEPS = Steps.of({kind: shapes(pattern) for kind, pattern in enumerate(_PATTERNS[:64])})
_patterns = st.sampled_from(_PATTERNS)


def _fits(number: str, shape: Shape) -> bool:
    return len(shape) == len(number) and all(
        mask >> CHARACTERS.index(one) & 1 for mask, one in zip(shape, number, strict=True)
    )


@given(_patterns, st.text(CHARACTERS, max_size=16))
def test_any_number_fits_as_it_fits_the_pattern(pattern: str, number: str) -> None:
    fits = any(_fits(number, shape) for shape in shapes(pattern))
    assert fits == (re.fullmatch(pattern, number) is not None)


@given(_patterns.flatmap(lambda pattern: st.tuples(st.just(pattern), st.from_regex(pattern, fullmatch=True))))
def test_every_number_of_the_pattern_fits(drawn: tuple[str, str]) -> None:
    pattern, number = drawn
    if set(number) <= set(CHARACTERS):  # \d takes digits of other scripts too
        assert any(_fits(number, shape) for shape in shapes(pattern))


@given(_patterns.flatmap(lambda pattern: st.from_regex(pattern, fullmatch=True)) | st.text(CHARACTERS, max_size=16))
def test_steps_lead_a_number_to_all_kinds_that_it_is_of(number: str) -> None:
    if not set(number) <= set(CHARACTERS):
        return
    state = BEGIN
    for one in number:
        state = int(_STEPS.follow[state, CHARACTERS.index(one)])
    kinds = int(_STEPS.kinds[state])
    for kind, pattern in enumerate(_PATTERNS[:64]):
        assert kinds >> kind & 1 == (re.fullmatch(pattern, number) is not None), pattern


@pytest.mark.parametrize("pattern", [r"(?=AB)\d+", r"(?=.*\d)[A-Z0-9]{8}", r"A(?:B", r"A(?:B|C))", "A*", "a"])
def test_a_pattern_that_says_more_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="more than characters"):
        shapes(pattern)
