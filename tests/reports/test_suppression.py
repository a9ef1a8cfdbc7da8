"""Nobody can work out a hidden cell from the shown ones: tried by solving for it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.suppression import ALL, Table

COUNTS = st.one_of(st.just(0), st.integers(1, 6), st.integers(7, 500))
TABLES = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(10, 15)), COUNTS, min_size=1, max_size=30)


def known_to_an_attacker(table: Table[int, int], cells: dict[tuple[int, int], int]) -> list[tuple[object, object]]:
    """Solves the sums of the table for its hidden cells; gives those that have one solution only."""
    unknown = sorted(table.hidden, key=str)
    place_of = {place: number for number, place in enumerate(unknown)}
    rows = [*sorted({row for row, _ in cells}), ALL]
    columns = [*sorted({column for _, column in cells}), ALL]
    equations = [[(row, column) for column in columns] for row in rows]
    equations += [[(row, column) for row in rows] for column in columns]
    matrix = np.zeros((len(equations), len(unknown)))
    for number, places in enumerate(equations):
        for place in places:
            if place in place_of:
                matrix[number, place_of[place]] = -1 if place in (places[-1],) else 1
    if not unknown:
        return []
    _, values, basis = np.linalg.svd(matrix)
    null_space = basis[np.sum(values > 1e-9) :]
    free = np.abs(null_space).max(axis=0, initial=0) > 1e-9
    return [place for place, number in place_of.items() if not free[number]]


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_no_hidden_cell_can_be_worked_out(cells: dict[tuple[int, int], int]):
    table = Table(cells, 5)
    assert known_to_an_attacker(table, cells) == [] or (ALL, ALL) in table.hidden


@settings(max_examples=200, deadline=None)
@given(TABLES)
def test_every_small_cell_is_hidden_and_every_shown_one_is_true(cells: dict[tuple[int, int], int]):
    table = Table(cells, 5)
    for (row, column), count in cells.items():
        shown = table.shown(row, column)
        assert shown == count or shown is None
        if 0 < count < 5:
            assert shown is None


def test_a_table_without_small_cells_is_shown_whole():
    table = Table({("PL", "DE"): 500, ("PL", "FR"): 40, ("LT", "DE"): 70}, 5)
    assert not table.hidden
    assert table.shown("PL", ALL) == 540
    assert table.shown(ALL, "DE") == 570


def test_one_small_cell_takes_three_others_with_it():
    cells = {(row, column): 100 + 10 * row + column for row in range(4) for column in range(4)}
    cells[1, 1] = 2
    table = Table(cells, 5)
    assert table.shown(1, 1) is None
    assert len(table.hidden) == 4
    assert table.shown(ALL, ALL) == sum(cells.values())


def test_a_list_hides_the_next_smallest_beside_its_only_small_cell():
    table = Table({("all", key): count for key, count in {"a": 1, "b": 30, "c": 20}.items()}, 5)
    assert [table.shown("all", key) for key in "abc"] == [None, 30, None]


def test_small_cells_that_together_are_small_are_not_alone():
    table = Table({("all", key): count for key, count in {"a": 1, "b": 1, "c": 20, "d": 50}.items()}, 5)
    assert [table.shown("all", key) for key in "abcd"] == [None, None, None, 50]


def test_a_cell_of_few_operators_is_hidden_however_large():
    table = Table({("PL", "DE"): 500, ("PL", "FR"): 400, ("LT", "DE"): 700, ("LT", "FR"): 90}, 5, [("PL", "DE")])
    assert table.shown("PL", "DE") is None
    assert len(table.hidden) == 4


def test_zero_is_shown_as_zero():
    assert Table({("PL", "DE"): 50}, 5).shown("PL", "FR") == 0
