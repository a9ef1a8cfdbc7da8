"""Small cells of a published table are hidden, and as many others as it takes that nobody can work them out.

A table is two-way, with its margins: rows, columns, a sum for each, and the sum of all. Hidden cells are the edges of a
graph between rows and columns (the margins are one more row and column). A cell can be worked out from the shown ones
exactly when its edge is a bridge of that graph, so further cells are hidden until there is no bridge, and until the
hidden cells of each row and column add up to more than a small cell would. A one-way table is a two-way one of one row.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Final, Generic, TypeVar

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


class _All:
    """The row or column of the margins."""

    def __repr__(self) -> str:
        return "ALL"


ALL: Final = _All()
_Node = tuple[str, object]
_Place = tuple[object, object]


class Table(Generic[Row, Column]):
    """A two-way table of counts; a cell that is not there is zero, which is shown as it is.

    `small` names cells, by row and column, that are to be hidden whatever their count. A margin is named with `ALL`.
    """

    def __init__(self, cells: Mapping[tuple[Row, Column], int], smallest: int, small: Iterable[_Place] = ()) -> None:
        self._smallest = smallest
        self._counts: dict[_Place, int] = {}
        for (row, column), count in cells.items():
            places: tuple[_Place, ...] = ((row, column), (row, ALL), (ALL, column), (ALL, ALL))
            for place in places:
                self._counts[place] = self._counts.get(place, 0) + count
        self._counts = {place: count for place, count in self._counts.items() if count}
        self._hidden = {place for place, count in self._counts.items() if count < smallest}
        self._hidden |= {place for place in small if place in self._counts}
        self._hidden.discard((ALL, ALL))
        self._lines: dict[_Node, list[_Place]] = {}
        for place in self._counts:
            for node in _ends(place):
                self._lines.setdefault(node, []).append(place)
        self._protect()

    @property
    def hidden(self) -> frozenset[_Place]:
        """The cells that are not shown, margins included."""
        return frozenset(self._hidden)

    def shown(self, row: object, column: object) -> int | None:
        """Gives a count, or None if it is hidden."""
        return None if (row, column) in self._hidden else self._counts.get((row, column), 0)

    def _protect(self) -> None:
        while (place := self._unsafe()) is not None:
            self._hidden.add(place)

    def _unsafe(self) -> _Place | None:
        """Gives the next cell to hide, None when all hidden ones are safe."""
        for node, places in self._lines.items():
            hidden = [place for place in places if place in self._hidden]
            if hidden and (len(hidden) < 2 or self._sum_told(hidden) < self._smallest):
                found = self._cheapest([node])
                if found is not None:
                    return found
        for bridge in _bridges(self._hidden):
            near, far = (self._reached(node, bridge) for node in _ends(bridge))
            shown = [place for place in self._counts if place not in self._hidden]
            across = [place for place in shown if any(a in near and b in far for a, b in _both_ways(place))]
            out = [place for place in shown if any(a in near and b not in near for a, b in _both_ways(place))]
            found = self._least(across or out)
            if found is not None:
                return found
        return None

    def _sum_told(self, hidden: list[_Place]) -> int:
        """What the shown cells of a line tell of its hidden ones together: the margin is on the other side."""
        inner = sum(self._counts[place] for place in hidden if ALL not in place)
        return max(inner, sum(self._counts[place] for place in hidden if ALL in place))

    def _cheapest(self, nodes: Iterable[_Node]) -> _Place | None:
        """Gives the smallest cell shown in these lines."""
        return self._least(place for node in nodes for place in self._lines[node] if place not in self._hidden)

    def _least(self, places: Iterable[_Place]) -> _Place | None:
        """Gives the smallest of some cells, margins after inner cells, the sum of all last."""
        return min(places, key=lambda place: (place.count(ALL), self._counts[place], str(place)), default=None)

    def _reached(self, start: _Node, without: _Place) -> set[_Node]:
        """Gives the rows and columns that hidden cells connect with one, leaving a cell out."""
        reached, waiting = {start}, [start]
        while waiting:
            for place in self._lines[waiting.pop()]:
                if place in self._hidden and place != without:
                    waiting += (new := set(_ends(place)) - reached)
                    reached |= new
        return reached


def _both_ways(place: _Place) -> tuple[tuple[_Node, _Node], tuple[_Node, _Node]]:
    row, column = _ends(place)
    return (row, column), (column, row)


def _ends(place: _Place) -> tuple[_Node, _Node]:
    return ("row", place[0]), ("column", place[1])


def _bridges(places: Iterable[_Place]) -> list[_Place]:
    """Finds the edges without which the graph would fall apart (Tarjan), without recursion."""
    neighbours: dict[_Node, list[tuple[_Node, _Place]]] = {}
    for place in sorted(places, key=str):
        row, column = _ends(place)
        neighbours.setdefault(row, []).append((column, place))
        neighbours.setdefault(column, []).append((row, place))
    order: dict[_Node, int] = {}
    low: dict[_Node, int] = {}
    found: list[_Place] = []
    for root in neighbours:
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack: list[tuple[_Node, _Place | None, int]] = [(root, None, 0)]
        while stack:
            node, way, at = stack.pop()
            if at < len(neighbours[node]):
                stack.append((node, way, at + 1))
                other, edge = neighbours[node][at]
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append((other, edge, 0))
                elif edge != way:
                    low[node] = min(low[node], order[other])
            elif way is not None:
                parent = stack[-1][0]
                low[parent] = min(low[parent], low[node])
                if low[node] > order[parent]:
                    found.append(way)
    return found
