"""Judging one declaration that came alone: the same rules as in a block, looked up without making columns of it."""

from datetime import date
from operator import itemgetter

from msgspec.structs import astuple

from schemas.declaration import DeclarationLine
from schemas.limits import LIMITS, Memory
from validate.judge import Judge, Judgement
from validate.problems import NOTHING, bounded, refuses

_FIELDS = DeclarationLine.__struct_fields__
_READ = (*_FIELDS, "establishment", "received_on")
_DRIVER = _FIELDS.index("driver_id")


class AloneJudge(Judge):
    """A judge that is quick about one declaration as well; what it remembers serves blocks and lone ones alike."""

    def __init__(self, received_on: date, memory: Memory = LIMITS.memory) -> None:
        super().__init__(received_on, memory)
        self._looked_up = [
            (itemgetter(*[_READ.index(name) for name in reads]), facet.__getitem__) for reads, facet in self._facets
        ]

    def judge(
        self, line: DeclarationLine, establishment: str, *, suspicious: bool = False, spelled_out: bool = False
    ) -> Judgement:
        """Judges one declaration as `Judge.judge` does."""
        if suspicious:  # few are, and looking for control characters takes columns
            return super().judge(line, establishment, suspicious=True, spelled_out=spelled_out)
        row = (*astuple(line), establishment, self._received_on)
        if spelled_out and line.driver_id is not None:
            row = (*row[:_DRIVER], None, *row[_DRIVER + 1 :])
        carriage = self._carriages[bytes(line.operation_types), bytes(line.transport_types)]
        cabotage, international, goods, passengers = (
            carriage.cabotage,
            carriage.international,
            carriage.goods,
            carriage.passengers,
        )
        plates, light, heavy = bytes(line.plates), bytes(line.plates_light), bytes(line.plates_heavy)
        fleet = self._fleets[plates, light, heavy, goods, passengers, establishment]
        found = carriage.problems + fleet.problems
        for values_of, fact_of in self._looked_up:
            found += fact_of(values_of(row))
        if not found:
            return Judgement(fleet, cabotage, international, goods, passengers, NOTHING, False)
        found = bounded(found)
        return Judgement(fleet, cabotage, international, goods, passengers, found, refuses(found))
