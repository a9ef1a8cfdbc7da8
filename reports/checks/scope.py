"""What a run of the checks is about: everything, or one operator, driver, plate or host state."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from schemas.codes import country
from validate.plates import plate_key

_SEPARATORS = str.maketrans("", "", " -/.")


def number_key(number: str) -> str:
    """Gives a licence or document number as it is compared: capitals, no separators (reports/sql/checks.sql)."""
    return number.upper().translate(_SEPARATORS)


class Scope(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Bounds of a run, each None for all: a driver by the licence number, `since` by the time of acceptance."""

    operator_id: UUID | None = None
    driver: str | None = None
    plate: str | None = None
    host: str | None = None
    since: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everything is asked about."""
        return self == Scope()

    @property
    def is_narrow(self) -> bool:
        """Whether so little is asked about that only its own drivers and plates need be read."""
        return not (self.operator_id is None and self.driver is None and self.plate is None)

    def variables(self) -> dict[str, object]:
        """Gives the bounds as the variables that reports/sql/checks.sql reads."""
        return {
            "scope_operator": self.operator_id,
            "scope_driver": self.driver and number_key(self.driver),
            "scope_plate": self.plate and plate_key(self.plate).key,
            "scope_host": self.host and country(self.host.upper()),
            "scope_since": self.since,
        }
