"""What every officers' page is answered with: the templates, who is signed in, the words for codes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Response

from reports.pages.sessions import Session
from reports.roadside.asking import MAY_AUDIT, Ask
from reports.wording import words
from schemas.codes import COUNTRIES
from web.choice import language_of
from web.pages import Pages

PAGES = Pages(Path(__file__).parent / "templates")


def framed(
    request: Ask, session: Session | None, template: str, shown: Mapping[str, Any], status: int = 200
) -> Response[str]:
    """Answers with a page; `session` is None for who is not signed in."""
    own = {
        "session": session,
        "csrf_token": session.form_token if session else "",
        "zone": COUNTRIES[session.officer.host].zone if session else "UTC",
        "may_audit": session is not None and session.officer.role in MAY_AUDIT,
        "words": words(language_of(request)),
    }
    return PAGES.page(request, template, own | dict(shown), status=status)
