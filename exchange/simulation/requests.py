"""Simulated requests for documents: an operator replies, late, in part or not at all."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from exchange.catalogue import codes, documents_of, modules
from exchange.conditions import day_in, open_documents
from exchange.record import Actor, Asked, Content, Missing, Subject
from exchange.simulation.assistance import assist
from exchange.simulation.assumptions import assumptions
from exchange.simulation.course import Course, NotYetError
from exchange.simulation.world import World, clerk

#: The documents of the Directive come first in the list.
_OF_THE_DIRECTIVE = 6


def request(world: World, begun: datetime) -> Iterator[Course]:
    """Simulates a request for documents, and the assistance that it may lead to."""
    host, origin = world.pair()
    exchange = replace(world.exchange("document_request", "posting", host, origin), operator_id=world.uuid())
    course = Course(world, exchange, begun)
    yield course
    try:
        yield from _run(course)
    except NotYetError:
        return


def _run(course: Course) -> Iterator[Course]:
    world, habits = course.world, assumptions().operator
    officer = clerk(course.exchange, "requesting")
    operator = Actor("replying", course.exchange.replying_country, credential_id=world.uuid())
    course.make("open", officer, _question(course))
    if world.happens(habits.withdrawn):
        course.after(world.rng.uniform(1, 20))
        course.make("withdraw", officer)
    elif world.happens(habits.replies):
        _reply(course, officer, operator)
    else:
        yield from _give_up(course, officer)


def _reply(course: Course, officer: Actor, operator: Actor) -> None:
    world, habits = course.world, assumptions().operator
    days = world.rng.uniform(57, 90) if world.happens(habits.late) else world.rng.triangular(3, 55, 40)
    if world.happens(habits.in_part_first):
        course.after(days * 0.6)
        course.deliver("send_part", operator, open_documents(course.exchange)[:1], [])
        days *= 0.4
    course.after(days)
    _send_rest(course, operator)
    if world.happens(habits.asked_again):
        course.after(world.rng.uniform(2, 15))
        again = course.exchange.asking.document_types[:1]
        course.make("ask_more", officer, Content(text=world.words(officer.country), document_types=again))
        course.after(world.rng.uniform(3, 25))
        _send_rest(course, operator)
    course.after(world.rng.uniform(2, 30))
    course.make("close_satisfactory" if world.happens(habits.satisfactory) else "close_unsatisfactory", officer)


def _send_rest(course: Course, operator: Actor) -> None:
    left = open_documents(course.exchange)
    missing = left[-1:] if course.world.happens(assumptions().operator.something_missing) else []
    reasons = codes().reason["missing"]
    explained = [Missing(one, course.world.rng.choice(reasons)) for one in missing]
    course.deliver("send_all", operator, [one for one in left if one not in missing], explained)


def _give_up(course: Course, officer: Actor) -> Iterator[Course]:
    world, due = course.world, course.exchange.legal_due
    assert due is not None
    left = (due - day_in(course.exchange.replying_country, course.at)).days
    course.after(left + world.rng.uniform(2, 20))
    if not world.happens(assumptions().operator.escalated):
        return
    course.make("escalate", officer)
    parent = course.exchange
    exchange = world.exchange(
        "mutual_assistance", "posting", parent.requesting_country, parent.replying_country, parent.requesting_authority
    )
    exchange = replace(exchange, parent_id=parent.exchange_id, operator_id=parent.operator_id)
    child = Course(world, exchange, course.at)
    yield child
    escalation = Asked(modules()["posting"].escalation or "")
    assist(
        child,
        Content(subject=parent.subject, questions=[escalation], document_types=open_documents(parent)),
    )
    course.at = child.at
    course.after(world.rng.uniform(1, 10))
    course.make("close_satisfactory" if world.happens(0.6) else "close_unsatisfactory", officer)


def _question(course: Course) -> Content:
    world, exchange = course.world, course.exchange
    listed = [one.code for one in documents_of(exchange.module)][:_OF_THE_DIRECTIVE]
    return Content(
        subject=Subject(declarations=[world.uuid()], fields=world.fields(exchange.replying_country)),
        document_types=world.rng.sample(listed, k=world.rng.randint(2, 5)),
        reason=world.rng.choice(codes().reason["request"]),
        text=world.words(exchange.requesting_country),
    )
