"""The judge of whole blocks: the same rules as in `validate/judge.py`, asked once for values that stand again.

Each group of rules is a fact about the values that it reads (`validate/facts.py`). No line of Python runs for a
clean declaration alone.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.columns import Columns
from schemas.distinct import distinct
from schemas.limits import LIMITS, Memory
from schemas.written import WrittenFleet, write_fleet
from validate import contact, driver, period
from validate.carriage import Carriage, read_carriage
from validate.facts import Facts, each
from validate.fleet import LISTS, read_fleet
from validate.plain_driver import country_numbers, plainly_fine
from validate.plain_fleet import GOODS, PASSENGERS, read_plain_fleets, series_at_home
from validate.problems import NOTHING, Found, bounded

_KINDS = ("operation_types", "transport_types")
_NO_CARRIAGE = Carriage(False, False, False, False, NOTHING)


class BlockFleet(NamedTuple):
    """A judged fleet as it is gathered, with what is wrong with its lists."""

    written: WrittenFleet
    problems: Found = NOTHING


class BlockJudgements(NamedTuple):
    """What was found out about a block: each line's carriage and fleet by their place, problems by the line's.

    Lines that were not judged have place -1. Lines of which the same is said share one tuple of problems.
    """

    carriages: Sequence[Carriage]
    carriage_of: NDArray[np.int32]
    fleets: Sequence[BlockFleet]
    fleet_of: NDArray[np.int32]
    problems: dict[int, Found]


class BlockJudge:
    """Judges blocks of lines; `received_on` and `memory` as in `validate.judge.Judge`."""

    def __init__(self, received_on: date, memory: Memory = LIMITS.memory) -> None:
        self._memory = memory
        self._countries: list[str] = []
        self._numbers: dict[str, int] = {}
        self._series = np.zeros(0, np.int64)
        self._carriages = Facts(_KINDS, each(_KINDS, _carriage), _problems_of, memory.facts, memory.plate_bytes)
        self._fleets = Facts(tuple(LISTS), self._fleets_of, _problems_of, memory.facts, memory.plate_bytes)
        on_arrival = _by(period.Period, period.PERIOD_RULES)
        at_host, with_driver = _by(period.Host, period.HOST_RULES), _by(driver.Driver, driver.RULES)
        self._periods = self._said(period.Period._fields[:-1], lambda start, end: on_arrival(start, end, received_on))
        self._contacts = self._said(contact.Contact._fields, _by(contact.Contact, contact.RULES))
        self._hosts = self._said(period.Host._fields[:-1], lambda *read: at_host(*read[:-1], self._countries[read[-1]]))
        self._drivers = self._said(
            driver.Driver._fields[:-1], lambda *read: with_driver(*read[:-1], self._countries[read[-1]])
        )

    def judge(self, columns: Columns, establishments: Sequence[str], operator_of: NDArray[np.int64]) -> BlockJudgements:
        """Judges the plain lines of a block.

        `establishments` are the countries of operators (ISO codes), `operator_of` each line's place among them.
        """
        plain = columns.plain
        homes = np.array([self._country(code) for code in establishments], np.uint64)[operator_of]
        carriage_of = self._carriages.of(columns, plain)
        kinds = self._kinds(carriage_of)
        fleet_of = self._fleets.of(columns, plain, np.stack([homes, kinds], 1))
        unsure = plain & ~plainly_fine(columns, country_numbers(establishments)[operator_of])
        problems: dict[int, Found] = {}
        self._carriages.gather(carriage_of, problems)
        self._fleets.gather(fleet_of, problems)
        home = homes.reshape(-1, 1)
        self._periods.gather(self._periods.of(columns, plain), problems)
        self._hosts.gather(self._hosts.of(columns, plain, home), problems)
        self._contacts.gather(self._contacts.of(columns, plain), problems)
        if unsure.any():
            self._drivers.gather(self._drivers.of(columns, unsure, home), problems)
        said = {id(found): found for found in problems.values()}
        said = {key: bounded(found) for key, found in said.items()}  # most lines share what is said of them
        in_order = {line: said[id(found)] for line, found in problems.items()}
        return BlockJudgements(self._carriages.facts, carriage_of, self._fleets.facts, fleet_of, in_order)

    def _said(self, fields: Sequence[str], find_out: Callable[..., Found]) -> Facts[Found]:
        return Facts(fields, each(fields, find_out), lambda found: found, self._memory.facts, self._memory.plate_bytes)

    def _country(self, code: str) -> int:
        """Gives the number that stands for a country beside a line's values."""
        number = self._numbers.get(code)
        if number is None:
            number = self._numbers[code] = len(self._countries)
            self._countries.append(code)
            self._series = np.append(self._series, series_at_home(code))
        return number

    def _kinds(self, carriage_of: NDArray[np.int32]) -> NDArray[np.uint64]:
        """Gives what is carried on each line as a number: goods, passengers or both."""
        places, place_of = distinct(carriage_of, len(self._carriages.facts))
        carriages = [self._carriages.facts[place] if place >= 0 else _NO_CARRIAGE for place in places]
        kinds = [GOODS * carriage.goods + PASSENGERS * carriage.passengers for carriage in carriages]
        return np.array(kinds, np.uint64)[place_of]

    def _fleets_of(self, columns: Columns, lines: NDArray[np.int32], numbers: NDArray[np.uint64]) -> list[BlockFleet]:
        homes, kinds = numbers.astype(np.int64).T
        plain = read_plain_fleets(columns, lines, self._series[homes], np.ascontiguousarray(kinds))
        return [
            self._fleet(columns, *map(int, (lines[at], homes[at], kinds[at]))) if fleet is None else BlockFleet(fleet)
            for at, fleet in enumerate(plain)
        ]

    def _fleet(self, columns: Columns, line: int, home: int, kinds: int) -> BlockFleet:
        goods, passengers = bool(kinds & GOODS), bool(kinds & PASSENGERS)
        plates, light, heavy = columns.values(line, tuple(LISTS))
        fleet = read_fleet(plates, light, heavy, goods, passengers, self._countries[home])
        return BlockFleet(write_fleet(zip(fleet.plate_keys, fleet.plates, fleet.weights, strict=True)), fleet.problems)


def _carriage(operations: bytes, transports: bytes) -> Carriage:
    return read_carriage((operations, transports))


def _problems_of(fact: Carriage | BlockFleet) -> Found:
    return fact.problems


def _by(facts: Any, rules: Sequence[Callable[[Any], Found]]) -> Callable[..., Found]:
    """Gives what applies `rules` to values, made `facts` (a NamedTuple) first."""

    def apply(*values: Any) -> Found:
        read, found = facts(*values), NOTHING
        for rule in rules:
            found += rule(read)
        return found

    return apply
