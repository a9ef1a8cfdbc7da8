"""The list of requests and exchanges, with its filters."""

from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Response, get

from exchange.lists import Wanted, page_of_officer, waiting
from exchange.procedures import procedures
from exchange.texts import table
from exchange.view import Line, lines
from reports.desk.parts import Ask
from reports.pages.desk_picture import Track, track
from reports.pages.desk_visit import Visit, visit
from schemas.codes import COUNTRIES

_PAGE = 25
_FILTERS = ("direction", "mine", "kind", "state", "ball", "overdue", "country", "operator", "held", "over")
_BALLS = ("ours", "theirs", "linked")


@get("/desk")
async def listed(request: Ask) -> Response[Any]:
    """Shows what the officer's Member State sent and received."""
    who = await visit(request)
    given = {name: who.asked(name) for name in _FILTERS}
    before = who.asked("before")
    wanted = _wanted(who, given, int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None)
    found = await page_of_officer(who.parts.pool, who.officer, wanted, who.at)
    shown = await lines(who.parts.pool, found[:_PAGE], who.language, who.at)
    sought = {name: value for name, value in given.items() if value}
    await who.log("exchanges", msgspec.json.encode(sought).decode(), f"{len(shown)} FOUND")
    context = {
        "rows": [(line, turn(line, who.officer.country), drawn(line, who)) for line in shown],
        "given": given,
        "filtered": bool(sought),
        "next": found[_PAGE - 1].number if len(found) > _PAGE else None,
        "kinds": table(who.language, "procedure").items(),
        "states": [(code, table(who.language, "state")[code]) for code in _states()],
        "country_codes": sorted(COUNTRIES),
        "balls": _BALLS,
        "counts": await waiting(who.parts.pool, who.officer, who.at),
    }
    return who.page("list.html", context)


def turn(line: Line, country: str) -> str:
    """Tells who has the ball, seen from a state: ours, theirs, linked or nobody."""
    if line.ball.code in ("linked", "nobody") or line.ball_side is None:
        return line.ball.code
    return "ours" if line.ball_side.authority and line.ball_side.country == country else "theirs"


def drawn(line: Line, who: Visit) -> Track | None:
    """Draws the time left of an exchange."""
    return track(line.dates, line.replying.country, line.sent_at, line.closed_at, who.at)


def _wanted(who: Visit, given: dict[str, str], before: int | None) -> Wanted:
    known = _states()
    try:
        operator_id = UUID(given["operator"]) if given["operator"] else None
    except ValueError:
        operator_id = None
    return Wanted(
        direction=cast(Any, given["direction"]) if given["direction"] in ("sent", "received") else "all",
        authority=who.officer.authority if given["mine"] else None,
        procedure=given["kind"] if given["kind"] in procedures() else None,
        states=[given["state"]] if given["state"] in known else None,
        running=None if given["over"] or given["state"] else True,
        ball=given["ball"] if given["ball"] in _BALLS else None,
        overdue=True if given["overdue"] else None,
        country=given["country"] if given["country"] in COUNTRIES else None,
        operator_id=operator_id,
        held_by=who.officer.authority if given["held"] else None,
        before=before,
        limit=_PAGE + 1,
    )


def _states() -> list[str]:
    return list(dict.fromkeys(state for one in procedures().values() for state in one.states))
