"""What is wrong with a declaration; the codes are OpenRTPD's."""

from typing import NamedTuple

_REMARKS = {
    "late_submission",
    "weight_not_for_passengers",
    "plate_not_latin",
    "plate_pattern",
    "duplicate_plate",
    "plate_key_twice",
    "name_unusual",
    "contract_after_start",
    "applicable_law",
    "licence_number_shape",
}


class Problem(NamedTuple):
    """What is wrong and where."""

    code: str
    field: str

    @property
    def refuses(self) -> bool:
        """Says whether the declaration cannot be accepted."""
        return self.code not in _REMARKS
