"""What every officers' page is answered with: the templates, who is signed in, the texts."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Response

from reports.pages.sessions import Session
from reports.roadside.asking import Ask
from reports.texts import texts
from schemas.codes import COUNTRIES
from web.choice import language_of
from web.pages import Pages

PAGES = Pages(Path(__file__).parent / "templates")
#: The roles that read the log.
MAY_AUDIT = ("auditor", "administrator")


def framed(request: Ask, session: Session, template: str, shown: Mapping[str, Any], status: int = 200) -> Response[str]:
    """Answers somebody who is signed in with a page."""
    words = texts(language_of(request))
    own = {
        "session": session,
        "csrf_token": session.form_token,
        "zone": COUNTRIES[session.officer.host].zone,
        "may_audit": session.officer.role in MAY_AUDIT,
        "say": partial(say, words["page"]),
        "words": words,
    }
    return PAGES.page(request, template, own | dict(shown), status=status)


def say(words: Mapping[str, str], key: str, **values: object) -> str:
    """Gives a text of a page, filled in."""
    return words[key].format_map(values) if values else words[key]
