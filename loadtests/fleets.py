"""Number plates as operators declare them: the driver's own vehicles, a depot's group, or the whole fleet."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loadtests.draws import Draws, Numbers
from loadtests.model import Weighted, places, shares
from loadtests.population import FLEET, GROUP, Population
from loadtests.text import chosen, joined

_ANY, _LIGHT, _HEAVY = (f'"declarationVehiclePlateNumber{weight}":["' for weight in ("", "Light", "Heavy"))


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an operator carries: the transport types, the list of its plates and of a quarter of them."""

    transport: str
    first: str
    second: str


_GOODS, _PASSENGERS = '"CARRIAGE_OF_GOODS"', '"CARRIAGE_OF_PASSENGERS"'
_KINDS = {
    "heavy": _Kind(_GOODS, _HEAVY, ""),
    "light": _Kind(_GOODS, _LIGHT, ""),
    "heavy_and_light": _Kind(_GOODS, _HEAVY, _LIGHT),
    "passengers": _Kind(_PASSENGERS, _ANY, ""),
    "goods_and_passengers": _Kind(f"{_GOODS},{_PASSENGERS}", _HEAVY, _ANY),
}
_DISTRICT = 40  # vehicles that an operator registered in one place
_STEP = 7919  # prime, so that an operator's plates differ and do not follow one another
_TWO_LISTS = np.array([bool(kind.second) for kind in _KINDS.values()])


def carriage(draws: Draws, operator: Numbers) -> Numbers:
    """Gives what each operator carries, as a place in the kinds of carriage."""
    table = Weighted(shares()["carriage"])
    return draws.choice("operator.carriage", table.shares, operator)


def transport_types() -> tuple[str, ...]:
    """Gives the `declarationTransportType` member of each kind of carriage."""
    return tuple(f'"declarationTransportType":[{kind.transport}],' for kind in _KINDS.values())


def fleet_fields(
    draws: Draws, population: Population, operator: Numbers, driver: Numbers, round_: int
) -> tuple[pa.Array, Numbers]:
    """Writes the plate lists of each driver, each distinct fleet once.

    Gives the fleets' texts and, for each row of `operator` and `driver`, the place of its fleet among them.
    """
    first, count = _vehicles(draws, population, operator, driver, round_)
    rows = np.stack([operator, first, count], axis=1)
    changed = np.any(rows[1:] != rows[:-1], axis=1)
    begins = np.concatenate([[0], np.nonzero(changed)[0] + 1])
    fleet_of_row = np.concatenate([[0], np.cumsum(changed)])
    fleets = _texts(draws, population, operator[begins], first[begins], count[begins], round_)
    return fleets, fleet_of_row


def _vehicles(
    draws: Draws, population: Population, operator: Numbers, driver: Numbers, round_: int
) -> tuple[Numbers, Numbers]:
    """Gives the first vehicle and the number of vehicles that each driver's declarations name."""
    fleet, lists = population.vehicles[operator].astype(np.int64), population.lists[operator]
    few, many = shares()["fleet"]["own_plates"]
    own = np.minimum(few + draws.below("driver.vehicles", many - few + 1, operator, driver), fleet)
    size = np.minimum(population.group_plates[operator], fleet)
    count = np.where(lists == FLEET, fleet, np.where(lists == GROUP, size, own))
    two_lists = _TWO_LISTS[carriage(draws, operator)]
    first = np.where(lists == FLEET, 0, np.where(lists == GROUP, driver // size * size, driver) % fleet)
    replaced = (fleet * shares()["fleet"]["replaced"] * round_).astype(np.int64)
    return first + replaced, np.maximum(count, 1 + two_lists)


def _texts(
    draws: Draws, population: Population, operator: Numbers, first: Numbers, count: Numbers, round_: int
) -> pa.Array:
    kind = carriage(draws, operator)
    second = np.where(_TWO_LISTS[kind], np.maximum(count // 4, 1), 0)
    ends = np.cumsum(count)
    owner = np.repeat(operator, count)
    vehicle = np.arange(ends[-1]) - np.repeat(ends - count - first, count)
    vehicle = _inside(population, owner, vehicle, round_)
    district = draws.words("vehicle.district", owner, vehicle // _DISTRICT)
    series = (draws.words("vehicle.series", owner) >> np.uint64(1)) + (vehicle * _STEP).astype(np.uint64)
    plates = places().plates.fill(population.country[owner], district, series)
    offsets = np.zeros(2 * len(count) + 1, np.int32)
    offsets[1::2], offsets[2::2] = ends - second, ends
    lists = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), plates), '","')
    kinds = tuple(_KINDS.values())
    before = chosen([each.second and f'"],{each.second}' for each in kinds], kind)
    return joined(
        chosen([each.first for each in kinds], kind),
        lists.take(pa.array(np.arange(0, 2 * len(count), 2))),
        before,
        lists.take(pa.array(np.arange(1, 2 * len(count), 2))),
        '"],',
    )


def _inside(population: Population, owner: NDArray[Any], vehicle: Numbers, round_: int) -> Numbers:
    """Wraps vehicle numbers round the end of the fleet as it is in this round."""
    fleet = population.vehicles[owner].astype(np.int64)
    replaced = (fleet * shares()["fleet"]["replaced"] * round_).astype(np.int64)
    wrapped: Numbers = replaced + (vehicle - replaced) % fleet
    return wrapped
