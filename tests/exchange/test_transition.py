"""Moves of an exchange without a database: who may what when, which dates follow, and what never happens."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exchange.conditions import Facts, day_in, is_overdue, open_documents, open_questions
from exchange.procedures import procedures
from exchange.record import (
    Actor,
    Answered,
    Asked,
    Content,
    Exchange,
    ExchangeRefusedError,
    Missing,
    Subject,
    Words,
)
from exchange.transition import possible_moves, take

SENT = datetime(2022, 5, 13, 9, tzinfo=UTC)
DANE = Actor("requesting", "DK", "DK-AT", uuid4(), "desk")
POLE = Actor("replying", "PL", "PL-GIP", uuid4(), "desk")
OPERATOR = Actor("replying", "PL", credential_id=uuid4())
WORDS = Words("Bitte senden Sie uns die Unterlagen.", "de")
SUBJECT = Subject(declarations=[uuid4()], fields={"operator_name": "Spedycja Test"})


def request(**changes: object) -> Exchange:
    return replace(
        Exchange(
            exchange_id=uuid4(),
            procedure="document_request",
            module="posting",
            requesting_country="DK",
            requesting_authority="DK-AT",
            replying_country="PL",
        ),
        **changes,
    )


def assistance(**changes: object) -> Exchange:
    return request(procedure="mutual_assistance", replying_authority="PL-GIP", **changes)


def after(exchange: Exchange, *steps: tuple[str, Actor, Content], at: datetime = SENT) -> Exchange:
    for name, actor, content in steps:
        exchange = take(exchange, name, actor, content, Facts(at)).exchange
    return exchange


def refusal(exchange: Exchange, name: str, actor: Actor, content: Content, facts: Facts | None = None) -> str:
    with pytest.raises(ExchangeRefusedError) as caught:
        take(exchange, name, actor, content, facts or Facts(SENT))
    return caught.value.code


ASK = Content(subject=SUBJECT, document_types=["consignment_note", "remuneration"])
QUESTIONS = Content(subject=SUBJECT, questions=[Asked("P003"), Asked("P013", WORDS)])
ANSWERS = Content(answers=[Answered("P003", "yes"), Answered("P013", words=WORDS)])


def test_eight_weeks_begin_with_the_request():
    opened = after(request(), ("open", DANE, ASK), at=datetime(2026, 6, 3, 8, tzinfo=UTC))
    assert (opened.state, opened.ball) == ("OPEN", "replying")
    assert opened.legal_due == date(2026, 7, 29)
    assert opened.system_due is None


def test_the_day_of_a_request_is_the_day_where_the_deadline_runs():
    assert day_in("PL", datetime(2026, 6, 3, 22, 30, tzinfo=UTC)) == date(2026, 6, 4)
    assert day_in("PT", datetime(2026, 6, 3, 22, 30, tzinfo=UTC)) == date(2026, 6, 3)
    assert day_in("KZ", datetime(2026, 6, 3, 22, 30, tzinfo=UTC)) == date(2026, 6, 4)  # Brussels


def test_a_request_names_a_declaration_and_documents():
    assert refusal(request(), "open", DANE, Content(document_types=["remuneration"])) == "content_missing"
    assert refusal(request(), "open", DANE, Content(subject=SUBJECT)) == "content_missing"
    assert refusal(request(), "open", DANE, replace(ASK, document_types=["premises"])) == "not_one_of"


def test_documents_come_in_part_or_whole_and_what_is_missing_is_explained():
    opened = after(request(), ("open", DANE, ASK))
    upload = uuid4()
    facts = Facts(SENT, {upload: "consignment_note"})
    part = take(opened, "send_part", OPERATOR, Content(uploads=[upload]), facts).exchange
    assert (part.state, part.ball, open_documents(part)) == ("PARTIALLY_ANSWERED", "replying", ["remuneration"])
    assert refusal(part, "send_all", OPERATOR, Content(text=WORDS)) == "documents_left"
    whole = after(part, ("send_all", OPERATOR, Content(missing=[Missing("remuneration", "not_yet_available")])))
    assert (whole.state, whole.ball, whole.answered_at) == ("ANSWERED", "requesting", SENT)


def test_what_the_authority_attaches_to_its_request_is_no_answer():
    upload = uuid4()
    facts = Facts(SENT, {upload: "consignment_note"})
    opened = take(request(), "open", DANE, replace(ASK, uploads=[upload]), facts).exchange
    assert open_documents(opened) == ["consignment_note", "remuneration"]


def test_what_is_asked_again_is_open_again():
    answered = after(
        request(),
        ("open", DANE, ASK),
        (
            "send_all",
            OPERATOR,
            Content(missing=[Missing("remuneration", "not_held"), Missing("consignment_note", "not_held")]),
        ),
        ("ask_more", DANE, Content(text=WORDS, document_types=["remuneration"])),
    )
    assert answered.state == "MORE_INFO_REQUESTED"
    assert open_documents(answered) == ["remuneration"]
    assert answered.round == 2
    assert answered.answered_at == SENT  # the first complete answer counts for speed


def test_only_an_overdue_request_is_escalated():
    opened = after(request(), ("open", DANE, ASK))
    due = datetime.combine(opened.legal_due, datetime.min.time(), UTC)
    assert refusal(opened, "escalate", DANE, Content(), Facts(due + timedelta(hours=12))) == "not_overdue"
    late = due + timedelta(days=1, hours=12)
    assert is_overdue(opened, late)
    escalated = take(opened, "escalate", DANE, Content(authority="PL-GIP"), Facts(late)).exchange
    assert (escalated.state, escalated.ball) == ("ESCALATED", "linked")
    assert after(escalated, ("send_late", OPERATOR, Content(text=WORDS))).state == "ESCALATED"


def test_both_dates_of_the_sample_of_imi_are_kept():
    sent = after(assistance(replying_country="DE"), ("send", DANE, QUESTIONS))
    assert sent.system_due == date(2022, 6, 7)
    assert sent.legal_due == date(2022, 6, 21)  # by Ascension and Whit Monday, days off in Germany
    assert (sent.proposed_due, sent.proposed_by) == (date(2022, 6, 7), "requesting")


def test_acceptance_agrees_to_the_proposed_date_or_proposes_another():
    sent = after(assistance(), ("send", DANE, replace(QUESTIONS, due=date(2022, 6, 1))))
    agreed = after(sent, ("accept", POLE, Content()))
    assert (agreed.agreed_due, agreed.accepted_at, agreed.state) == (date(2022, 6, 1), SENT, "ACCEPTED")
    other = after(sent, ("accept", POLE, Content(due=date(2022, 6, 20))))
    assert (other.agreed_due, other.proposed_due, other.proposed_by) == (None, date(2022, 6, 20), "replying")
    assert refusal(other, "agree_date", POLE, Content()) == "no_date_proposed"
    assert after(other, ("agree_date", DANE, Content())).agreed_due == date(2022, 6, 20)


def test_a_date_of_the_past_is_no_proposal():
    assert refusal(assistance(), "send", DANE, replace(QUESTIONS, due=date(2022, 5, 13))) == "date_not_to_come"


def test_a_request_is_forwarded_within_its_state_only():
    sent = after(assistance(), ("send", DANE, QUESTIONS))
    forward = Content(authority="PL-OIP-POZNAN")
    assert refusal(sent, "forward", POLE, forward, Facts(SENT, authority_country="DE")) == "authority_not_possible"
    assert refusal(sent, "forward", POLE, Content(authority="PL-GIP"), Facts(SENT, authority_country="PL")) == (
        "authority_not_possible"
    )
    forwarded = take(sent, "forward", POLE, forward, Facts(SENT, authority_country="PL")).exchange
    assert (forwarded.replying_authority, forwarded.state) == ("PL-OIP-POZNAN", "SENT")


def test_an_answer_answers_every_question_in_its_kind():
    accepted = after(assistance(), ("send", DANE, QUESTIONS), ("accept", POLE, Content()))
    assert refusal(accepted, "answer", POLE, replace(ANSWERS, answers=ANSWERS.answers[:1])) == "questions_left"
    assert refusal(accepted, "answer", POLE, Content(answers=[Answered("P003", "valid")])) == "not_one_of"
    assert refusal(accepted, "answer", POLE, Content(answers=[Answered("P004", "valid")])) == "not_one_of"
    assert refusal(accepted, "answer", POLE, Content(answers=[Answered("P013", "yes")])) == "content_missing"
    part = after(accepted, ("answer_part", POLE, replace(ANSWERS, answers=ANSWERS.answers[:1])))
    assert open_questions(part) == ["P013"]
    assert after(part, ("answer", POLE, replace(ANSWERS, answers=ANSWERS.answers[1:]))).state == "ANSWERED"


def test_an_evaluation_follows_the_end_once():
    closed = after(
        assistance(),
        ("send", DANE, QUESTIONS),
        ("accept", POLE, Content()),
        ("answer", POLE, ANSWERS),
        ("close", DANE, Content()),
    )
    rating = Content(timeliness="satisfied", effort="dissatisfied")
    rated = after(closed, ("evaluate", DANE, rating))
    assert (rated.timeliness, rated.effort, rated.state) == ("satisfied", "dissatisfied", "CLOSED")
    assert refusal(rated, "evaluate", DANE, rating) == "evaluation_not_possible"


def test_a_dispute_goes_to_the_coordinator():
    refused = after(
        assistance(),
        ("send", DANE, QUESTIONS),
        ("refuse", POLE, Content(reason="not_competent", text=WORDS)),
        ("refer", DANE, Content(text=WORDS)),
    )
    assert (refused.state, refused.ball) == ("REFERRED", "coordinator")
    coordinator = Actor("coordinator", "PL", "PL-GIP", uuid4(), "coordinator")
    assert refusal(refused, "settle_reopen", POLE, Content()) == "move_not_yours"
    assert after(refused, ("settle_reopen", coordinator, Content())).state == "ACCEPTED"


def test_a_draft_is_replaced_as_a_whole_and_sent_as_it_is():
    draft = after(assistance(), ("draft", DANE, QUESTIONS), ("draft", DANE, Content(questions=[Asked("P004")])))
    assert [one.code for one in draft.asking.questions] == ["P004"]
    assert draft.sent_at is None
    sent = after(draft, ("send", DANE, Content()))
    assert [one.code for one in sent.asking.questions] == ["P004"]
    assert sent.subject == SUBJECT


def test_roles_and_sides_are_kept_apart():
    roadside = replace(DANE, role="roadside")
    assert after(request(), ("open", roadside, ASK)).state == "OPEN"
    assert refusal(assistance(), "send", roadside, QUESTIONS) == "role_missing"
    auditor = replace(DANE, role="auditor")
    assert possible_moves(request(), [auditor], SENT) == []
    sent = after(assistance(), ("send", DANE, QUESTIONS))
    assert refusal(sent, "accept", DANE, Content()) == "move_not_yours"
    assert refusal(sent, "close", DANE, Content()) == "move_not_possible"
    assert "accept" in possible_moves(sent, [POLE], SENT)
    assert "withdraw" in possible_moves(sent, [DANE], SENT)


def test_content_that_a_move_does_not_take_is_refused():
    assert refusal(assistance(), "send", DANE, replace(QUESTIONS, timeliness="satisfied")) == "content_not_taken"
    assert refusal(assistance(), "send", DANE, replace(QUESTIONS, text=Words("?", "tlh"))) == "language_unknown"
    wrong = replace(QUESTIONS, subject=Subject(fields={"shoe_size": "44"}))
    assert refusal(assistance(), "send", DANE, wrong) == "not_one_of"


CONTENTS = {
    "subject": SUBJECT,
    "questions": [Asked("P003")],
    "document_types": ["remuneration"],
    "answers": [Answered("P003", "yes")],
    "missing": [Missing("remuneration", "not_held")],
    "text": WORDS,
    "due": date(2022, 6, 1),
    "authority": "PL-OIP-POZNAN",
    "timeliness": "satisfied",
    "effort": "satisfied",
}
ACTORS = [
    DANE,
    POLE,
    Actor("coordinator", "PL", "PL-GIP", UUID(int=3), "coordinator"),
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(procedures())), st.data())
def test_whatever_people_do_the_record_holds_together(procedure, data):
    exchange = request(procedure=procedure, replying_authority="PL-GIP" if procedure[0] == "m" else None)
    at, sequence = SENT, 0
    for _ in range(data.draw(st.integers(1, 12))):
        move = data.draw(st.sampled_from(sorted(procedures()[procedure].moves)))
        actor = data.draw(st.sampled_from(ACTORS))
        members = data.draw(st.lists(st.sampled_from(sorted(CONTENTS)), unique=True))
        at += timedelta(days=data.draw(st.integers(0, 20)))
        try:
            made = take(
                exchange, move, actor, Content(**{name: CONTENTS[name] for name in members}), Facts(at, {}, "PL")
            )
        except ExchangeRefusedError:
            continue
        sequence += 1
        assert made.event.sequence == made.exchange.revision == sequence
        assert made.event.state_before == exchange.state
        exchange = made.exchange
        state = procedures()[procedure].states[exchange.state]
        assert exchange.ball == state.ball
        assert not state.answered or not (open_questions(exchange) or open_documents(exchange))
        assert (exchange.closed_at is not None) == state.final
        if exchange.sent_at:
            assert exchange.legal_due > day_in("PL", exchange.sent_at)
        else:
            assert exchange.state in ("DRAFT", "WITHDRAWN")
