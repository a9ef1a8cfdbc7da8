"""Fleets as texts: their columns are what was written."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.plate_columns import plate_columns
from schemas.written import WrittenFleet, write_fleet

_part = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=5)
_fleets = st.lists(st.lists(st.tuples(_part, _part, st.sampled_from(["", "LIGHT", "HEAVY"])), max_size=4), max_size=6)


@given(_fleets)
def test_columns_hold_the_plates_that_were_written(fleets: list[list[tuple[str, str, str]]]) -> None:
    plates, keys, weights = (
        column.to_pylist() for column in plate_columns([write_fleet(each).text for each in fleets])
    )
    assert keys == [[key for key, _, _ in fleet] for fleet in fleets]
    assert plates == [[plate for _, plate, _ in fleet] for fleet in fleets]
    assert weights == [[weight for _, _, weight in fleet] for fleet in fleets]


@given(_fleets)
def test_columns_are_valid_arrow(fleets: list[list[tuple[str, str, str]]]) -> None:
    for column in plate_columns([write_fleet(each).text for each in fleets]):
        column.validate(full=True)


@given(_fleets)
def test_sets_of_plates_share_an_address_only_if_they_are_one(fleets: list[list[tuple[str, str, str]]]) -> None:
    addresses = {write_fleet(each).fleet_id for each in fleets}
    assert len(addresses) == len({tuple(each) for each in fleets})


def test_no_plates_have_no_address() -> None:
    assert write_fleet([]) == WrittenFleet(None, b"")
