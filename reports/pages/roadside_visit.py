"""One visit of an officer to the roadside's pages: who it is, what was typed, the page that says what went wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from litestar import Response
from litestar.response import Redirect

from reports.pages import sessions
from reports.pages.frame import PAGES
from reports.pages.sessions import COOKIE, Session
from reports.refusal import RefusedError, problem_document
from reports.roadside.asking import Ask, Asked
from schemas.codes import COUNTRIES
from web.catalogues import translations
from web.choice import language_of

if TYPE_CHECKING:
    from reports.app import Parts


async def signed_in(request: Ask) -> tuple[Asked, Session]:
    """Finds who is signed in. Raises `RefusedError`: unauthorised."""
    parts: Parts = request.app.state.parts
    session = await sessions.session(parts.pool, request.cookies.get(COOKIE))
    return Asked(parts, session.officer, language_of(request)), session


async def own_form(request: Ask) -> Mapping[str, Any]:
    """Reads a form that is ours. Raises `RefusedError`."""
    form = await request.form()
    if not sessions.is_ours(request.cookies.get(COOKIE, ""), form.get("_csrf_token")):
        raise RefusedError("unauthorised")
    return form


def typed(source: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Gives what was typed into fields, "" into those that were left empty."""
    return {name: str(source.get(name) or "").strip()[:500] for name in names}


def instant(text: str, host: str) -> datetime | None:
    """Reads an instant: of a form, by the host's clocks, or with its offset; None for nothing or what is none."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(COUNTRIES[host].zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def refuse(request: Ask, error: RefusedError) -> Response[Any]:
    """Answers with a page instead of a problem document; who is not signed in is led to signing in."""
    if error.code == "unauthorised":
        return Redirect("/sign-in", status_code=303)
    language = language_of(request)
    document = problem_document(error, language)
    _ = translations(language).gettext
    title = _("There is nothing here") if document.status == 404 else document.title
    return PAGES.error(request, document.status, title, document.detail)
