"""Shapes of several kinds in one table, in which a number is told in or out with one step a character."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from validate.shapes import CHARACTERS, Shape

#: Where all numbers begin, and where those stay that are of no kind, whatever follows.
BEGIN, NOWHERE = 0, 1


@dataclass(frozen=True, slots=True)
class Steps:
    """Where a number's characters lead, from `BEGIN` on.

    `follow[state, character]` is the next state, by the character's place in `CHARACTERS`; `kinds` of the last state
    has a bit for each kind that the number is of.
    """

    follow: NDArray[np.uint16]
    kinds: NDArray[np.uint64]

    @classmethod
    def of(cls, made: Mapping[int, Sequence[Shape]]) -> "Steps":
        """Makes the table of the shapes of each kind, by the kind's bit (0 to 63)."""
        places = _Places(list(chain.from_iterable(made.values())))
        of_kind, first = dict[int, int](), 0
        for kind, own in made.items():
            of_kind[kind] = ((1 << len(own)) - 1) << first
            first += len(own)
        nowhere = (places.longest, 0)
        states = {(0, (1 << first) - 1): BEGIN, nowhere: NOWHERE}
        follow, kinds = [], []
        for place, possible in (reached := list(states)):  # grows while it is read
            ended = possible & places.ends[place]
            kinds.append(sum(1 << kind for kind, own in of_kind.items() if ended & own))
            row = []
            for character in range(len(CHARACTERS)):
                left = possible & places.may_follow[place][character]
                state = (place + 1, left) if left else nowhere
                if state not in states:
                    states[state] = len(states)
                    reached.append(state)
                row.append(states[state])
            follow.append(row)
        return cls(np.array(follow, np.uint16), np.array(kinds, np.uint64))


class _Places:
    """Shapes place by place: which end there, which go on with a character. Sets of shapes have a bit for each."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.longest = max(map(len, shapes))
        self.ends = [0] * (self.longest + 1)
        self.may_follow = [[0] * len(CHARACTERS) for _ in range(self.longest + 1)]
        for number, shape in enumerate(shapes):
            self.ends[len(shape)] |= 1 << number
            for place, mask in enumerate(shape):
                for character in range(len(CHARACTERS)):
                    self.may_follow[place][character] |= (mask >> character & 1) << number
