"""A lone declaration is judged as it would be in a block."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.validate.samples import CONTACT, ESTABLISHMENT, RECEIVED, encoded, line
from validate.alone import AloneJudge
from validate.judge import Judge
from validate.text import is_suspicious

_SAYINGS: list[dict[str, Any]] = [
    {"declarationEndDate": "2027-03-01"},
    {"declarationEndDate": "2020-03-01"},
    {"declarationPostingCountry": ESTABLISHMENT},
    {"declarationOperationType": []},
    {"declarationTransportType": ["CARRIAGE_OF_PASSENGERS"]},
    {"declarationVehiclePlateNumberHeavy": ["JAN", "JAN"]},
    {"declarationVehiclePlateNumber": []},
    {"declarationVehiclePlateNumber": 7},
    {"driverApplicableLaw": "DE"},
    {"driverLatinFirstName": "Ja\u0007n"},
    {"driverLatinLastName": None},
    {"driverDateOfBirth": "1901-01-01"},
    {"driverId": "11111111-1111-4111-8111-111111111111"},
    {"otherContactAsTransportManager": None},
    {**CONTACT, "otherContactAsTransportManager": None},
]


@given(st.lists(st.sampled_from(_SAYINGS), max_size=4), st.booleans())
def test_alone_it_is_told_what_it_is_told_in_a_block(sayings: list[dict[str, Any]], spelled_out: bool) -> None:
    changes = {name: value for saying in sayings for name, value in saying.items()}
    declaration, suspicious = line(**changes), is_suspicious(encoded(**changes))
    in_block = Judge(RECEIVED).judge(declaration, ESTABLISHMENT, suspicious=suspicious, spelled_out=spelled_out)
    alone = AloneJudge(RECEIVED)
    for _ in range(2):  # found out, and remembered
        assert alone.judge(declaration, ESTABLISHMENT, suspicious=suspicious, spelled_out=spelled_out) == in_block
