"""From what a client says of one declaration to a line that is judged, with what must not change meanwhile."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import msgspec

from ingest.bodies import Said, converted, merged
from ingest.declarations.lines import judge_spelled_out
from ingest.http import RefusedError
from ingest.intake import Intake
from ingest.journal import Guard
from ingest.metrics import count_judged
from ingest.records import DRIVER_FIELDS, Records
from schemas import statements
from schemas.declaration import WIRE_NAMES, Declaration, DeclarationLine
from schemas.operator import OperatorCard
from schemas.problem import Problem
from validate.judge import Judgement
from validate.plates import plate_key
from validate.problems import problem

_SQL = statements.load("ingest", "declarations")
_DRIVER = frozenset(WIRE_NAMES[name] for name in DRIVER_FIELDS)
_PLATES = tuple(WIRE_NAMES[name] for name in ("plates", "plates_light", "plates_heavy"))
_REGISTERED = ("plates_light", "plates_heavy")
_decode = msgspec.json.Decoder(list[str]).decode


def line_from(said: Mapping[str, Any]) -> DeclarationLine:
    """Makes a line of the members of a declaration. Raises `RefusedError`.

    A recorded driver's details and a fleet's plates that are said as well are left out: clients copy what they read.
    """
    if "driverId" in said:
        said = {name: value for name, value in said.items() if name not in _DRIVER}
    if "fleetId" in said:
        said = {name: value for name, value in said.items() if name not in _PLATES}
    return converted(said, DeclarationLine, code="declaration_refused", explained_as=Declaration)


def changed(known: Said, said: Mapping[str, Any]) -> Said:
    """Gives what a declaration says after a change; null or empty text takes a member out.

    The three lists of plates are one: a list that is left out while another is sent is empty. Plates other than
    the known ones detach a declaration from its fleet.
    """
    if any(name in said for name in _PLATES):
        said = {**dict.fromkeys(_PLATES), **said}
    both = merged(known, said)
    same_fleet = said.get("fleetId") in (None, "", known.get("fleetId"))
    if same_fleet and any(set(both.get(name, ())) != set(known.get(name, ())) for name in _PLATES):
        both.pop("fleetId", None)
    return both


async def judged(
    intake: Intake,
    card: OperatorCard,
    line: DeclarationLine,
    at: int,
    *,
    declared: Collection[str] = (),
    registered: bool = True,
) -> tuple[Judgement, list[Guard]]:
    """Spells out what a line names, judges it, and gives what must not change until it is in the journal.

    If `registered`, plates in the light and heavy lists must stand in the vehicle register, but for those
    `declared` before and a fleet's own. Raises `RefusedError`.
    """
    own_plates = registered and not line.named_fleet_id
    records = Records(intake.pool, intake.journal.shards)
    if await records.load([line], [card]) and (found := records.spell_out(line, card)):
        raise refused(found)
    judgement = judge_spelled_out(intake.judge_on(at), line, card.country, suspicious=False)
    problems = judgement.problems
    if own_plates and not judgement.refused:
        problems += tuple(await _not_registered(intake, card, line, declared))
    if judgement.refused or len(problems) > len(judgement.problems):
        raise refused(problems)
    if problems:
        count_judged(True, problems)
    return judgement, records.guards()


def refused(found: tuple[Problem, ...]) -> RefusedError:
    """Makes the refusal of one declaration, and counts it."""
    count_judged(False, found)
    return RefusedError("declaration_refused", *found)


async def _not_registered(
    intake: Intake, card: OperatorCard, line: DeclarationLine, declared: Collection[str]
) -> list[Problem]:
    places = {
        f"/{WIRE_NAMES[name]}/{place}": plate
        for name in _REGISTERED
        for place, plate in enumerate(_decode(getattr(line, name)))
        if plate not in declared
    }
    if not places:
        return []
    plate_keys = {plate: plate_key(plate).key for plate in places.values()}
    arguments = (UUID(bytes=card.operator_id), list(plate_keys.values()))
    registered = {row["plate_key"] for row in await intake.pool.fetch(_SQL["registered"], *arguments)}
    return [
        problem("plate_not_registered", pointer, plate=plate)
        for pointer, plate in places.items()
        if plate_keys[plate] not in registered
    ]
