"""The judge: every rule over one declaration, and what was found out remembered by what was read.

Declarations repeat themselves: one operator, one fleet, one period, one contact, eleven host states a driver.
So each group of rules (a facet) is judged once per set of values that it reads; a clean declaration
costs four look-ups in dictionaries.
"""

from collections.abc import Hashable
from datetime import date
from typing import NamedTuple, TypeVar

from schemas.declaration import NO_PLATES, DeclarationLine
from schemas.limits import LIMITS, Memory
from validate import contact, driver, period
from validate.carriage import read_operations, read_transports
from validate.fleet import Fleet, read_fleet
from validate.problems import NOTHING, Found, bounded, refuses
from validate.text import control_characters, is_suspicious

__all__ = ["Judge", "Judgement", "is_suspicious"]

_Key = TypeVar("_Key", bound=Hashable)
_EMPTY = bytes(NO_PLATES)


class Judgement(NamedTuple):
    """What was found out about a declaration; it is refused if one of its problems refuses it."""

    fleet: Fleet
    cabotage: bool
    international: bool
    goods: bool
    passengers: bool
    problems: Found
    refused: bool


class Judge:
    """Judges declarations by the rules of `validate`, remembering what it found out.

    `received_on` is the day of arrival; taken in UTC it errs in the operator's favour, since no posting
    country's clock is behind UTC. `memory` is how much is remembered. Not for several threads at once.
    """

    def __init__(self, received_on: date, memory: Memory = LIMITS.memory) -> None:
        self._memory = memory
        self._received_on = received_on
        self._carriages: dict[tuple[bytes, bytes, bytes, bytes, bytes, str], Judgement] = {}
        self._plates_held = 0
        self._bytes_held = 0
        self._fleets: dict[tuple[bytes, bytes, bytes, bool, bool, str], Fleet] = {}
        self._periods: dict[tuple[str, str, date, date], Found] = {}
        self._contacts: dict[tuple[bool, str | None, str | None, str | None, str | None], Found] = {}
        self._drivers: dict[tuple[str | date | None, ...], Found] = {}

    def judge(self, line: DeclarationLine, establishment: str, *, suspicious: bool = False) -> Judgement:
        """Judges one declaration of an operator established in `establishment` (ISO code).

        `suspicious` asks for the search for control characters; `is_suspicious` says when it is needed.
        """
        carriage_key = (
            bytes(line.operation_types),
            bytes(line.transport_types),
            _EMPTY if line.plates is NO_PLATES else bytes(line.plates),
            _EMPTY if line.plates_light is NO_PLATES else bytes(line.plates_light),
            _EMPTY if line.plates_heavy is NO_PLATES else bytes(line.plates_heavy),
            establishment,
        )
        judged = self._carriages.get(carriage_key)
        if judged is None:
            judged = self._judge_carriage(carriage_key)
        period_key = (line.posting_country, establishment, line.start_date, line.end_date)
        about_period = self._periods.get(period_key)
        if about_period is None:
            about_period = self._judge_period(period_key)
        contact_key = (
            line.contact_is_transport_manager,
            line.contact_first_name,
            line.contact_last_name,
            line.contact_email,
            line.contact_phone,
        )
        about_contact = self._contacts.get(contact_key)
        if about_contact is None:
            about_contact = self._judge_contact(contact_key)
        driver_key = (
            line.driver_first_name,
            line.driver_last_name,
            line.driver_licence_number,
            line.driver_document_type,
            line.driver_document_number,
            line.driver_document_country,
            line.driver_street,
            line.driver_city,
            line.driver_country,
            line.driver_applicable_law,
            line.driver_birth_date,
            line.driver_contract_start,
            line.driver_id,
            line.driver_email,
            line.start_date,
            establishment,
        )
        about_driver = self._drivers.get(driver_key)
        if about_driver is None:
            about_driver = self._judge_driver(driver_key)
        found = about_period + about_contact + about_driver
        if suspicious:
            found += control_characters(line)
        if not found:
            return judged
        found = bounded(judged.problems + found)
        return judged._replace(problems=found, refused=refuses(found))

    def _judge_carriage(self, key: tuple[bytes, bytes, bytes, bytes, bytes, str]) -> Judgement:
        operations, transports, plates, light, heavy, establishment = key
        cabotage, international, about_operations = read_operations(operations)
        goods, passengers, about_transports = read_transports(transports)
        fleet_key = (plates, light, heavy, goods, passengers, establishment)
        fleet = self._fleets.get(fleet_key)
        if fleet is None:  # one fleet is declared for several kinds of operation
            fleet = self._fleets[fleet_key] = read_fleet(*fleet_key)
            self._plates_held += len(fleet.plates)
        found = bounded(about_operations + about_transports + fleet.problems)
        judged = Judgement(fleet, cabotage, international, goods, passengers, found, refuses(found))
        self._plates_held += len(found)
        self._bytes_held += len(operations) + len(transports) + len(plates) + len(light) + len(heavy)
        if (
            self._plates_held > self._memory.plates
            or self._bytes_held > self._memory.plate_bytes
            or len(self._carriages) >= self._memory.facts
        ):
            self._carriages.clear()
            self._fleets.clear()
            self._plates_held = self._bytes_held = 0
        self._carriages[key] = judged
        return judged

    def _judge_period(self, key: tuple[str, str, date, date]) -> Found:
        facts = period.Period(*key, self._received_on)
        found = NOTHING
        for rule in period.RULES:
            found += rule(facts)
        return _remember(self._periods, key, found, self._memory.facts)

    def _judge_contact(self, key: tuple[bool, str | None, str | None, str | None, str | None]) -> Found:
        facts = contact.Contact(*key)
        found = NOTHING
        for rule in contact.RULES:
            found += rule(facts)
        return _remember(self._contacts, key, found, self._memory.facts)

    def _judge_driver(self, key: tuple[str | date | None, ...]) -> Found:
        facts = driver.Driver._make(key)
        found = NOTHING
        for rule in driver.RULES:
            found += rule(facts)
        return _remember(self._drivers, key, found, self._memory.facts)


def _remember(facts: dict[_Key, Found], key: _Key, found: Found, most: int) -> Found:
    if len(facts) >= most:
        facts.clear()
    facts[key] = found
    return found
