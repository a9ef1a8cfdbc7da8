"""Shapes of numbers, written as patterns, as sequences of what may stand at each place.

Patterns of numbers are simple: characters, classes, how often, and alternatives. Each is the same as some sequences
of sets of characters, which are compared with a number place by place.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PART = re.compile(r"(\[[A-Z0-9-]+\]|\\d|[A-Z0-9])(?:\{(\d+)(?:,(\d+))?\}|(\?))?")
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Sequences:
    """Sequences as numbers: `masks[i, place]` has a bit for each of 0-9 and A-Z that may stand there."""

    masks: NDArray[np.uint64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, made: Sequence[Sequence[int]]) -> "Sequences":
        """Puts sequences of masks side by side."""
        masks = np.zeros((len(made), max(map(len, made))), np.uint64)
        for place, sequence in enumerate(made):
            masks[place, : len(sequence)] = sequence
        return cls(masks, np.array([len(sequence) for sequence in made], np.int64))


def sequences(pattern: str) -> list[list[int]]:
    """Gives the sequences of masks that a pattern stands for. Raises `ValueError` if it is not that simple."""
    made = []
    for alternative in pattern.split("|"):
        parts = list(_PART.finditer(alternative))
        if "".join(part[0] for part in parts) != alternative:
            raise ValueError(f"{pattern!r} has more than characters, classes and how often they stand")
        choices = [[[_mask(part[1])] * times for times in _times(part)] for part in parts]
        made += [list(itertools.chain.from_iterable(chosen)) for chosen in itertools.product(*choices)]
    return made


def _times(part: re.Match[str]) -> range:
    _, least, most, optional = part.groups()
    if optional:
        return range(2)
    return range(int(least or 1), int(most or least or 1) + 1)


def _mask(characters: str) -> int:
    shape = re.compile(characters)
    return sum(1 << place for place, one in enumerate(_CHARACTERS) if shape.fullmatch(one))
