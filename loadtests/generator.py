"""Realistic posting declarations as NDJSON, millions of lines at a time and always the same for one seed.

Nothing is made line by line: each stretch of lines is a handful of Arrow columns (operator, driver, fleet, host,
dates) that are taken and joined, and the joined column's data buffer is the text. Shapes: domain.md 4.6, 5.4, 5.6.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loadtests.draws import Draws, Numbers
from loadtests.drivers import driver_fields
from loadtests.fleets import carriage, fleet_fields, transport_types
from loadtests.model import Weighted, places, shares
from loadtests.operators import mailbox, manager, operator_ids, operator_lines
from loadtests.periods import Calendar
from loadtests.population import Stretch, populate, stretches
from loadtests.text import buffer_of, chosen, joined, numbers

_STRETCH_BYTES = 24 << 20
_ENDINGS = ("}\n", "\n")  # the second is that of a line cut off
_UNKNOWN_HOST = "ZZ"


class LoadError(ValueError):
    """What is to be generated contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to generate.

    `errors` is the share of lines that intake must refuse. `rounds` is how often the operators come: in each
    round every operator posts one run of lines, and the postings begin within `days` days in all.
    `operator_id` makes all lines for one operator that exists already, `country` is where all are established.
    `delegated` lines name their operator. Raises `LoadError` if these contradict each other.
    """

    count: int
    seed: int = 1
    operators: int = 1
    today: date
    days: int = 14
    rounds: int = 1
    errors: float = 0.0
    operator_id: UUID | None = None
    country: str | None = None
    delegated: bool = True

    def __post_init__(self) -> None:
        if self.operators > 1 and self.operator_id is not None:
            raise LoadError("all lines are for one operator, so there cannot be several operators")
        if (
            self.country is not None
            and self.country not in shares()["origins"]
            and self.country not in shares()["hosts"]
        ):
            raise LoadError(f"no operators can be made in {self.country}")


class Generator:
    """Makes the lines of one load."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self._draws = Draws(load.seed)
        self._population = populate(self._draws, load.operators, load.count, load.country)
        self._calendar = Calendar(load.today, load.days, load.rounds)
        self._errors = Weighted(shares()["errors"])
        self._hosts = Weighted(shares()["hosts"])

    def operators(self) -> Iterator[pa.Buffer]:
        """Writes the operators as NDJSON, some megabytes at a time."""
        return operator_lines(self._draws, self._population, self.load.operator_id)

    def declarations(self) -> Iterator[pa.Buffer]:
        """Writes the declarations as NDJSON, whole lines, some megabytes at a time."""
        for stretch in stretches(self._draws, self._population, self.load.rounds, _STRETCH_BYTES):
            yield self._lines(stretch)

    def _lines(self, stretch: Stretch) -> pa.Buffer:
        """Writes the lines of a stretch: each operator's, driver's and fleet's part once, then joined."""
        draws, population = self._draws, self._population
        line = (stretch.operator, stretch.nth, np.full(len(stretch.nth), stretch.round))
        hosts = population.hosts[stretch.operator]
        driver = stretch.nth // hosts
        wrong = self._wrong(*line)

        begins, operator_of_line = _runs(stretch.operator)
        operator = stretch.operator[begins]
        contacts = self._contacts(operator)
        incomplete = np.where(self._is(wrong, "contact_part_missing"), len(operator), 0)

        begins, driver_of_line = _runs(stretch.operator << 32 | driver)
        employer, person = stretch.operator[begins], driver[begins]
        fleets, fleet_of_driver = fleet_fields(draws, population, employer, person, stretch.round)
        people = driver_fields(draws, employer, person, population.country[employer], self.load.today)
        people = pa.concat_arrays([people, pa.array([""])])
        nobody = self._is(wrong, "driver_missing")

        start, end = self._calendar.periods(draws, *line, driver)
        end = np.where(self._is(wrong, "end_before_start"), start - 1, end)
        end = np.where(self._is(wrong, "over_six_months"), self._calendar.too_late(start), end)
        lines = joined(
            self._heads(operator).take(pa.array(operator_of_line)),
            self._host(operator, operator_of_line, stretch.nth % hosts, wrong),
            self._operations(*line),
            '"declarationStartDate":"',
            self._calendar.text(start),
            '","declarationEndDate":"',
            self._calendar.text(end),
            '",',
            people.take(pa.array(np.where(nobody, len(people) - 1, driver_of_line))),
            fleets.take(pa.array(fleet_of_driver[driver_of_line])),
            contacts.take(pa.array(operator_of_line + incomplete)),
            self._references(operator, operator_of_line, stretch),
            chosen(_ENDINGS, self._is(wrong, "line_cut_off").astype(np.int64)),
        )
        return buffer_of(lines)

    def _wrong(self, *line: Numbers) -> NDArray[np.int64]:
        """Gives each line the place of its error among all errors, -1 if it has none."""
        errors = self.load.errors
        if not errors:
            return np.full(len(line[0]), -1)
        kind = self._draws.choice("line.error", self._errors.shares, *line)
        return np.where(self._draws.happens("line.wrong", errors, *line), kind, -1)

    def _is(self, wrong: Numbers, error: str) -> NDArray[np.bool_]:
        is_it: NDArray[np.bool_] = wrong == self._errors.names.index(error)
        return is_it

    def _heads(self, operator: Numbers) -> pa.Array:
        transport = chosen(transport_types(), carriage(self._draws, operator))
        if not self.load.delegated:
            return joined("{", transport)
        return joined('{"operatorId":"', operator_ids(self._draws, operator, self.load.operator_id), '",', transport)

    def _contacts(self, operator: Numbers) -> pa.Array:
        """Writes how each operator's contact is given, then the same once more with a part missing."""
        draws, country = self._draws, self._population.country[operator]
        first, last = manager(draws, country, operator)
        phone = places().phones.fill(country, draws.words("contact.phone", operator))
        named = joined(
            '"otherContactFirstName":"', first, '","otherContactLastName":"', last, '","otherContactPhone":"', phone
        )
        mail = joined(named, '","otherContactEmail":"', mailbox(draws, "contact", operator), '"')
        is_manager = draws.happens("contact.manager", shares()["contact"]["transport_manager"], operator)
        whole = pa.compute.if_else(pa.array(is_manager), '"otherContactAsTransportManager":true', mail)
        return pa.concat_arrays([whole, joined(named, '"')])

    def _host(self, operator: Numbers, operator_of_line: Numbers, nth: Numbers, wrong: Numbers) -> pa.Array:
        """Writes the posting country: the `nth` of the operator's hosts, drawn by weight without repetition."""
        codes, country = places().index(self._hosts.names), self._population.country[operator]
        columns = [self._draws.units(f"operator.host.{code}", operator) for code in self._hosts.names]
        keys = np.log(np.stack(columns, axis=1) + 1e-300) / self._hosts.shares
        keys[country[:, None] == codes] = -np.inf
        order = np.argsort(-keys, axis=1)
        code = codes[order[operator_of_line, nth]]
        code = np.where(self._is(wrong, "host_is_establishment"), country[operator_of_line], code)
        texts = [f'"declarationPostingCountry":"{name}",' for name in (*places().codes, _UNKNOWN_HOST)]
        return chosen(texts, np.where(self._is(wrong, "host_unknown"), len(texts) - 1, code))

    def _operations(self, *line: Numbers) -> pa.Array:
        table = Weighted(shares()["operation"])
        named = {
            "international": '"INTERNATIONAL_CARRIAGE"',
            "cabotage": '"CABOTAGE_OPERATIONS"',
            "both": '"CABOTAGE_OPERATIONS","INTERNATIONAL_CARRIAGE"',
        }
        texts = tuple(f'"declarationOperationType":[{named[name]}],' for name in table.names)
        return chosen(texts, self._draws.choice("line.operation", table.shares, *line))

    def _references(self, operator: Numbers, operator_of_line: Numbers, stretch: Stretch) -> pa.Array:
        has = self._draws.happens("operator.reference", shares()["reference"]["operators"], operator)[operator_of_line]
        begin = self._draws.below("operator.reference.begin", 10**8, operator)[operator_of_line]
        number = numbers(begin + stretch.round * 10**6 + stretch.nth, 9)
        return pa.compute.if_else(pa.array(has), joined(',"externalReference":"TMS-', number, '"'), "")


def _runs(values: Numbers) -> tuple[Numbers, Numbers]:
    """Gives where each run of equal numbers begins, and for each row which run it is in."""
    changed = values[1:] != values[:-1]
    return np.concatenate([[0], np.nonzero(changed)[0] + 1]), np.concatenate([[0], np.cumsum(changed)])
