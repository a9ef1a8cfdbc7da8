"""The transport operators of a load: how large, where, how many declarations each makes, in which order they come.

Sizes follow a Pareto law within the classes of domain.md 4.6 and are dealt out by quantile, so that even a small
population has its large operators; a declaration takes its number from its operator's size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loadtests.draws import Draws, Numbers, Words
from loadtests.model import Weighted, places, shares

#: How an operator fills the plate lists of its declarations.
OWN, GROUP, FLEET = range(3)
_DECLARATIONS_A_DRIVER = 11  # domain.md 4.6: one for each host state


@dataclass(frozen=True, slots=True)
class Population:
    """All operators of a load, a row each; `country` is a place in `places().codes`."""

    country: NDArray[np.int16]
    employed: NDArray[np.int32]
    vehicles: NDArray[np.int32]
    declarations: NDArray[np.int64]
    hosts: NDArray[np.int16]
    lists: NDArray[np.int8]
    group_plates: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.country)

    def plates(self) -> NDArray[np.int32]:
        """Gives about how many plates stand on a declaration of each operator."""
        return np.where(
            self.lists == FLEET,
            self.vehicles,
            np.where(self.lists == GROUP, np.minimum(self.vehicles, self.group_plates), 2),
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of one round, one after another: for each its operator and which of the operator's lines it is."""

    round: int
    operator: Numbers
    nth: Numbers


def populate(draws: Draws, operators: int, count: int, country: str | None = None) -> Population:
    """Draws `operators` operators that make `count` declarations together, all in `country` if it is given."""
    who = np.arange(operators)
    origins = Weighted(shares()["origins"] if country is None else {country: 1.0})
    home = places().index(origins.names)[draws.choice("operator.country", origins.shares, who)]
    if operators == 1:
        employed = np.clip([count // _DECLARATIONS_A_DRIVER], 1, shares()["sizes"][-1]["drivers"][1])
    else:
        employed = _employed(draws.words("operator.rank", who))
    sizes = shares()["sizes"]
    size = np.searchsorted([row["drivers"][0] for row in sizes], employed, side="right") - 1
    fewest, most = (np.array([row["hosts"][end] for row in sizes])[size] for end in (0, 1))
    kinds = np.array([[row["lists"][kind] for kind in ("own", "group", "fleet")] for row in sizes])
    lists = (draws.units("operator.lists", who)[:, None] >= np.cumsum(kinds, axis=1)[size, :2]).sum(axis=1)
    fleet = shares()["fleet"]
    vehicles = np.clip(employed * fleet["vehicles_per_driver"] + 1, 2, fleet["most_vehicles"])
    return Population(
        home.astype(np.int16),
        employed.astype(np.int32),
        vehicles.astype(np.int32),
        _dealt(employed, count),
        (fewest + draws.below("operator.hosts", most - fewest + 1, who)).astype(np.int16),
        lists.astype(np.int8),
        np.array([row["group_plates"] for row in sizes])[size].astype(np.int16),
    )


def _employed(words: Words) -> Numbers:
    """Deals the drivers employed to operators in a random order, by quantiles of the classes' Pareto laws."""
    rank = np.empty(len(words))
    rank[np.argsort(words)] = (np.arange(len(words)) + 0.5) / len(words)
    sizes = shares()["sizes"]
    share = np.array([row["share"] for row in sizes])
    bounds = np.cumsum(share)
    size = np.searchsorted(bounds[:-1], rank, side="right")
    within = 1 - (bounds[size] - rank) / share[size]
    low, high = (np.array([row["drivers"][end] for row in sizes], np.float64)[size] for end in (0, 1))
    employed: Numbers = np.clip(low / (1 - within * (1 - low / (high + 1))), low, high).astype(np.int64)
    return employed


def _dealt(employed: Numbers, count: int) -> Numbers:
    """Deals out `count` declarations: one to each operator, the rest by the drivers it employs."""
    operators = len(employed)
    if count < operators:
        until: Numbers = (np.arange(operators + 1) * count) // operators
    else:
        weight = np.cumsum(employed, dtype=np.float64)
        more = np.floor(weight / weight[-1] * (count - operators) + 0.5).astype(np.int64)
        until = np.concatenate([[0], more]) + np.arange(operators + 1)
    return np.diff(until)


def stretches(draws: Draws, population: Population, rounds: int, size: int) -> Iterator[Stretch]:
    """Walks all lines in order, in stretches of about `size` bytes: round by round, operator by operator."""
    who = np.arange(len(population))
    phase = draws.below("operator.phase", rounds, who)
    line_bytes = 900 + 11 * population.plates().astype(np.int64)
    for number in range(rounds):
        until, since = ((population.declarations * (number + step) + phase) // rounds for step in (1, 0))
        lines = until - since
        yield from _cut(number, lines, line_bytes, size)


def _cut(number: int, lines: Numbers, line_bytes: Numbers, size: int) -> Iterator[Stretch]:
    ends, heavy = np.cumsum(lines), np.cumsum(lines * line_bytes)
    begins, light = ends - lines, heavy - lines * line_bytes
    marks = np.arange(size, heavy[-1], size)
    operator = np.searchsorted(heavy, marks, side="right")
    cuts = np.unique(
        np.concatenate([[0], begins[operator] + (marks - light[operator]) // line_bytes[operator], ends[-1:]])
    )
    for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        begin, end = np.searchsorted(ends, [first, last - 1], side="right")
        owners = np.arange(begin, end + 1)
        counts = np.minimum(ends[owners], last) - np.maximum(begins[owners], first)
        operator_of_line = np.repeat(owners, counts)
        yield Stretch(number, operator_of_line, np.arange(first, last) - begins[operator_of_line])
