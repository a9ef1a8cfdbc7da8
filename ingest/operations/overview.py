"""Events, export and coverage, described."""

from typing import Any

from ingest.operations.parts import ASKED, ID, IF_NONE_MATCH, KEYS, NOT_MODIFIED
from schemas.coverage import CoverageAnswer, PlanAnswer
from schemas.event import EventPage
from schemas.openapi import Content, Operation, Parameter

_EVENT = {
    "eventId": "AAAAAAAAApcAAAAAAAAAEQ",
    "eventType": "declaration.submitted",
    "happenedAt": "2026-11-23T08:00:00Z",
    "count": 250,
    "submissionId": ID,
    "href": f"/declarations?submissionId={ID}&updatedSince=2026-11-23T08:00:00Z&limit=250",
}
_DAYS = {"from": "2026-12-01", "to": "2026-12-07"}
_COVERAGE = {
    "driverId": ID,
    "driverLatinFullName": "Jan Nowak",
    "driverLicenseNumber": "00123/04/1234",
    "declarationPostingCountry": "FR",
    "covered": [{"from": "2026-12-08", "to": "2026-12-31"}],
    "uncovered": [_DAYS],
}
_TRIP = {
    "line": 2,
    "driver": "driver-17",
    "country": "FR",
    "from": "2026-12-01",
    "to": "2026-12-10",
    "plate": "PO 1AB23",
    "covered": False,
    "missing": [_DAYS],
}
_PLAN = "driver,country,from,to,plate\ndriver-17,FR,2026-12-01,2026-12-10,PO 1AB23\n"
_FORMATS = "ndjson, csv or parquet; without it the Accept header says."


def _operation(name: str, method: str, path: str, summary: str, about: str, **rest: Any) -> Operation:
    return Operation(name, method, path, summary, about, **rest, security=KEYS, tag="Overview")


OPERATIONS = [
    _operation(
        "listEvents",
        "GET",
        "/events",
        "What happened, in order",
        "Events of declarations, drivers, vehicles, fleets and renewals. Keep the `cursor` and send it as `after`: "
        "nothing is missed, and nothing comes before what happened before it. Declarations that came or changed "
        "together are one event; `href` lists them. Events are kept for 90 days.",
        parameters=(
            Parameter("after", "query", "The cursor of the page before; `latest` for none but a cursor.", "latest"),
            Parameter("limit", "query", "How many events a page has, 1 to 250; 250 if you leave it out.", 100, int),
        ),
        answers={
            200: Content(
                "A page.", EventPage, {"count": 1, "items": [_EVENT], "cursor": _EVENT["eventId"], "more": False}
            )
        },
        refusals=ASKED,
    ),
    _operation(
        "export",
        "GET",
        "/export",
        "Export everything",
        "Streams declarations, drivers, vehicles or fleets. Declarations take the filters of their list; with "
        "`versions=all` every version comes, oldest first. In CSV, lists are parted by semicolons.",
        parameters=(
            Parameter("of", "query", "declarations, drivers, plate-numbers or fleets.", "declarations"),
            Parameter("format", "query", _FORMATS, "parquet"),
            Parameter("versions", "query", "`all` for what was declared when.", "all"),
        ),
        answers={
            200: (
                Content("One object a line.", media_type="application/x-ndjson"),
                Content("A table.", media_type="text/csv"),
                Content("A table.", media_type="application/vnd.apache.parquet"),
            )
        },
        refusals=ASKED,
    ),
    _operation(
        "readCoverage",
        "GET",
        "/coverage",
        "Who is covered when",
        "By driver and country, the days that active declarations cover and the days that none does. With a "
        "`country`, drivers who are not declared there at all are shown too.",
        parameters=(
            Parameter("from", "query", "The first day, today if you leave it out.", "2026-12-01"),
            Parameter("to", "query", "The last day, 30 days later if you leave it out.", "2026-12-31"),
            Parameter("driver", "query", "Id, reference or driving licence number.", "driver-17"),
            Parameter("country", "query", "Only this posting country.", "FR"),
            Parameter("plate", "query", "Only declarations with this number plate count.", "PO 1AB23"),
            Parameter("uncovered", "query", "1: only what has days without cover.", 1, int),
            IF_NONE_MATCH,
        ),
        answers={
            200: Content("Coverage.", CoverageAnswer, _DAYS | {"count": 1, "uncovered": 1, "items": [_COVERAGE]}),
            304: NOT_MODIFIED,
        },
        refusals=ASKED,
    ),
    _operation(
        "checkPlan",
        "POST",
        "/coverage",
        "What is missing for planned trips",
        "CSV with the columns driver (id, reference or driving licence number), country, from, to and, if you like, "
        "plate. Each line is answered with the days that no declaration covers; as CSV if Accept asks for it.",
        body=Content("The plan.", None, _PLAN, "text/csv"),
        answers={
            200: (
                Content("The verdicts.", PlanAnswer, {"count": 1, "uncovered": 1, "items": [_TRIP]}),
                Content("The verdicts.", media_type="text/csv"),
            )
        },
        refusals=(*ASKED, 413),
    ),
]
