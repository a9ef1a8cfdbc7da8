import itertools
from collections import Counter
from datetime import date
from uuid import UUID

import msgspec
import numpy as np
import pytest

from loadtests import generator
from loadtests.generator import Generator, Load, LoadError
from schemas.declaration import Declaration, DeclarationLine
from schemas.operator import Operator
from validate.judge import Judge

TODAY = date(2026, 11, 23)
OPERATOR = UUID("0190a6f2-7c1e-4d3a-9b54-000000000001")
_DECLARATION = msgspec.json.Decoder(Declaration)


def load(count: int, **values: object) -> Load:
    return Load(count=count, today=TODAY, **({"operators": max(1, count // 18)} | values))  # type: ignore[arg-type]


def text(of: Load) -> bytes:
    return b"".join(Generator(of).declarations())


def declarations(of: Load) -> list[Declaration]:
    return _DECLARATION.decode_lines(text(of))


def operators(of: Load) -> list[Operator]:
    return msgspec.json.Decoder(Operator).decode_lines(b"".join(Generator(of).operators()))


@pytest.fixture(scope="module")
def sample() -> list[Declaration]:
    return declarations(load(40_000))


@pytest.mark.parametrize(("count", "number"), [(0, 1), (1, 1), (3, 10), (1000, 1), (1001, 7), (5000, 400)])
def test_as_many_lines_as_asked_and_all_fit_the_contract(count: int, number: int):
    assert len(declarations(load(count, operators=number))) == count


def test_one_seed_gives_one_text_and_another_seed_another():
    assert text(load(2000)) == text(load(2000))
    assert text(load(2000)) != text(load(2000, seed=2))


def test_the_text_does_not_depend_on_how_it_is_cut(monkeypatch: pytest.MonkeyPatch):
    whole = text(load(3000, rounds=2))
    monkeypatch.setattr(generator, "_STRETCH_BYTES", 77_777)
    assert len(list(Generator(load(3000, rounds=2)).declarations())) > 10
    assert text(load(3000, rounds=2)) == whole


def test_every_stretch_ends_with_a_whole_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(generator, "_STRETCH_BYTES", 50_000)
    assert all(bytes(part).endswith(b"}\n") for part in Generator(load(2000)).declarations())


def judged(of: Load) -> tuple[int, int, Counter[str]]:
    home = {operator.operator_id: operator.country for operator in operators(of)}
    judge, refused, codes = Judge(TODAY), 0, Counter[str]()
    lines = text(of).splitlines()
    for line in lines:
        try:
            declaration = msgspec.json.decode(line, type=DeclarationLine)
        except msgspec.DecodeError:
            refused += 1
            continue
        judgement = judge.judge(declaration, home[declaration.operator_id])
        refused += judgement.refused
        codes.update(problem.code for problem in judgement.problems)
    return len(lines), refused, codes


def test_without_errors_no_line_is_refused_and_only_the_expected_warnings_come():
    _, refused, codes = judged(load(30_000))
    assert refused == 0
    assert set(codes) <= {"late_submission", "plate_not_latin", "more_problems"}
    assert 0.02 < codes["late_submission"] / 30_000 < 0.04


def test_the_stated_share_of_errors_is_refused():
    count, refused, codes = judged(load(30_000, errors=0.05))
    assert 0.045 < refused / count < 0.055
    assert {"end_before_start", "period_too_long", "contact_incomplete", "driver_missing"} <= set(codes)


def test_the_largest_hundredth_of_operators_make_over_two_fifths_of_the_declarations():
    count, number = 1_800_000, 100_000
    population = Generator(load(count, operators=number))._population
    made = np.sort(population.declarations)[::-1]
    assert made.sum() == count
    assert made.min() >= 1
    assert 0.4 < made[: number // 100].sum() / count < 0.6
    assert 15 < (population.plates() * population.declarations).sum() / count < 25


def test_operators_come_from_where_they_do_in_the_union():
    origins = Counter(operator.country for operator in operators(load(0, operators=20_000)))
    assert origins["PL"] / 20_000 == pytest.approx(0.36, abs=0.02)
    assert origins["LT"] / 20_000 == pytest.approx(0.22, abs=0.02)
    assert len(origins) > 20


def test_most_postings_last_six_months_and_none_is_longer(sample: list[Declaration]):
    days = [(each.end_date - each.start_date).days + 1 for each in sample]
    assert 0.66 < sum(181 <= day <= 184 for day in days) / len(days) < 0.74
    assert min(days) == 1
    assert max(days) <= 184


def test_operations_and_carriage_are_shared_out_as_in_the_load_model(sample: list[Declaration]):
    both = sum(len(each.operation_types) == 2 for each in sample) / len(sample)
    goods = sum("CARRIAGE_OF_GOODS" in each.transport_types for each in sample) / len(sample)
    assert both == pytest.approx(0.7, abs=0.02)
    assert goods > 0.9


def test_a_driver_is_posted_to_several_hosts_and_never_twice_to_one_in_a_round(sample: list[Declaration]):
    posted = Counter(
        (each.operator_id, each.driver_licence_number, each.driver_birth_date, each.posting_country) for each in sample
    )
    drivers = {key[:3] for key in posted}
    assert max(posted.values()) == 1
    assert 5 < len(sample) / len(drivers) < 15


def test_a_second_round_renews_the_same_drivers_and_fleets():
    first, second = (
        {(each.operator_id, each.driver_licence_number) for each in half}
        for half in np.array_split(np.array(declarations(load(20_000, rounds=2, days=360)), object), 2)
    )
    assert len(first & second) / len(second) > 0.7


def test_lines_of_an_operator_stand_together(sample: list[Declaration]):
    changes = sum(one.operator_id != other.operator_id for one, other in itertools.pairwise(sample))
    assert changes + 1 == len({each.operator_id for each in sample})


def test_lines_for_a_known_operator_name_it_only_when_delegated():
    alone = load(50, operators=1, operator_id=OPERATOR, country="FR", delegated=False)
    assert {each.operator_id for each in declarations(alone)} == {None}
    delegated = load(50, operators=1, operator_id=OPERATOR, country="FR")
    assert {each.operator_id for each in declarations(delegated)} == {str(OPERATOR)}
    assert [each.operator_id for each in operators(delegated)] == [str(OPERATOR)]
    assert "FR" not in {each.posting_country for each in declarations(delegated)}


def test_a_load_that_contradicts_itself_is_an_error():
    with pytest.raises(LoadError, match="several"):
        load(5, operators=2, operator_id=OPERATOR)
    with pytest.raises(LoadError, match="IS"):
        load(5, country="IS")
