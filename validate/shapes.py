"""Shapes of numbers, written as patterns, as sequences of what may stand at each place.

Patterns of numbers are simple: characters, classes, groups, how often, and alternatives. Each is the same as some
sequences of sets of characters, which are compared with a number place by place (`validate/steps.py`).
"""

import itertools
import re
from collections.abc import Iterable

_ONE = re.compile(r"\[[A-Z0-9-]+\]|\\d|[A-Z0-9]")
_TIMES = re.compile(r"\{(\d+)(?:,(\d+))?\}|(\?)")
_LENGTH = re.compile(r"\(\?=\.\{(\d+),(\d+)\}\$\)")
_GROUP = "(?:"

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: A mask for each place, with a bit for each of `CHARACTERS` that may stand there.
Shape = tuple[int, ...]


def shapes(pattern: str) -> list[Shape]:
    """Gives the shapes that a pattern stands for, each once. Raises `ValueError` if it is not that simple."""
    made, at = _alternatives(pattern, 0)
    if at < len(pattern):
        raise _says_more(pattern)
    return made


def _alternatives(pattern: str, at: int) -> tuple[list[Shape], int]:
    made, at = _one_after_another(pattern, at)
    while pattern.startswith("|", at):
        more, at = _one_after_another(pattern, at + 1)
        made += more
    return list(dict.fromkeys(made)), at


def _one_after_another(pattern: str, at: int) -> tuple[list[Shape], int]:
    length = _LENGTH.match(pattern, at)
    at = length.end() if length else at
    made: list[Shape] = [()]
    while True:
        choices: list[Shape]
        if one := _ONE.match(pattern, at):
            choices, at = [(_mask(one[0]),)], one.end()
        elif pattern.startswith(_GROUP, at):
            choices, at = _alternatives(pattern, at + len(_GROUP))
            if not pattern.startswith(")", at):
                raise _says_more(pattern)
            at += 1
        else:
            break
        times, at = _times(pattern, at)
        repeated = [_joined(chosen) for count in times for chosen in itertools.product(choices, repeat=count)]
        made = [first + then for first in made for then in repeated]
    if length:
        made = [shape for shape in made if int(length[1]) <= len(shape) <= int(length[2])]
    return made, at


def _times(pattern: str, at: int) -> tuple[range, int]:
    times = _TIMES.match(pattern, at)
    if times is None:
        return range(1, 2), at
    least, most, optional = times.groups()
    return range(2) if optional else range(int(least), int(most or least) + 1), times.end()


def _says_more(pattern: str) -> ValueError:
    return ValueError(f"{pattern!r} has more than characters, classes, groups and how often they stand")


def _joined(parts: Iterable[Shape]) -> Shape:
    return tuple(itertools.chain.from_iterable(parts))


def _mask(characters: str) -> int:
    shape = re.compile(characters)
    return sum(1 << place for place, one in enumerate(CHARACTERS) if shape.fullmatch(one))
