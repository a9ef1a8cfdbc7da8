"""How the number of users changes over a run: steady, a renewal night, or up to where it breaks."""

import itertools
from collections.abc import Callable

#: Part of the run at which a renewal night begins, is at its height, and is over (domain.md 4.6: minutes of burst).
_NIGHT = ((0.0, 0.05), (0.2, 0.05), (0.25, 1.0), (0.6, 1.0), (0.75, 0.2), (1.0, 0.05))

Shape = Callable[[float], float]


def steady(_part: float) -> float:
    """All users from the first moment on."""
    return 1.0


def renewal_night(part: float) -> float:
    """Quiet, then shortly after midnight everybody at once, then less and less."""
    for (begin, low), (end, high) in itertools.pairwise(_NIGHT):
        if begin <= part <= end:
            return low + (high - low) * (part - begin) / (end - begin)
    return _NIGHT[-1][1]


def ramp(part: float) -> float:
    """More and more users, evenly, to the end; the run stops where it breaks."""
    return part


SHAPES: dict[str, Shape] = {"steady": steady, "renewal-night": renewal_night, "ramp": ramp}
