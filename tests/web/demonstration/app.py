"""A page with every macro of `web/`, served for the browser's tests."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get

from schemas.codes import POSTING_COUNTRIES
from web.assets import static_files
from web.pages import Pages

PAGES = Pages(Path(__file__).parent / "templates")
DRIVERS = [
    ("1X03-YKG0-305-7-R", "Γεώργιος Παπαδόπουλος", "DE", date(2026, 9, 14), "SUBMITTED", ("WGM 40A0", "EL 51234")),
    ("1X03-YKG0-305-8-S", "Elżbieta Wójcik", "FR", date(2026, 4, 2), "DRAFT", ("EL 51234",)),
    (
        "1X03-YKG0-305-9-T",
        "Иван Щърбов",
        "AT",
        date(2026, 3, 31),
        "EXPIRED",
        ("CB 1234 AB", "CB 9876 AB", "CA 5555 AA"),
    ),
    ("1X03-YKG0-305-A-V", "Åse Þórðardóttir", "EE", date(2026, 6, 30), "WITHDRAWN", ()),
]
EVENTS = [
    {"at": datetime(2026, 3, 12, 16, 41, tzinfo=UTC), "title": "Submitted", "kind": "good"},
    {"at": datetime(2026, 3, 14, 8, 5, tzinfo=UTC), "title": "WGM 40A0 added", "text": "Version 2"},
    {"at": datetime(2026, 4, 1, 9, 30, tzinfo=UTC), "title": "Withdrawn", "kind": "bad"},
]
AnyRequest = Request[Any, Any, Any]


@get("/", sync_to_thread=False)
def overview(request: AnyRequest) -> Response[str]:
    return PAGES.page(
        request,
        "overview.html",
        {"drivers": DRIVERS, "events": EVENTS, "today": date(2026, 3, 20)},
    )


@get("/declarations", sync_to_thread=False)
def form(request: AnyRequest, wrong: bool = False) -> Response[str]:
    return PAGES.page(request, "form.html", {"posting_countries": POSTING_COUNTRIES, "wrong": wrong})


@get("/rows", sync_to_thread=False)
def rows(request: AnyRequest) -> Response[str]:
    return PAGES.page(request, "rows.html", {"count": 1234567})


@get("/lost", sync_to_thread=False)
def lost(request: AnyRequest) -> Response[str]:
    return PAGES.error(request, 404, "No such page", "The address may have been cut.")


app = Litestar([overview, form, rows, lost, static_files()], openapi_config=None)
