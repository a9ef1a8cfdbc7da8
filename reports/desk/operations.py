"""The desk, described for programs."""

from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from exchange.alerts import Alert, NewAlert
from exchange.desk import NewExchange
from exchange.directory import Hit
from exchange.notes import KeptTemplate, Note, SubscriptionRow, Template
from exchange.notices import Notice
from exchange.translation import Translated
from exchange.uploads import NewUpload, Upload
from exchange.view import EventView, Line, View
from exchange.wording import Catalogue, catalogue
from reports.desk.alerts import Withdrawal
from reports.desk.authorities import Wishes
from reports.desk.examples import (
    ALERT_SHOWN,
    AT,
    EVENT,
    FILE,
    HIT,
    ID,
    LINE,
    NEW,
    NOTE,
    NOTICE,
    TEMPLATE,
    TRANSLATED,
    VIEW,
)
from reports.desk.exchanges import MoveBody, NoteBody
from reports.desk.notices import Read, Subscription
from schemas.openapi import Content, Operation, Parameter

Item = TypeVar("Item")

_TAG = "Exchange"
_WHICH = Parameter("which", "path", "The exchange's id, or its number with or without its version.", "29423.1")
_UPLOAD = Parameter("uploadId", "path", "The file's id.", ID)
_ALERT = Parameter("alertId", "path", "The alert's id.", ID)
_CODE = Parameter("code", "path", "The authority's code.", "PL-GIP")
_LANGUAGE = Parameter("language", "query", "Language of the answer; else Accept-Language, else your own.", "fr")
_BEFORE = Parameter("before", "query", "The `nextBefore` of the page before.", 29423, int)
_LIMIT = Parameter("limit", "query", "How many items at most.", 50, int)
_PURPOSE = Parameter("X-Purpose", "header", "Why it is read, for the log.", "case 12/2026")


class Items(Struct, Generic[Item], frozen=True):
    """A list."""

    items: list[Item]


class Page(Struct, Generic[Item], frozen=True, rename="camel"):
    """A page of a list, newest first."""

    items: list[Item]
    next_before: int | None


class NoticePage(Struct, frozen=True):
    """A page of notices, oldest first."""

    items: list[Notice]
    after: int


class EventTranslation(Struct, frozen=True):
    """The free texts of one move, translated."""

    sequence: int
    texts: list[Translated]


class Marked(Struct, frozen=True):
    """How many notices were not yet read."""

    marked: int


class Kept(Struct, frozen=True, rename="camel"):
    """The id of a template."""

    template_id: str


_EXCHANGE = Content("The exchange.", View, VIEW)
_UPLOADED = Content("The file as it stands.", Upload, FILE)
_SUBSCRIPTIONS = Content(
    "What the officer is subscribed to.",
    Items[SubscriptionRow],
    {"items": [{"email": True, "since": AT, "exchangeId": ID, "number": "29423.1"}]},
)
_READ, _CHANGED = (400, 401, 403, 404, 500, 503), (400, 401, 403, 404, 409, 413, 422, 500, 503)


def _catalogue() -> Any:
    """Gives a short part of the catalogue as an example."""
    whole = msgspec.to_builtins(catalogue("en"))
    module = whole["modules"][0]
    short = {"modules": [module | {"groups": module["groups"][:1], "documents": module["documents"][:1]}]}
    return whole | short | {name: whole[name][:2] for name in ("states", "moves", "competences", "deadlines")}


def _get(name: str, path: str, summary: str, about: str, answer: Content, *parameters: Parameter) -> Operation:
    return Operation(
        name, "GET", path, summary, about, {200: answer}, _READ, None, (*parameters, _LANGUAGE), ("officer",), _TAG
    )


def _change(
    name: str,
    method: str,
    path: str,
    summary: str,
    about: str,
    body: Content | None,
    answers: dict[int, Content],
    *parameters: Parameter,
) -> Operation:
    return Operation(name, method, path, summary, about, answers, _CHANGED, body, parameters, ("officer",), _TAG)


OPERATIONS: list[Operation] = [
    _get(
        "searchAuthorities",
        "/authorities",
        "Find an authority",
        "By place, competence, country or name, typed in any of 26 languages, with or without accents.",
        Content("The best first.", Items[Hit], {"items": [HIT]}),
        Parameter("q", "query", "Free text.", "inspekcja pracy Monachium"),
        Parameter("country", "query", "Only of this Member State.", "PL"),
        Parameter("competence", "query", "Only with this competence.", "posting"),
        Parameter("level", "query", "national, regional or local.", "national"),
        _LIMIT,
    ),
    _get(
        "readAuthority",
        "/authorities/{code}",
        "One authority",
        "Its names, competences and contacts.",
        Content("The authority.", Hit, HIT),
        _CODE,
    ),
    _change(
        "setWishes",
        "PATCH",
        "/authorities/{code}",
        "Four eyes",
        "Whether what leaves the authority is released by a second officer.",
        Content("The wish.", Wishes, {"fourEyes": True}),
        {200: Content("Set.", Wishes, {"fourEyes": True})},
        _CODE,
    ),
    _get(
        "readCatalogue",
        "/exchanges/catalogue",
        "What can be asked and answered",
        "Modules with questions, forms and document types, all codes and deadlines, in the reader's language.",
        Content("The catalogue.", Catalogue, _catalogue()),
    ),
    _get(
        "listExchanges",
        "/exchanges",
        "Sent and received",
        "What the officer's Member State sent and received, newest first, with who has the ball and the days left.",
        Content("A page.", Page[Line], {"items": [LINE], "nextBefore": None}),
        Parameter("direction", "query", "all, sent or received.", "received"),
        Parameter("own", "query", "Only those of the officer's own authority.", True, bool),
        Parameter("procedure", "query", "document_request or mutual_assistance.", "mutual_assistance"),
        Parameter("module", "query", "posting, social_rules or establishment.", "posting"),
        Parameter("state", "query", "Only those in these states, parted by commas.", "SENT,ACCEPTED"),
        Parameter("running", "query", "Only those that are not closed.", True, bool),
        Parameter("ball", "query", "Who has the ball: ours, theirs, linked or nobody.", "ours"),
        Parameter("overdue", "query", "Only those whose reply is late.", True, bool),
        Parameter("country", "query", "Only with this Member State.", "PL"),
        Parameter("operator", "query", "Only about this operator.", ID),
        _BEFORE,
        _LIMIT,
    ),
    _change(
        "beginExchange",
        "POST",
        "/exchanges",
        "Begin an exchange",
        "A request for documents to an operator (`open`) or a request to another authority (`send`), or a draft. "
        "Where the authority wants four eyes, it waits for its release.",
        Content("The exchange.", NewExchange, NEW),
        {201: _EXCHANGE},
        _LANGUAGE,
    ),
    _get(
        "readExchange",
        "/exchanges/{which}",
        "One exchange",
        "Questions and answers, both deadlines, who has the ball, and the moves that the officer may make.",
        _EXCHANGE,
        _WHICH,
        _PURPOSE,
    ),
    _get(
        "readHistory",
        "/exchanges/{which}/history",
        "Its history",
        "Every move, with what was said in it.",
        Content("The moves, the first first.", Items[EventView], {"items": [EVENT]}),
        _WHICH,
    ),
    _get(
        "readTranslations",
        "/exchanges/{which}/translations",
        "Its free texts translated",
        "By the configured service, marked as machine-made, each with its original; without a service it says so.",
        Content("By move.", Items[EventTranslation], {"items": [{"sequence": 1, "texts": [TRANSLATED]}]}),
        _WHICH,
    ),
    _get(
        "readDeclarations",
        "/exchanges/{which}/declarations",
        "Its declarations",
        "For the host state, and for the state that is asked for assistance until the exchange is closed.",
        Content("The newest versions.", Items[dict[str, Any]], {"items": [{"declarationId": ID}]}),
        _WHICH,
    ),
    _change(
        "makeMove",
        "POST",
        "/exchanges/{which}/moves",
        "Make a move",
        "One of the moves that the exchange names; the catalogue says what each takes.",
        Content("The move.", MoveBody, {"move": "accept", "content": {"due": "2026-07-01"}}),
        {200: _EXCHANGE},
        _WHICH,
        _LANGUAGE,
    ),
    _change(
        "releaseMove",
        "POST",
        "/exchanges/{which}/release",
        "Release what waits",
        "As a second officer.",
        None,
        {200: _EXCHANGE},
        _WHICH,
    ),
    _change(
        "letGo",
        "DELETE",
        "/exchanges/{which}/held",
        "Take back what waits",
        "Nothing of it has left.",
        None,
        {200: _EXCHANGE},
        _WHICH,
    ),
    _get(
        "readNotes",
        "/exchanges/{which}/notes",
        "Notes",
        "Those of the officer's own authority.",
        Content("Notes.", Items[Note], {"items": [NOTE]}),
        _WHICH,
    ),
    _change(
        "writeNote",
        "POST",
        "/exchanges/{which}/notes",
        "Add a note",
        "The other side never sees it.",
        Content("The note.", NoteBody, {"text": "Rappeler lundi."}),
        {201: Content("The note.", Note, NOTE)},
        _WHICH,
    ),
    _get(
        "listFiles",
        "/exchanges/{which}/uploads",
        "Files",
        "Those that the officer may read, and those that the own side has begun to send.",
        Content("Files.", Items[Upload], {"items": [FILE]}),
        _WHICH,
    ),
    _change(
        "announceFile",
        "POST",
        "/exchanges/{which}/uploads",
        "Announce a file",
        "Then send its bytes with PATCH to the address in `Location`. It goes with the next move that takes files.",
        Content("The file.", NewUpload, {"documentType": "remuneration", "fileName": "a.pdf", "size": 81920}),
        {201: _UPLOADED},
        _WHICH,
    ),
    _get(
        "readFile",
        "/uploads/{uploadId}",
        "A file's receipt",
        "How far it has come, or its SHA-256.",
        _UPLOADED,
        _UPLOAD,
    ),
    _change(
        "fileOffset",
        "HEAD",
        "/uploads/{uploadId}",
        "How far a file has come",
        "Upload-Offset says at which byte the next part begins.",
        None,
        {200: Content("Upload-Offset and Upload-Length.", media_type="")},
        _UPLOAD,
    ),
    _change(
        "sendFile",
        "PATCH",
        "/uploads/{uploadId}",
        "Send a file, or a part of it",
        "What broke off counts as far as it came.",
        Content("The bytes from the offset on.", None, None, "application/offset+octet-stream"),
        {200: _UPLOADED},
        _UPLOAD,
        Parameter("Upload-Offset", "header", "The byte at which this part begins.", 0, int, required=True),
    ),
    _change(
        "removeFile",
        "DELETE",
        "/uploads/{uploadId}",
        "Remove a file",
        "Possible until it is sent.",
        None,
        {204: Content("Removed.", media_type="")},
        _UPLOAD,
    ),
    _get(
        "readFileContent",
        "/uploads/{uploadId}/content",
        "A file's content",
        "Always as an attachment.",
        Content("The file.", None, None, "application/octet-stream"),
        _UPLOAD,
    ),
    _get(
        "listAlerts",
        "/alerts",
        "Alerts and notifications",
        "Sent and received, newest first.",
        Content("A page.", Page[Alert], {"items": [ALERT_SHOWN], "nextBefore": None}),
        Parameter("direction", "query", "all, sent or received.", "received"),
        Parameter("unacknowledged", "query", "Only those that the state has not acknowledged.", True, bool),
        _BEFORE,
        _LIMIT,
    ),
    _change(
        "sendAlert",
        "POST",
        "/alerts",
        "Send an alert or a notification",
        "An alert without `to` goes to a coordinator of every other Member State.",
        Content(
            "The alert.",
            NewAlert,
            {"kind": "alert", "category": "licence_withdrawn", "fields": {"operator_name": "Spedycja Test"}},
        ),
        {201: Content("The alert.", Alert, ALERT_SHOWN)},
    ),
    _get(
        "readAlert",
        "/alerts/{alertId}",
        "One alert",
        "With who has acknowledged it, for its sender.",
        Content("The alert.", Alert, ALERT_SHOWN),
        _ALERT,
    ),
    _change(
        "acknowledgeAlert",
        "POST",
        "/alerts/{alertId}/acknowledge",
        "Acknowledge an alert",
        "For the officer's authority; a coordinator for the state.",
        None,
        {200: Content("The alert.", Alert, ALERT_SHOWN)},
        _ALERT,
    ),
    _change(
        "withdrawAlert",
        "POST",
        "/alerts/{alertId}/withdraw",
        "Take an alert back",
        "With a reason.",
        Content("The reason.", Withdrawal, {"words": {"text": "Decyzja uchylona.", "language": "pl"}}),
        {200: Content("The alert.", Alert, ALERT_SHOWN)},
        _ALERT,
    ),
    _get(
        "listNotices",
        "/notices",
        "Notices",
        "Those of the officer and of the officer's authority, oldest first.",
        Content("A page.", NoticePage, {"items": [NOTICE], "after": 7}),
        Parameter("after", "query", "The `after` of the page before.", 0, int),
        Parameter("unread", "query", "Only those that nobody has read.", True, bool),
        _LIMIT,
    ),
    _change(
        "readNotices",
        "POST",
        "/notices/read",
        "Mark notices as read",
        "By their ids.",
        Content("Their ids.", Read, {"notices": [7]}),
        {200: Content("Marked.", Marked, {"marked": 1})},
    ),
    _get(
        "listSubscriptions",
        "/subscriptions",
        "Subscriptions",
        "Of every move of an exchange, or of the authority's.",
        _SUBSCRIPTIONS,
    ),
    _change(
        "subscribe",
        "PUT",
        "/subscriptions",
        "Subscribe",
        "To one exchange, or without one to all.",
        Content("The wish.", Subscription, {"exchange": ID, "email": True}),
        {200: _SUBSCRIPTIONS},
    ),
    _change(
        "unsubscribe",
        "DELETE",
        "/subscriptions",
        "End a subscription",
        "That to the exchange, or to all.",
        None,
        {200: _SUBSCRIPTIONS},
        Parameter("exchange", "query", "The exchange.", ID),
    ),
    _get(
        "listTemplates",
        "/templates",
        "Templates",
        "Contents that the authority uses again and again.",
        Content("Templates.", Items[KeptTemplate], {"items": [TEMPLATE | {"templateId": ID, "changedAt": AT}]}),
        Parameter("module", "query", "Only of this module.", "posting"),
    ),
    _change(
        "keepTemplate",
        "POST",
        "/templates",
        "Keep a template",
        "In the place of an older one of its name.",
        Content("The template.", Template, TEMPLATE),
        {201: Content("Kept.", Kept, {"templateId": ID})},
    ),
    _change(
        "dropTemplate",
        "DELETE",
        "/templates/{templateId}",
        "Drop a template",
        "Of the own authority.",
        None,
        {204: Content("Dropped.", media_type="")},
        Parameter("templateId", "path", "Its id.", ID),
    ),
    Operation(
        "takeTranslation",
        "POST",
        "/translations/{translationId}",
        "Take a translation",
        "Called by eTranslation; the address is known to nobody else.",
        {200: Content("Taken.", dict[str, str], {})},
        (404, 413, 500, 503),
        Content("What eTranslation sends.", None, None, "application/x-www-form-urlencoded"),
        (Parameter("translationId", "path", "The order's id.", ID),),
        (),
        _TAG,
    ),
]
