"""Rules over what is carried and how."""

import pytest

from tests.validate.samples import found, judged
from validate.carriage import Carriage, read_carriage

OPERATIONS = "/declarationOperationType"
TRANSPORTS = "/declarationTransportType"


def test_the_lists_become_flags():
    one = read_carriage((b'["INTERNATIONAL_CARRIAGE"]', b'["CARRIAGE_OF_GOODS"]'))
    both = read_carriage(
        (b'["INTERNATIONAL_CARRIAGE", "CABOTAGE_OPERATIONS"]', b'["CARRIAGE_OF_PASSENGERS","CARRIAGE_OF_GOODS"]')
    )
    assert one == Carriage(cabotage=False, international=True, goods=True, passengers=False, problems=())
    assert both == Carriage(cabotage=True, international=True, goods=True, passengers=True, problems=())


def test_a_judgement_has_the_flags():
    judgement = judged(declarationOperationType=["CABOTAGE_OPERATIONS"])
    assert (judgement.cabotage, judgement.international) == (True, False)
    assert (judgement.goods, judgement.passengers) == (True, False)


def test_a_code_that_stands_twice_is_refused():
    twice = ["CABOTAGE_OPERATIONS", "CABOTAGE_OPERATIONS"]
    assert found(declarationOperationType=twice) == [("duplicate_code", OPERATIONS + "/1")]
    assert "INTERNATIONAL_CARRIAGE" in judged(declarationOperationType=twice).problems[0].suggestion


@pytest.mark.parametrize(
    ("value", "code", "pointer"),
    [
        ([], "too_few", ""),
        (["CABOTAGE_OPERATIONS"] * 3, "too_many", ""),
        (["cabotage"], "not_a_code", "/0"),
        ("CABOTAGE_OPERATIONS", "wrong_type", ""),
        ([None], "wrong_type", "/0"),
        ({"a": 1}, "wrong_type", ""),
    ],
)
def test_a_list_that_breaks_the_contract_is_explained(value, code, pointer):
    assert found(declarationOperationType=value) == [(code, OPERATIONS + pointer)]


def test_transport_types_are_explained_as_well():
    assert ("not_a_code", TRANSPORTS + "/0") in found(declarationTransportType=["GOODS"])
