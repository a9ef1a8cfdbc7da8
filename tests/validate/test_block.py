"""The judge of blocks says of each line what the judge of lines says."""

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import columns_of
from schemas.written import write_fleet
from tests.validate.samples import CONTACT, RECEIVED, wire
from validate.block import BlockJudge
from validate.contract import decode_line
from validate.judge import Judge
from validate.problems import NOTHING

_plates = st.lists(st.sampled_from(["PO 1AB23", "PO1AB23", "WA 12345", "JAN", "АВ 123", "X", "?"]), max_size=4)
_changes = st.fixed_dictionaries(
    {},
    optional={
        "declarationPostingCountry": st.sampled_from(["FR", "DE", "PL"]),
        "declarationStartDate": st.sampled_from(["2026-09-01", "2026-08-29", "1899-01-01", "2027-03-01"]),
        "declarationOperationType": st.sampled_from([["CABOTAGE_OPERATIONS"], ["CABOTAGE_OPERATIONS"] * 2, []]),
        "declarationTransportType": st.sampled_from([["CARRIAGE_OF_PASSENGERS"], ["CARRIAGE_OF_GOODS"], ["x"]]),
        "declarationVehiclePlateNumber": _plates,
        "declarationVehiclePlateNumberLight": _plates,
        "declarationVehiclePlateNumberHeavy": _plates,
        "driverApplicableLaw": st.sampled_from(["PL", "DE"]),
        "driverLatinFirstName": st.sampled_from(["Jan", "Ян", "J4n"]),
        "driverContractStartDate": st.none() | st.just("2027-01-01"),
        "otherContactAsTransportManager": st.booleans(),
        "otherContactEmail": st.sampled_from(["a@b.eu", "nobody"]),
    },
)
_BLOCK_JUDGE, _JUDGE = BlockJudge(RECEIVED), Judge(RECEIVED)


@given(st.lists(st.tuples(_changes, st.sampled_from(["PL", "DE"]), st.booleans()), min_size=1, max_size=5))
def test_blocks_and_lines_are_judged_alike(said: list[tuple[dict[str, Any], str, bool]]) -> None:
    lines = [
        json.dumps(wire(**(CONTACT if contact else {}) | changes), ensure_ascii=False).encode()
        for changes, _, contact in said
    ]
    columns = columns_of(b"".join(line + b"\n" for line in lines))
    assert columns.plain.all()
    judged = _BLOCK_JUDGE.judge(columns, ["DE", "PL"], np.array([["DE", "PL"].index(home) for _, home, _ in said]))
    for place, (line, (_, home, _)) in enumerate(zip(lines, said, strict=True)):
        alone = _JUDGE.judge(decode_line(line), home)
        assert sorted(judged.problems.get(place, NOTHING), key=str) == sorted(alone.problems, key=str)
        fleet = alone.fleet
        text = write_fleet(zip(fleet.plate_keys, fleet.plates, fleet.weights, strict=True))
        assert judged.fleets[judged.fleet_of[place]] == (text, fleet.problems)
        assert text.fleet_id == fleet.fleet_id
        carriage = judged.carriages[judged.carriage_of[place]]
        assert carriage[:4] == (alone.cabotage, alone.international, alone.goods, alone.passengers)


def test_lines_that_are_not_plain_are_not_judged() -> None:
    columns = columns_of(b'{"x":1}\n' + json.dumps(wire()).encode().replace(b"\\u", b"") + b"\n")
    judged = BlockJudge(RECEIVED).judge(columns, ["PL"], np.zeros(2, np.int64))
    assert judged.fleet_of.tolist() == [-1, 0]
    assert 0 not in judged.problems
