"""Simulated mutual assistance: accepted, forwarded, answered, asked again, refused, evaluated."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec.structs import replace

from exchange.catalogue import codes, modules
from exchange.conditions import Facts, day_in, open_documents, open_questions
from exchange.record import Actor, Answered, Asked, Content, Missing, Rating, Subject
from exchange.simulation.assumptions import assumptions
from exchange.simulation.course import Course, NotYetError
from exchange.simulation.world import Manner, World, clerk


def assistance(world: World, begun: datetime) -> Iterator[Course]:
    """Simulates a request for mutual assistance in one of the modules."""
    share = assumptions().share
    module = world.rng.choices(list(modules()), [share[name] for name in modules()])[0]
    host, origin = world.pair()
    course = Course(world, world.exchange("mutual_assistance", module, host, origin), begun)
    yield course
    listed = list(modules()[module].questions)
    words = world.words(host)
    asked = Content(
        subject=Subject(fields=world.fields(origin)),
        questions=[
            Asked(code, words if world.happens(0.3) else None)
            for code in sorted(world.rng.sample(listed, k=world.rng.randint(1, 4)))
        ],
        reason=world.rng.choice(codes().reason["request"]),
        text=words,
        urgent=world.happens(share["urgent"]),
    )
    with suppress(NotYetError):
        assist(course, asked)


def assist(course: Course, asked: Content) -> None:
    """Sends a request and lets both sides act. Raises `NotYetError` when the simulation ends before."""
    world, habits = course.world, assumptions().authority
    manner = world.manners[course.exchange.replying_country]
    asking, asked_one = clerk(course.exchange, "requesting"), clerk(course.exchange, "replying")
    course.make("send", asking, asked)
    if world.happens(habits.withdrawn):
        course.after(world.rng.uniform(1, 10))
        course.make("withdraw", asking)
        return
    course.after(world.days(manner.days_to_accept))
    if world.happens(habits.refused):
        _refuse(course, asking, asked_one)
        return
    if world.happens(habits.forwarded):
        asked_one = _forward(course, asked_one)
        course.after(world.days(manner.days_to_accept) / 2)
    _accept(course, asking, asked_one)
    _answer(course, asked_one, world.days(manner.days_to_answer))
    if world.happens(habits.asked_again):
        course.after(world.rng.uniform(2, 20))
        more = Asked(world.rng.choice(list(modules()[course.exchange.module].questions)))
        course.make("ask_more", asking, Content(text=world.words(asking.country), questions=[more]))
        _answer(course, asked_one, world.days(manner.days_to_answer) / 2)
    course.after(world.rng.uniform(1, 25))
    course.make("close", asking)
    if world.happens(habits.evaluated):
        course.after(world.rng.uniform(0.1, 5))
        course.make("evaluate", asking, _rating(course, manner))


def _accept(course: Course, asking: Actor, asked_one: Actor) -> None:
    world, habits = course.world, assumptions().authority
    if not world.happens(habits.other_date):
        course.make("accept", asked_one)
        return
    today = day_in(course.exchange.replying_country, course.at)
    course.make("accept", asked_one, Content(due=today + timedelta(days=world.rng.randint(20, 50))))
    if course.exchange.proposed_by is not None and world.happens(habits.date_agreed):
        course.after(world.rng.uniform(0.2, 4))
        course.make("agree_date", asking)


def _answer(course: Course, asked_one: Actor, days: float) -> None:
    world = course.world
    if len(open_questions(course.exchange)) > 1 and world.happens(assumptions().authority.in_part_first):
        course.after(days * 0.5)
        days *= 0.5
        course.make("answer_part", asked_one, Content(answers=_answers(course, asked_one)[:1]))
    course.after(days)
    left = open_documents(course.exchange)
    missing = left[-1:] if world.happens(0.2) else []
    explained = [Missing(one, world.rng.choice(codes().reason["missing"])) for one in missing]
    sent = [one for one in left if one not in missing]
    course.deliver("answer", asked_one, sent, explained, _answers(course, asked_one))


def _answers(course: Course, asked_one: Actor) -> list[Answered]:
    world, kinds = course.world, modules()[course.exchange.module].questions
    words = world.words(asked_one.country)
    answers = []
    for code in open_questions(course.exchange):
        choices = codes().answer[kinds[code]]
        choice = world.rng.choice(choices) if choices else None
        answers.append(Answered(code, choice, None, None if choices and world.happens(0.7) else words))
    return answers


def _refuse(course: Course, asking: Actor, asked_one: Actor) -> None:
    world = course.world
    reason = world.rng.choice(codes().reason["refuse"])
    course.make("refuse", asked_one, Content(reason=reason, text=world.words(asked_one.country)))
    course.after(world.rng.uniform(1, 15))
    if not world.happens(assumptions().authority.referred):
        course.make("close", asking)
        return
    course.make("refer", asking, Content(text=world.words(asking.country)))
    course.after(world.rng.uniform(2, 20))
    coordinator = replace(asked_one, party="coordinator", role="coordinator")
    course.make("settle_close", coordinator, Content(text=world.words(asked_one.country)))


def _forward(course: Course, asked_one: Actor) -> Actor:
    authority = course.world.colleague(asked_one.authority or "")
    if authority is None:
        return asked_one
    facts = Facts(course.at, authority_country=asked_one.country)
    course.make("forward", asked_one, Content(authority=authority), facts)
    return clerk(course.exchange, "replying")


def _rating(course: Course, manner: Manner) -> Content:
    exchange, world = course.exchange, course.world
    assert exchange.answered_at is not None
    due = exchange.agreed_due or exchange.legal_due
    late = due is not None and day_in(exchange.replying_country, exchange.answered_at) > due
    in_time = world.happens(0.35 if late else 0.985)
    return Content(timeliness=_satisfied(world, in_time), effort=_satisfied(world, world.happens(manner.diligence)))


def _satisfied(world: World, content: bool) -> Rating:
    good: tuple[Rating, ...] = ("very_satisfied", "satisfied")
    bad: tuple[Rating, ...] = ("dissatisfied", "very_dissatisfied")
    return world.rng.choices(good if content else bad, (2, 3) if content else (4, 1))[0]
