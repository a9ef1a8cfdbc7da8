"""Procedures, modules and deadlines as data: complete in themselves, and what the field asks for."""

import pytest

from exchange.catalogue import codes, document_types, documents_of, media_of, modules, signatures
from exchange.conditions import CONDITIONS
from exchange.effects import EFFECTS
from exchange.procedures import deadline_for, deadlines, procedures
from exchange.record import Content
from exchange.texts import table, texts
from schemas.languages import LANGUAGES
from store.officers import ROLES

every_procedure = pytest.mark.parametrize("name", sorted(procedures()))


@every_procedure
def test_every_state_can_be_reached_and_left_but_the_last_ones(name):
    procedure = procedures()[name]
    for state, kind in procedure.states.items():
        targets = {move.target for move in procedure.moves.values()}
        assert state in targets, state
        leaving = [move for move in procedure.moves_from(state).values() if move.target not in ("", state)]
        assert bool(leaving) != kind.final, state
        assert (kind.ball == "nobody") == kind.final


@every_procedure
def test_every_move_names_what_exists(name):
    procedure = procedures()[name]
    for move in procedure.moves.values():
        assert {*move.sources} <= {"", *procedure.states}
        assert move.target in {"", *procedure.states}
        assert {*move.roles} <= {*ROLES}
        assert {*move.requires, *move.takes} <= {*Content.__struct_fields__}
        assert not {*move.requires} & {*move.takes}
        assert {*move.when} <= CONDITIONS.keys()
        assert move.effect in EFFECTS
        assert all(
            deadline_for(name, module, kind, urgent=False) for kind in move.starts for module in modules_of(name)
        )


def test_every_condition_and_effect_is_used():
    moves = [move for procedure in procedures().values() for move in procedure.moves.values()]
    assert {name for move in moves for name in move.when} == CONDITIONS.keys()
    assert {move.effect for move in moves} == EFFECTS.keys()


def modules_of(procedure: str) -> list[str]:
    return [name for name, module in modules().items() if procedure in module.procedures]


def test_the_three_modules_of_road_transport_are_there():
    assert set(modules()) == {"posting", "social_rules", "establishment"}
    assert list(modules()["social_rules"].groups)[:9] == [
        *(f"article_{number}" for number in range(1, 9)),
        "article_8a",
    ]
    assert {"Q001", "Q006", "Q007", "Q008", "Q008a", "Q009"} <= set(modules()["social_rules"].questions)


def test_answers_and_questions_use_known_codes():
    for module in modules().values():
        assert set(module.questions.values()) <= set(codes().answer)
        assert len(module.questions) == sum(map(len, module.groups.values()))
        assert set(module.procedures) <= set(procedures())
        assert module.escalation in {None, *module.questions}


def test_what_the_directive_lets_the_host_ask_for_can_be_asked_for():
    wanted = {
        "consignment_note",
        "tachograph_records",
        "remuneration",
        "employment_contract",
        "time_sheets",
        "proof_of_payment",
    }
    assert wanted <= {one.code for one in documents_of("posting")}
    kinds = {one.media for one in signatures()}
    assert all(set(media_of(code)) <= kinds for code in document_types())


def test_deadlines_are_those_of_the_acts():
    def count(*which: str, urgent: bool = False) -> tuple[int, str]:
        found = deadline_for(*which, urgent=urgent)
        assert found is not None
        return found.count, found.unit

    assert count("document_request", "posting", "legal") == (8, "weeks")
    assert count("mutual_assistance", "posting", "legal") == (25, "working_days")
    assert count("mutual_assistance", "posting", "legal", urgent=True) == (2, "working_days")
    assert count("mutual_assistance", "social_rules", "legal", urgent=True) == (3, "working_days")
    assert count("mutual_assistance", "establishment", "legal", urgent=True) == (30, "working_days")
    assert all(count("mutual_assistance", module, "system") == (25, "days") for module in modules())
    assert all(one.source for one in deadlines())


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_each_language_has_words_of_its_own(language: str) -> None:
    borrowed = [
        f"{name}.{code}"
        for name, english in texts("en").items()
        for code, text in english.items()
        if table(language, name)[code] == text and not text.startswith("{")
    ]
    assert len(borrowed) <= 8, borrowed
