"""The routes of the analyses described for programs, with examples made of the structs that are encoded."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from reports.analysis.hints import HintChange, PatternShown, Worklist
from reports.checks.hints import Hint, Outcome, Place, Run, Tally
from reports.figures import Cell, Facts, Pair, Smallest
from reports.indicators import Counted, Indicators, performance
from reports.risk import Check, Manager, RiskCard, rate
from reports.scoreboard import Page
from schemas.openapi import Content, Operation, Parameter

_OPERATOR = UUID("0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b")
_AT = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)
_DAY = date(2026, 11, 20)
_SINCE, _UNTIL = date(2023, 1, 1), date(2023, 12, 31)

_HINT = Hint(
    17,
    "P01",
    _OPERATOR,
    "Przewozy Nowak",
    "PL",
    "FR",
    "operator",
    str(_OPERATOR),
    "high",
    20.0,
    2,
    date(2026, 11, 1),
    _DAY,
    {"most_days_late": 3},
    [
        {
            "kind": "declaration",
            "id": str(_OPERATOR),
            "version": 1,
            "at": "2026-11-23T08:00:00Z",
            "from": "2026-11-20",
            "until": "2027-05-19",
        }
    ],
    "open",
    None,
    None,
    _AT,
    _AT,
)
_TALLY = Tally("P01", "high", "open", 1, 2)
_RUN = Run(3, _AT, _AT, [Outcome("P01", "done", 1, 0.4), Outcome("P11", "unknown", 0, 0.0, "licence")])
_CHECK = Check("PL-2026-77", date(2026, 5, 4), "DE", 2, minor=2, serious=1)
_CARD = RiskCard(
    _OPERATOR,
    "Przewozy Nowak",
    "PL",
    "PL-1",
    "VALID",
    12,
    [Manager("Anna Nowak", False, False)],
    rate([_CHECK], _DAY, all_smart_tachographs=False),
    [_CHECK],
    [_TALLY],
)
_POLAND = performance("PL", [(9, 10), (180, 10), (5, 10), (0, 10), (0, 10)])
_TABLE = Indicators("road", _SINCE, _UNTIL, _DAY, [_POLAND], msgspec.structs.replace(_POLAND, country=None))
_COUNTED = Counted(
    29423, "posting", "DE", date(2023, 5, 13), date(2023, 5, 13), date(2023, 6, 7), date(2023, 6, 2), "satisfied", None,
    True, 20, True, False, None,
)  # fmt: skip
_FACTS = Facts(
    since=_SINCE,
    until=_UNTIL,
    host=None,
    made_at=_AT,
    declarations=18_000_000,
    operators=1_060_000,
    drivers=None,
    declarations_total=32_000_000,
    operators_total=1_060_000,
    first_day=date(2022, 2, 2),
    origins=[Cell("PL", 6_480_000, 380_700), Cell("FI", None, None)],
    hosts=[Cell("DE", 2_700_000, 580_862)],
    operations=[Cell("both", 12_600_000, 741_528)],
    carriages=[Cell("goods", 17_280_000, 1_016_570)],
    weeks=[Cell("2023-02-06", 979_805, 119_517)],
    pairs=[Pair("PL", "DE", 972_000), Pair("FI", "MT", None)],
    smallest=Smallest(5, 3),
    authorities=12_500,
    officers=35_000,
    exchanges=112_550,
    exchanges_total=597_550,
    alerts=5_538,
    notifications=43_948,
)
_PATTERN = PatternShown(
    "P01",
    "Submitted after the posting began",
    "high",
    10.0,
    "Directive (EU) 2020/1057, Article 1(11)(a)",
    "An operator's declarations that came after the day on which the posting began.",
    None,
)


def _example(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _purpose() -> Parameter:
    return Parameter("purpose", "query", "Why it is read, for the log.", "weekly review")


def _which() -> tuple[Parameter, ...]:
    return (
        Parameter("state", "query", "Only hints in this state: open, seen or closed.", "open"),
        Parameter("pattern", "query", "Only hints of this pattern.", "P01"),
        Parameter("operatorId", "query", "Only hints about this operator.", str(_OPERATOR)),
        Parameter("severity", "query", "Only hints of this severity: info, low, medium or high.", "high"),
        Parameter("operator", "query", "Only operators with this in the name, or with this licence number.", "Nowak"),
        Parameter("driver", "query", "Only hints about the driver with this driving licence.", "00123/04/1234"),
        Parameter("plate", "query", "Only hints about this plate.", "PO 1AB23"),
        _purpose(),
    )


def _period() -> tuple[Parameter, ...]:
    return (
        Parameter("since", "query", "First day of the period.", str(_SINCE), date, required=True),
        Parameter("until", "query", "Last day of the period.", str(_UNTIL), date, required=True),
        Parameter("requests", "query", "Which requests count for the indicators: road or scoreboard.", "road"),
    )


def _form() -> tuple[Parameter, ...]:
    return Parameter("format", "query", "json, text, csv, parquet or pdf.", "json"), _LANGUAGE


_LANGUAGE = Parameter("lang", "query", "Language of what people read; else Accept-Language, else English.", "pl")
_HINT_ID = Parameter("hint_id", "path", "The hint's number.", 17, int, required=True)
_PAGE = Content("The page of the period; other forms by `format`.", Page, _example(Page(_FACTS, _TABLE)))

OPERATIONS: list[Operation] = [
    Operation(
        "listPatterns",
        "GET",
        "/patterns",
        "What do the checks look for?",
        "Every pattern with its severity, the law it stands on and the register without which it stays unknown.",
        parameters=(_LANGUAGE,),
        answers={200: Content("The patterns.", list[PatternShown], _example([_PATTERN]))},
        refusals=(500,),
        tag="Checks",
    ),
    Operation(
        "listHints",
        "GET",
        "/hints",
        "Where should we look?",
        "The worklist of the officer's Member State, the heaviest hints first, with what the last run gave. Hints are "
        "no verdicts: no decision on a person follows from one alone. Every reading is logged.",
        parameters=(
            *_which(),
            Parameter("limit", "query", "Hints on a page, 1 to 250.", 50, int),
            Parameter("afterWeight", "query", "`next.weight` of the page before.", 20.0, float),
            Parameter("afterId", "query", "`next.hint_id` of the page before.", 17, int),
        ),
        answers={
            200: Content("A page.", Worklist, _example(Worklist([_HINT], [_TALLY], _RUN, Place(20.0, 17)))),
        },
        refusals=(400, 401, 403, 500, 503),
        security=("officer",),
        tag="Checks",
    ),
    Operation(
        "exportHints",
        "GET",
        "/hints/export",
        "All hints as a file",
        "The whole worklist of the officer's Member State as NDJSON or CSV.",
        parameters=(*_which(), Parameter("format", "query", "ndjson or csv.", "ndjson")),
        answers={200: Content("One hint a line.", None, "", "application/x-ndjson")},
        refusals=(400, 401, 403, 500, 503),
        security=("officer",),
        tag="Checks",
    ),
    Operation(
        "showHint",
        "GET",
        "/hints/{hint_id}",
        "One hint with its evidence",
        "At most the twenty newest pieces of evidence, all of the officer's Member State.",
        parameters=(_HINT_ID, _purpose()),
        answers={200: Content("The hint.", Hint, _example(_HINT))},
        refusals=(400, 401, 403, 404, 500, 503),
        security=("officer",),
        tag="Checks",
    ),
    Operation(
        "changeHint",
        "PATCH",
        "/hints/{hint_id}",
        "Mark a hint",
        "Sets state and note. A closed hint opens again only when more evidence has come.",
        parameters=(_HINT_ID,),
        body=Content("State and note.", HintChange, {"state": "closed", "note": "lease contract shown"}),
        answers={200: Content("The hint.", Hint, _example(_HINT))},
        refusals=(401, 403, 404, 413, 422, 500, 503),
        security=("officer",),
        tag="Checks",
    ),
    Operation(
        "showRisk",
        "GET",
        "/operators/{operator_id}/risk",
        "An operator's risk card",
        "Licence, transport managers and risk band by Implementing Regulation (EU) 2022/695, and the hints of the "
        "officer's Member State. What no loaded register tells is UNKNOWN.",
        parameters=(
            Parameter("operator_id", "path", "The operator.", str(_OPERATOR), UUID, required=True),
            _purpose(),
        ),
        answers={200: Content("The card.", RiskCard, _example(_CARD))},
        refusals=(400, 401, 403, 404, 500, 503),
        security=("officer",),
        tag="Checks",
    ),
    Operation(
        "showIndicators",
        "GET",
        "/indicators",
        "The five performance indicators",
        "By Member State, of the requests sent in the period, as they stand today. Public.",
        parameters=_period(),
        answers={200: Content("The table.", Indicators, _example(_TABLE))},
        refusals=(400, 500, 503),
        tag="Figures",
    ),
    Operation(
        "showRequestsBehind",
        "GET",
        "/indicators/{member_state}/requests",
        "The requests behind a state's numbers",
        "All requests to the officer's own state; of another state, those that the own state sent.",
        parameters=(
            Parameter("member_state", "path", "The replying state.", "PL", required=True),
            *_period(),
        ),
        answers={200: Content("The requests.", list[Counted], _example([_COUNTED]))},
        refusals=(400, 401, 403, 500, 503),
        security=("officer",),
        tag="Figures",
    ),
    Operation(
        "showFacts",
        "GET",
        "/facts",
        "Facts and figures of a period",
        "The scoreboard's page. Public for whole years once it was computed; an officer has any period computed.",
        parameters=(*_period(), *_form()),
        answers={200: _PAGE},
        refusals=(400, 401, 404, 500, 503),
        tag="Figures",
    ),
    Operation(
        "showOwnFacts",
        "GET",
        "/facts/own",
        "Statistics of the officer's Member State",
        "Postings to the host state without persons and operators, as social partners may have them.",
        parameters=(*_period(), *_form()),
        answers={200: _PAGE},
        refusals=(400, 401, 403, 500, 503),
        security=("officer",),
        tag="Figures",
    ),
    Operation(
        "showChart",
        "GET",
        "/facts/charts/{name}",
        "A chart of a period",
        "As SVG with title and description: origins, hosts or weeks.",
        parameters=(
            Parameter("name", "path", "origins, hosts or weeks.", "hosts", required=True),
            *_period(),
            _LANGUAGE,
        ),
        answers={200: Content("The picture.", None, "<svg/>", "image/svg+xml")},
        refusals=(400, 401, 404, 500, 503),
        tag="Figures",
    ),
]
