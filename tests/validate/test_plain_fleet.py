"""Fleets read from the bytes of their lists: the rules make the same of them, whatever the plates."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.columns import Columns, columns_of
from schemas.declaration import LONGEST_PLATE, MOST_PLATES
from schemas.written import WrittenFleet, write_fleet
from tests.validate.samples import wire
from validate.fleet import LISTS, Fleet, read_fleet
from validate.plain_fleet import GOODS, PASSENGERS, read_plain_fleets, series_at_home
from validate.plates import SERIES, plate_key

_WIRE = ("declarationVehiclePlateNumber", "declarationVehiclePlateNumberLight", "declarationVehiclePlateNumberHeavy")
_good = st.sampled_from(sorted(series.pattern for series in SERIES.values())).flatmap(
    lambda pattern: st.from_regex(pattern, fullmatch=True)
)
_any = st.text(st.sampled_from("ABXab019 -./?#\u00a0ÄА"), min_size=1, max_size=9)
_plates = st.one_of(_good, _good.map(str.lower), _good.map(" ".join), _good.map(lambda plate: f" {plate}-"), _any)
_lists = st.tuples(*[st.lists(_plates, max_size=5)] * 3)
_homes = st.sampled_from(["PL", "DE", "BE", "CZ", "US", ""])
_kinds = st.integers(1, 3)


def _columns(lists: Sequence[Sequence[str]]) -> Columns:
    changes: dict[str, Any] = dict(zip(_WIRE, lists, strict=True))
    return columns_of(json.dumps(wire(**changes), ensure_ascii=False).encode() + b"\n")


def _plainly(columns: Columns, home: str, kinds: int) -> WrittenFleet | None:
    (fleet,) = read_plain_fleets(
        columns, np.zeros(1, np.int32), np.array([series_at_home(home)]), np.array([kinds], np.int64)
    )
    return fleet


def _by_the_rules(columns: Columns, home: str, kinds: int) -> Fleet:
    return read_fleet(*columns.values(0, tuple(LISTS)), bool(kinds & GOODS), bool(kinds & PASSENGERS), home)


def _as_written(fleet: Fleet) -> WrittenFleet:
    return write_fleet(zip(fleet.plate_keys, fleet.plates, fleet.weights, strict=True))


@settings(max_examples=500)
@given(_lists, _homes, _kinds)
@example((["PO 1AB23"], [], ["WA 12345"]), "PL", PASSENGERS)
@example((["PO 1AB23"], [], ["po1ab23"]), "PL", GOODS)
def test_what_is_read_is_what_the_rules_make_of_it_and_say_nothing_of(
    lists: tuple[list[str], ...], home: str, kinds: int
) -> None:
    columns = _columns(lists)
    if not columns.plain[0]:
        return
    fleet, judged = _plainly(columns, home, kinds), _by_the_rules(columns, home, kinds)
    if fleet is not None:
        assert not judged.problems
        assert fleet == _as_written(judged)
        assert fleet.fleet_id == judged.fleet_id


@given(st.sets(_good.filter(str.isascii), min_size=1, max_size=40), st.sampled_from(["", "PL"]))
def test_plates_of_a_main_series_need_no_rules(plates: set[str], home: str) -> None:
    columns = _columns(([], [], sorted(plates)))
    fleet = _plainly(columns, home, GOODS)
    assert fleet is not None
    assert fleet == _as_written(_by_the_rules(columns, home, GOODS))


def test_plates_by_wish_are_in_order_at_home_only() -> None:
    columns = _columns(([], [], ["W1 KIERO"]))
    assert _plainly(columns, "PL", GOODS) is not None
    assert _plainly(columns, "SE", GOODS) is None


def test_every_plate_is_in_order_where_no_series_is_known() -> None:
    columns = _columns(([], [], ["1234 5678 9"]))
    assert _plainly(columns, "US", GOODS) is not None
    assert _plainly(columns, "", GOODS) is None


def test_fleets_of_many_lines_are_kept_apart() -> None:
    lists = [([], [], [f"WX {number}{plate:02}A" for plate in range(number % 7 + 1)]) for number in range(100, 150)]
    block = b"".join(_columns(each).block for each in lists)
    columns = columns_of(block)
    lines = np.arange(len(lists), dtype=np.int32)[::-1].copy()
    found = read_plain_fleets(columns, lines, np.full(len(lists), series_at_home("PL")), np.full(len(lists), GOODS))
    assert found == [_plainly(_columns(lists[line]), "PL", GOODS) for line in lines]
    assert None not in found


def test_a_large_fleet_is_sorted_by_its_keys() -> None:
    plates = [f"WX {number * 7919 % 100_000:05}" for number in range(MOST_PLATES)]
    columns = _columns(([], plates[:2000], plates[2000:]))
    fleet = _plainly(columns, "PL", GOODS)
    assert fleet == _as_written(_by_the_rules(columns, "PL", GOODS))


@pytest.mark.parametrize(
    "plates",
    [
        ["WX 12345"] * 2,
        ["WX 12345", "wx-12345"],
        ["W"],
        [" "],
        ["WX 12345" + " " * (LONGEST_PLATE - 7)],
        ["12345678901234567"],
        ["WX\u00a012345"],
        ["ВХ 1234 АА"],
        [f"WX {number:05}" for number in range(MOST_PLATES + 1)],
        [],
    ],
)
def test_plates_of_which_something_may_be_said_are_for_the_rules(plates: list[str]) -> None:
    assert _plainly(_columns((plates, [], [])), "PL", GOODS) is None


def test_a_plate_has_one_key_whether_read_alone_or_with_others() -> None:
    written = [
        f"{begin}WX{between}123{between}45{end}" for begin in ("", " ") for between in " -./:" for end in ("", " ")
    ]
    for plate in written:
        fleet = _plainly(_columns(([], [], [plate])), "PL", GOODS)
        key = plate_key(plate)
        assert fleet == write_fleet([(key.key, key.display, "HEAVY")])
