"""Facts: equal values share one, other values never do, and what was forgotten is found out again."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import Columns, columns_of
from tests.ingest.conftest import declaration, ndjson
from validate.facts import Facts, each
from validate.problems import NOTHING, Found, problem

_FIELDS = ("driver_post_code", "contact_phone", "plates")  # texts that may be empty
_WIRE = ("driverAddressPostCode", "otherContactPhone", "declarationVehiclePlateNumber")
_short = st.text("ab", max_size=3)
_values = st.tuples(_short, _short, st.lists(_short, max_size=2))


def _columns(lines: list[tuple[Any, ...]]) -> Columns:
    return columns_of(ndjson(*(declaration(**dict(zip(_WIRE, line, strict=True))) for line in lines)))


def _facts(most: int = 1000) -> Facts[tuple[Any, ...]]:
    return Facts(_FIELDS, each(_FIELDS, lambda *values: values), lambda _: NOTHING, most, 1 << 20)


@given(st.lists(st.lists(_values, min_size=1, max_size=6), min_size=1, max_size=4))
def test_a_line_has_the_fact_of_its_own_values(blocks: list[list[tuple[Any, ...]]]) -> None:
    facts, seen = _facts(), set()
    for lines in blocks:
        columns = _columns(lines)
        found = facts.of(columns, columns.plain)
        for place, fact in enumerate(found.tolist()):
            assert facts.facts[fact] == columns.values(place, _FIELDS)
        seen.update(facts.facts)
    assert len(seen) == len(facts.facts)  # and none was found out twice


@given(st.lists(_values, min_size=1, max_size=30), st.integers(1, 8))
def test_what_was_forgotten_is_found_out_again(lines: list[tuple[Any, ...]], most: int) -> None:
    facts = _facts(most)
    for line in lines * 2:
        columns = _columns([line])
        (fact,) = facts.of(columns, columns.plain).tolist()
        assert facts.facts[fact] == columns.values(0, _FIELDS)
        assert len(facts.facts) <= most


def test_ten_thousand_values_are_kept_apart() -> None:
    lines = [(f"a{number}", "b", []) for number in range(10_000)]
    facts = _facts(20_000)
    for _ in range(2):
        for at in range(0, len(lines), 1000):
            columns = _columns(lines[at : at + 1000])
            assert facts.of(columns, columns.plain).tolist() == list(range(at, at + 1000))
    assert len(facts.facts) == 10_000


def test_numbers_beside_the_values_tell_facts_apart() -> None:
    facts: Facts[tuple[Any, ...]] = Facts(
        _FIELDS[:1], each(_FIELDS[:1], lambda *read: read), lambda _: NOTHING, 10, 1 << 20
    )
    columns = _columns([("a", "", []), ("a", "", []), ("a", "", [])])
    found = facts.of(columns, columns.plain, np.array([[1], [2], [1]], np.uint64))
    assert found.tolist() == [0, 1, 0]
    assert facts.facts == [("a", 1), ("a", 2)]


def test_lines_that_are_not_asked_for_have_no_fact() -> None:
    facts, columns = _facts(), _columns([("a", "", []), ("b", "", [])])
    assert facts.of(columns, np.array([False, True])).tolist() == [-1, 0]
    assert [fact[0] for fact in facts.facts] == ["b"]


def test_what_facts_say_is_added_to_their_lines() -> None:
    said = problem("driver_missing", "/driverId")

    def find_out(name: str) -> Found:
        return (said,) if name == "b" else NOTHING

    facts: Facts[Found] = Facts(_FIELDS[:1], each(_FIELDS[:1], find_out), lambda found: found, 10, 1 << 20)
    columns = _columns([("a", "", []), ("b", "", []), ("b", "", [])])
    problems = {1: (said,)}
    facts.gather(facts.of(columns, columns.plain), problems)
    assert problems == {1: (said, said), 2: (said,)}
