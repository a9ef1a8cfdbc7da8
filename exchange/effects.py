"""What moves do to the record besides its state (`effect` in the procedures), each by its name."""

from collections.abc import Callable
from datetime import date, datetime

from msgspec.structs import replace

from exchange.conditions import Case, day_in
from exchange.procedures import Deadline, deadline_for
from exchange.record import Exchange
from validate.deadlines import UnknownCalendarError, weeks_after, working_days_after

Effect = Callable[[Case], Exchange]


def started(exchange: Exchange, kind: str, at: datetime) -> Exchange:
    """Starts a deadline of the exchange on the day of `at`, if the acts know one."""
    deadline = deadline_for(exchange.procedure, exchange.module, kind, urgent=exchange.urgent)
    if deadline is None:
        return exchange
    due = last_day(deadline, exchange, at)
    return replace(exchange, legal_due=due) if kind == "legal" else replace(exchange, system_due=due)


def last_day(deadline: Deadline, exchange: Exchange, at: datetime) -> date:
    """Counts a deadline from the day of `at` in the state whose calendar counts."""
    calendars = {
        "replying": (exchange.replying_country,),
        "requesting": (exchange.requesting_country,),
        "both": (exchange.replying_country, exchange.requesting_country),
    }[deadline.calendar]
    day = day_in(calendars[0], at)
    try:
        return _counted(deadline, day, calendars)
    except UnknownCalendarError:  # an operator from far away: the host's own calendar is the nearest
        return _counted(deadline, day, (exchange.requesting_country,))


def _counted(deadline: Deadline, day: date, calendars: tuple[str, ...]) -> date:
    match deadline.unit:
        case "weeks":
            return weeks_after(day, deadline.count, *calendars)
        case "working_days":
            return working_days_after(day, deadline.count, *calendars)
        case "days":
            return date.fromordinal(day.toordinal() + deadline.count)


def _drafted(case: Case) -> Exchange:
    return replace(case.exchange, proposed_due=case.content.due or case.exchange.proposed_due)


def _sent(case: Case) -> Exchange:
    exchange = case.exchange
    if exchange.system_due is None:  # nobody is asked for a date
        return replace(exchange, sent_at=case.facts.at)
    proposed = case.content.due or exchange.proposed_due or exchange.system_due
    return replace(exchange, sent_at=case.facts.at, proposed_due=proposed, proposed_by="requesting")


def _accepted(case: Case) -> Exchange:
    exchange = replace(case.exchange, accepted_at=case.exchange.accepted_at or case.facts.at)
    if case.content.due in (None, exchange.proposed_due):
        return replace(exchange, agreed_due=exchange.proposed_due, proposed_by=None)
    return _proposed(exchange, case)


def _date_proposed(case: Case) -> Exchange:
    return _proposed(case.exchange, case)


def _date_agreed(case: Case) -> Exchange:
    return replace(case.exchange, agreed_due=case.exchange.proposed_due, proposed_by=None)


def _forwarded(case: Case) -> Exchange:
    return replace(case.exchange, replying_authority=case.content.authority)


def _answered(case: Case) -> Exchange:
    # The first complete answer counts for speed, whatever is asked afterwards.
    return replace(case.exchange, answered_at=case.exchange.answered_at or case.facts.at)


def _asked_again(case: Case) -> Exchange:
    exchange = replace(case.exchange, round=case.exchange.round + 1)
    return _proposed(exchange, case) if case.content.due else exchange


def _closed(case: Case) -> Exchange:
    return replace(case.exchange, closed_at=case.facts.at)


def _evaluated(case: Case) -> Exchange:
    return replace(case.exchange, timeliness=case.content.timeliness, effort=case.content.effort)


def _nothing_more(case: Case) -> Exchange:
    return case.exchange


def _proposed(exchange: Exchange, case: Case) -> Exchange:
    return replace(exchange, proposed_due=case.content.due, proposed_by=case.actor.party)


EFFECTS: dict[str, Effect] = {
    "": _nothing_more,
    "drafted": _drafted,
    "sent": _sent,
    "accepted": _accepted,
    "date_proposed": _date_proposed,
    "date_agreed": _date_agreed,
    "forwarded": _forwarded,
    "answered": _answered,
    "asked_again": _asked_again,
    "closed": _closed,
    "evaluated": _evaluated,
    "escalated": _nothing_more,  # the desk opens the exchange with the state of establishment (exchange/desk.py)
}
