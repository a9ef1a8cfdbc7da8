"""The desk in Postgres: requests, assistance, escalation, four eyes, who sees what, who is told."""

from datetime import date, datetime, timedelta

import asyncpg
import pytest

from exchange.access import granted_access
from exchange.desk import NewExchange
from exchange.lists import Wanted, page_of_officer, page_of_operator
from exchange.notices import notices_of_officer, notices_of_operator
from exchange.people import DeskOfficer
from exchange.reading import read_exchange
from exchange.record import Answered, Asked, Content, ExchangeRefusedError, Missing, Subject, Words
from exchange.view import history, view
from tests.exchange.conftest import ASKED_AT, World, store_declaration

LATE = ASKED_AT + timedelta(days=60)
ANSWERS = Content(answers=[Answered("P003", "yes"), Answered("P010", "no", words=Words("Zapłacono w części.", "pl"))])


async def refusal(awaitable) -> str:
    with pytest.raises(ExchangeRefusedError) as caught:
        await awaitable
    return caught.value.code


async def subjects(world: World, officer: DeskOfficer) -> list[str]:
    return [one.subject for one in await notices_of_officer(world.pool, officer, "en", 0, 100)]


async def test_a_request_reaches_the_operator_with_its_form_filled_in(world: World):
    dupont = await world.officer("FR-DGT")
    request = await world.request(dupont)
    assert (request.state, request.legal_due, request.replying_country) == ("OPEN", date(2026, 7, 29), "PL")
    assert request.subject.fields["operator_name"] == "Spedycja Test"
    assert request.subject.fields["driver_name"] == "Jan Nowak"
    assert request.subject.period_end == date(2026, 10, 31)
    (told,) = await notices_of_operator(world.pool, world.operator.operator_id, "pl", 0, 10)
    assert told.kind == "request_opened"
    assert told.exchange_id == request.exchange_id
    event = await world.pool.fetchrow("SELECT kind, details FROM event")
    assert event["kind"] == "request.opened"
    mail = await world.pool.fetchrow("SELECT email, language FROM notice")
    assert (mail["email"], mail["language"]) == ("manager@spedycja.example", "pl")


async def test_declarations_of_another_host_cannot_be_asked_about(world: World):
    dane = await world.officer("DK-AT")
    assert await refusal(world.request(dane)) == "declarations_unknown"
    async with world.pool.acquire() as connection:
        other = await store_declaration(connection, world.operator.credential_id, "FR", "LT")
    dupont = await world.officer("FR-DGT")
    both = Subject(declarations=[world.declarations[0], other])
    assert await refusal(world.request(dupont, subject=both)) == "declarations_of_several_operators"
    assert await refusal(world.assistance(dupont, subject=Subject(declarations=[other]))) == (
        "operator_established_elsewhere"
    )


async def test_an_officer_without_authority_begins_nothing(world: World):
    dupont = await world.officer("FR-DGT")
    homeless = DeskOfficer(
        officer_id=dupont.officer_id,
        name="",
        country="FR",
        authority=None,
        role="desk",
        language="fr",
        email=None,
        four_eyes=False,
    )
    assert await refusal(world.request(homeless)) == "officer_without_authority"


async def test_the_operator_answers_in_part_and_whole_and_the_authority_closes(world: World):
    dupont = await world.officer("FR-DGT")
    request = await world.request(dupont)
    missing = Content(missing=[Missing("remuneration", "not_yet_available", Words("W przyszłym tygodniu.", "pl"))])
    part = await world.desk.move(world.operator, request.exchange_id, "send_part", missing, ASKED_AT)
    assert (part.state, part.ball) == ("PARTIALLY_ANSWERED", "replying")
    rest = Content(missing=[Missing("consignment_note", "not_held")])
    assert (await world.desk.move(world.operator, request.exchange_id, "send_all", rest)).state == "ANSWERED"
    closed = await world.desk.move(dupont, request.exchange_id, "close_unsatisfactory", Content())
    assert closed.closed_at is not None
    kinds = [one.kind for one in await notices_of_operator(world.pool, world.operator.operator_id, "en", 0, 10)]
    assert kinds == ["request_opened", "request_closed"]
    assert [one.text for one in await notices_of_officer(world.pool, dupont, "en", 0, 10)] == [
        "Spedycja Test (Poland): Send some of the documents. Road transport: posting declarations. "
        "State: Partly answered. Due: 2026-07-29.",
        "Spedycja Test (Poland): Complete the reply. Road transport: posting declarations. "
        "State: Answered. Due: 2026-07-29.",
    ]


async def test_an_unanswered_request_opens_the_declaration_to_the_state_of_establishment(world: World):
    dupont, pole, lithuanian = [await world.officer(code) for code in ("FR-DGT", "PL-GIP", "LT-VDI")]
    request = await world.request(dupont)
    declaration = world.declarations[0]
    assert await granted_access(world.pool, declaration, "PL") is None
    assert await refusal(world.desk.move(dupont, request.exchange_id, "escalate", Content(), ASKED_AT)) == "not_overdue"
    escalated = await world.desk.move(dupont, request.exchange_id, "escalate", Content(), LATE)
    assert (escalated.state, escalated.ball) == ("ESCALATED", "linked")
    (assistance,) = await page_of_officer(world.pool, pole, Wanted(direction="received"), LATE)
    assert assistance.parent_id == request.exchange_id
    assert assistance.replying_authority == "PL-GIP"  # the coordinator for posting
    assert [one.code for one in assistance.asking.questions] == ["P001"]
    assert assistance.asking.document_types == ["consignment_note", "remuneration"]
    assert await granted_access(world.pool, declaration, "PL") == assistance.exchange_id
    assert await granted_access(world.pool, declaration, "LT") is None
    assert await granted_access(world.pool, world.declarations[1], "PL") is None
    assert await page_of_officer(world.pool, lithuanian, Wanted()) == []
    kinds = [one.kind for one in await notices_of_operator(world.pool, world.operator.operator_id, "en", 0, 10)]
    assert kinds == ["request_opened", "request_escalated"]
    assert await subjects(world, pole) == [f"Mutual assistance {assistance.shown_number}: Sent, awaiting acceptance"]
    await world.desk.move(
        pole, assistance.exchange_id, "refuse", Content(reason="not_competent", text=Words("Nie.", "pl"))
    )
    await world.desk.move(dupont, assistance.exchange_id, "close", Content())
    assert await granted_access(world.pool, declaration, "PL") is None


async def test_assistance_from_the_question_to_the_evaluation(world: World):
    dupont, pole, poznan = [await world.officer(code) for code in ("FR-DGT", "PL-GIP", "PL-OIP-POZNAN")]
    sent = await world.assistance(dupont, due=date(2026, 6, 20))
    assert (sent.legal_due, sent.system_due) == (date(2026, 7, 9), date(2026, 6, 28))  # Corpus Christi is off

    async def make(officer, name, at=ASKED_AT, **content):
        return await world.desk.move(officer, sent.exchange_id, name, Content(**content), at)

    assert await refusal(make(poznan, "accept")) == "move_not_yours"
    forwarded = await make(pole, "forward", authority="PL-OIP-POZNAN")
    assert (forwarded.state, forwarded.replying_authority) == ("SENT", "PL-OIP-POZNAN")
    assert await refusal(make(poznan, "forward", authority="DE-BALM")) == "authority_not_possible"
    accepted = await make(poznan, "accept", due=date(2026, 7, 1))
    assert accepted.agreed_due is None
    assert (await make(dupont, "agree_date")).agreed_due == date(2026, 7, 1)
    part = await make(poznan, "answer_part", answers=ANSWERS.answers[:1])
    assert part.ball == "replying"
    answered = await make(poznan, "answer", answers=ANSWERS.answers[1:])
    assert answered.ball == "requesting"
    asked = await make(dupont, "ask_more", questions=[Asked("P008")], text=Words("Merci. Et le montant ?", "fr"))
    assert asked.shown_number == f"{sent.number}.2"
    await make(poznan, "answer", answers=[Answered("P008", number=5120.5)])
    await make(dupont, "close")
    rated = await make(dupont, "evaluate", timeliness="very_satisfied", effort="satisfied")
    assert rated.timeliness == "very_satisfied"
    moves = [one.move.code for one in await history(world.pool, rated, poznan, "en", ASKED_AT)]
    assert moves == [
        "send",
        "forward",
        "accept",
        "agree_date",
        "answer_part",
        "answer",
        "ask_more",
        "answer",
        "close",
        "evaluate",
    ]
    assert await subjects(world, poznan) == [
        f"Mutual assistance {sent.number}.1: Sent, awaiting acceptance",
        f"Mutual assistance {sent.number}.1: Accepted",
        f"Mutual assistance {sent.number}.2: Additional information requested",
        f"Mutual assistance {sent.number}.2: Closed",
        f"Mutual assistance {sent.number}.2: Closed",
    ]


async def test_each_side_sees_its_own_language_and_what_it_may_do(world: World):
    dupont, pole = await world.officer("FR-DGT"), await world.officer("PL-GIP")
    sent = await world.assistance(dupont)
    english = await view(world.pool, sent, dupont, "en", ASKED_AT)
    assert english.questions[1].text == "Was the remuneration for the period of posting paid in full?"
    assert english.replying.name == "National Labour Inspectorate, Chief Labour Inspectorate"
    assert english.ball_side == english.replying
    assert {one.code for one in english.moves} == {"withdraw", "propose_date"}
    assert (english.dates.days_left, english.dates.due_is, english.dates.overdue) == (36, "legal", False)
    polish = await view(world.pool, sent, pole, "pl", ASKED_AT)
    assert polish.replying.name == "Państwowa Inspekcja Pracy – Główny Inspektorat Pracy"
    assert polish.requesting.country_name == "Francja"
    assert {one.code for one in polish.moves} >= {"accept", "forward", "refuse"}


async def test_overdue_is_told_from_the_dates_alone(world: World):
    dupont = await world.officer("FR-DGT")
    request = await world.request(dupont)
    last = datetime(2026, 7, 29, 21, 30, tzinfo=ASKED_AT.tzinfo)  # still the 29th in Warsaw
    assert not (await view(world.pool, request, dupont, "en", last)).dates.overdue
    assert (await view(world.pool, request, dupont, "en", last + timedelta(hours=1))).dates.overdue
    assert [one.number for one in await page_of_officer(world.pool, dupont, Wanted(overdue=True), LATE)] == [
        request.number
    ]
    assert await page_of_officer(world.pool, dupont, Wanted(overdue=True), last) == []


async def test_four_eyes_hold_what_leaves_the_authority(world: World):
    await world.pool.execute("UPDATE authority SET four_eyes = true WHERE code = 'FR-DGT'")
    first, second, pole = [await world.officer(code) for code in ("FR-DGT", "FR-DGT", "PL-GIP")]
    held = await world.assistance(first)
    assert held.state == "DRAFT"
    assert await page_of_officer(world.pool, pole, Wanted()) == []
    assert await refusal(read_exchange(world.pool, pole, held.exchange_id)) == "not_found"
    assert await refusal(world.desk.release(first, held.exchange_id)) == "four_eyes_needed"
    assert await subjects(world, second) == [f"Mutual assistance {held.number}.1 is waiting for your release"]
    assert (await view(world.pool, held, second, "en", ASKED_AT)).held.code == "send"
    sent = await world.desk.release(second, held.exchange_id)
    assert sent.state == "SENT"
    row = await world.pool.fetchrow("SELECT officer_id, released_by FROM exchange_event WHERE move = 'send'")
    assert (row["officer_id"], row["released_by"]) == (first.officer_id, second.officer_id)
    assert await refusal(world.desk.release(second, held.exchange_id)) == "nothing_held"


async def test_a_held_move_is_taken_back(world: World):
    await world.pool.execute("UPDATE authority SET four_eyes = true WHERE code = 'FR-DGT'")
    first, second = await world.officer("FR-DGT"), await world.officer("FR-DGT")
    held = await world.request(first)
    assert await refusal(world.desk.move(first, held.exchange_id, "open", Content())) == "held_already"
    await world.desk.let_go(second, held.exchange_id)
    assert await refusal(world.desk.release(second, held.exchange_id)) == "nothing_held"
    withdrawn = await world.desk.move(first, held.exchange_id, "withdraw", Content())
    assert withdrawn.state == "WITHDRAWN"
    assert await page_of_operator(world.pool, world.operator, Wanted()) == []


async def test_a_coordinator_acts_for_every_authority_of_the_state_and_an_auditor_for_none(world: World):
    dupont = await world.officer("FR-DGT")
    sent = await world.assistance(dupont)
    coordinator, auditor = await world.officer("PL-GITD", "coordinator"), await world.officer("PL-GIP", "auditor")
    assert (await view(world.pool, sent, auditor, "en", ASKED_AT)).moves == []
    assert await refusal(world.desk.move(auditor, sent.exchange_id, "accept", Content())) == "role_missing"
    assert (await world.desk.move(coordinator, sent.exchange_id, "accept", Content())).state == "ACCEPTED"


async def test_lists_are_filtered(world: World):
    dupont, pole = await world.officer("FR-DGT"), await world.officer("PL-GIP")
    request, assistance = await world.request(dupont), await world.assistance(dupont)

    async def numbers(officer, **wanted):
        return [one.number for one in await page_of_officer(world.pool, officer, Wanted(**wanted), ASKED_AT)]

    assert await numbers(dupont) == [assistance.number, request.number]
    assert await numbers(dupont, limit=1) == [assistance.number]
    assert await numbers(dupont, before=assistance.number) == [request.number]
    assert await numbers(dupont, procedure="document_request") == [request.number]
    assert await numbers(dupont, direction="received") == []
    assert await numbers(dupont, ball="ours") == []
    assert await numbers(dupont, ball="theirs") == [assistance.number, request.number]
    assert await numbers(pole) == [assistance.number]
    assert await numbers(pole, ball="ours", states=["SENT"], running=True, country="FR") == [assistance.number]
    assert await numbers(pole, authority="PL-GITD") == []
    assert await numbers(dupont, operator_id=world.operator.operator_id, module="posting", running=False) == []
    assert [one.number for one in await page_of_operator(world.pool, world.operator, Wanted())] == [request.number]


async def test_subscribers_hear_of_every_move_but_their_own(world: World):
    dupont, colleague, pole = [await world.officer(code) for code in ("FR-DGT", "FR-DGT", "PL-GIP")]
    subscribe = "INSERT INTO exchange_subscription (officer_id, exchange_id, email) VALUES ($1, NULL, true)"
    await world.pool.execute(subscribe, colleague.officer_id)
    await world.pool.execute(subscribe, dupont.officer_id)
    sent = await world.assistance(dupont)
    personal = "SELECT officer_id, email FROM notice WHERE officer_id IS NOT NULL"
    told = await world.pool.fetch(personal)
    assert [(row["officer_id"], row["email"]) for row in told] == [(colleague.officer_id, colleague.email)]
    await world.desk.move(pole, sent.exchange_id, "accept", Content())
    assert len(await world.pool.fetch(personal)) == 3


async def test_the_history_is_only_ever_added_to(world: World):
    await world.request(await world.officer("FR-DGT"))
    with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
        await world.pool.execute("UPDATE exchange_event SET move = 'close'")


async def test_a_draft_is_seen_by_its_own_state_alone(world: World):
    dupont, colleague, pole = [await world.officer(code) for code in ("FR-DGT", "FR-DGITM", "PL-GIP")]
    content = Content(authority="PL-GIP", questions=[Asked("P003")], subject=Subject(fields={"operator_name": "X"}))
    draft = await world.desk.begin(dupont, NewExchange("mutual_assistance", "posting", "draft", content))
    assert await read_exchange(world.pool, colleague, draft.exchange_id) == draft
    assert await refusal(read_exchange(world.pool, pole, draft.exchange_id)) == "not_found"
    assert await refusal(world.desk.move(colleague, draft.exchange_id, "send", Content())) == "move_not_yours"
    sent = await world.desk.move(dupont, draft.exchange_id, "send", Content(authority="LT-VDI"))
    assert (sent.replying_country, sent.state) == ("LT", "SENT")
    assert [one.move.code for one in await history(world.pool, sent, dupont, "en", ASKED_AT)] == ["draft", "send"]
    lithuanian = await world.officer("LT-VDI")
    assert [one.move.code for one in await history(world.pool, sent, lithuanian, "en", ASKED_AT)] == ["send"]
