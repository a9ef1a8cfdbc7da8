"""The judge: every rule over blocks of declarations, and what was found out remembered by what was read.

Declarations repeat themselves: one operator, one fleet, one period, one contact, eleven host states a driver.
So each group of rules (a facet) is judged once per set of values that it reads. A block is looked at column by
column: a clean declaration costs some look-ups in dictionaries, and no line of Python runs for it alone.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from msgspec import Raw
from msgspec.structs import astuple

from schemas.declaration import NO_PLATES, DeclarationLine
from schemas.limits import LIMITS, Memory
from validate import contact, driver, period
from validate.carriage import Carriage, read_carriage
from validate.fleet import Fleet, read_fleet
from validate.problems import NOTHING, Found, bounded, refuses
from validate.text import control_characters, is_suspicious

__all__ = ["Judge", "Judgement", "Judgements", "Row", "is_suspicious"]

#: A declaration taken apart by `msgspec.structs.astuple`.
Row = tuple[Any, ...]
_Read = TypeVar("_Read", bound=Hashable)
_Fact = TypeVar("_Fact")
_FleetRead = tuple[bytes, bytes, bytes, bool, bool, str]
_FIELDS = DeclarationLine.__struct_fields__
_FACETS: tuple[tuple[Any, Sequence[Callable[[Any], Found]]], ...] = (
    (period.Period, period.PERIOD_RULES),
    (period.Host, period.HOST_RULES),
    (contact.Contact, contact.RULES),
    (driver.Driver, driver.RULES),
)
_NO_PLATES = bytes(NO_PLATES)
_goods_and_passengers = attrgetter("goods", "passengers")


class Judgement(NamedTuple):
    """What was found out about a declaration; it is refused if one of its problems refuses it."""

    fleet: Fleet
    cabotage: bool
    international: bool
    goods: bool
    passengers: bool
    problems: Found
    refused: bool


class Judgements(NamedTuple):
    """What was found out about a block of declarations: the carriage and the fleet of each, problems by place."""

    carriages: Sequence[Carriage]
    fleets: Sequence[Fleet]
    problems: dict[int, Found]


class Judge:
    """Judges declarations by the rules of `validate`, remembering what it found out.

    `received_on` is the day of arrival; taken in UTC it errs in the operator's favour, since no posting
    country's clock is behind UTC. `memory` is how much is remembered. Not for several threads at once.
    """

    def __init__(self, received_on: date, memory: Memory = LIMITS.memory) -> None:
        self._received_on = received_on
        self._carriages = _Remembered(read_carriage, memory.facts)
        self._fleets = _Fleets(memory)
        self._facets = [(facts._fields, _Remembered(_by(facts, rules), memory.facts)) for facts, rules in _FACETS]

    def judge(
        self, line: DeclarationLine, establishment: str, *, suspicious: bool = False, spelled_out: bool = False
    ) -> Judgement:
        """Judges one declaration of an operator established in `establishment` (ISO code).

        `suspicious` asks for the search for control characters; `is_suspicious` says when it is needed.
        `spelled_out` says that a recorded driver's details were written beside the driver's id; what is sent
        has either.
        """
        judged = self.judge_all([astuple(line)], [establishment], suspicious=suspicious, spelled_out=spelled_out)
        carriage, found = judged.carriages[0], judged.problems.get(0, NOTHING)
        return Judgement(
            judged.fleets[0],
            carriage.cabotage,
            carriage.international,
            carriage.goods,
            carriage.passengers,
            found,
            refuses(found),
        )

    def judge_all(
        self,
        rows: Sequence[Row],
        establishments: Sequence[str],
        *,
        suspicious: bool = False,
        spelled_out: bool = False,
    ) -> Judgements:
        """Judges declarations that came together; `rows` are one or more, each of the line's fields in order.

        `establishments` are the countries of their operators; `suspicious` and `spelled_out` as in `judge`,
        about all of them.
        """
        columns = dict(zip(_FIELDS, zip(*rows, strict=True), strict=True))
        columns |= {"establishment": tuple(establishments), "received_on": (self._received_on,) * len(rows)}
        if spelled_out:
            columns["driver_id"] = (None,) * len(rows)
        kinds = zip(map(bytes, columns["operation_types"]), map(bytes, columns["transport_types"]), strict=True)
        carriages = list(map(self._carriages.__getitem__, kinds))
        goods, passengers = zip(*map(_goods_and_passengers, carriages), strict=True)
        lists = (_bytes_of(columns[name]) for name in ("plates", "plates_light", "plates_heavy"))
        fleets = list(map(self._fleets.__getitem__, zip(*lists, goods, passengers, establishments, strict=True)))
        problems: dict[int, Found] = {}
        _gather(problems, [carriage.problems for carriage in carriages])
        _gather(problems, [fleet.problems for fleet in fleets])
        for reads, facet in self._facets:
            values = zip(*[columns[name] for name in reads], strict=True)
            _gather(problems, list(map(facet.__getitem__, values)))
        if suspicious:
            _gather(problems, control_characters(columns))
        return Judgements(carriages, fleets, {place: bounded(found) for place, found in problems.items()})


class _Remembered(dict[_Read, _Fact]):
    """What was found out about what was read; forgotten altogether when it is too much."""

    def __init__(self, find_out: Callable[[_Read], _Fact], most: int) -> None:
        super().__init__()
        self._find_out = find_out
        self._most = most

    def __missing__(self, read: _Read) -> _Fact:
        if len(self) >= self._most:
            self.clear()
        self[read] = fact = self._find_out(read)
        return fact


class _Fleets(dict[_FleetRead, Fleet]):
    """The fleets read lately, by the raw lists and what else their rules read."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._plates_held = 0
        self._bytes_held = 0

    def __missing__(self, read: _FleetRead) -> Fleet:
        fleet = read_fleet(*read)
        self._plates_held += len(fleet.plates) + len(fleet.problems)
        self._bytes_held += sum(map(len, read[:3]))
        if (
            self._plates_held > self._memory.plates
            or self._bytes_held > self._memory.plate_bytes
            or len(self) >= self._memory.facts
        ):
            self.clear()
            self._plates_held = self._bytes_held = 0
        self[read] = fleet
        return fleet


def _by(facts: Any, rules: Sequence[Callable[[Any], Found]]) -> Callable[[Row], Found]:
    """Gives what applies `rules` to values, made `facts` (a NamedTuple) first."""

    def apply(values: Row) -> Found:
        read, found = facts._make(values), NOTHING
        for rule in rules:
            found += rule(read)
        return found

    return apply


def _bytes_of(lists: Iterable[Raw]) -> list[bytes]:
    return [_NO_PLATES if raw is NO_PLATES else bytes(raw) for raw in lists]


def _gather(problems: dict[int, Found], found: Sequence[Found]) -> None:
    if any(found):
        for place, about in enumerate(found):
            if about:
                problems[place] = problems.get(place, NOTHING) + about
