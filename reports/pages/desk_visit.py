"""One visit of an officer to the desk's pages: who it is, in which language, the forms, the page that answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from exchange.people import DeskOfficer, desk_officer
from exchange.reading import log_reading
from exchange.record import ExchangeRefusedError
from exchange.texts import table
from reports.desk.parts import Ask, DeskParts, parts_of
from reports.pages import sessions
from reports.pages.frame import PAGES, framed
from reports.pages.sessions import COOKIE, Session
from reports.refusal import RefusedError
from schemas.codes import COUNTRIES
from schemas.languages import LANGUAGES
from validate.problems import KINDS, in_language, problem
from web.choice import language_of

#: The texts in which codes that a refusal names are worded on a page.
_WORDED = {"member": "field", "documents": "document", "questions": "question", "move": "move", "state": "state"}
#: Those who make moves; the others read. At the roadside one asks operators for documents too.
MAY_ACT = ("desk", "coordinator")
MAY_ASK = ("roadside", *MAY_ACT)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a form: the field, and the text in the reader's language."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Visit:
    """An officer who is signed in, and the request."""

    request: Ask
    session: Session
    officer: DeskOfficer
    at: datetime

    @property
    def parts(self) -> DeskParts:
        """The desk's parts of this process."""
        return parts_of(self.request)

    @property
    def language(self) -> str:
        """The language of the page."""
        return language_of(self.request)

    @property
    def zone(self) -> str:
        """The civil time of the officer's state."""
        return COUNTRIES[self.officer.country].zone

    async def log(self, kind: str, sought: str, verdict: str) -> None:
        """Writes into the log of look-ups what is about to be read."""
        await log_reading(self.parts.pool, self.officer, sought[:500], verdict, None, kind)

    def needs(self, roles: tuple[str, ...]) -> None:
        """Raises `RefusedError` unless the officer has one of some roles."""
        if self.officer.role not in roles:
            raise RefusedError("role_missing", role=self.officer.role, roles=", ".join(roles))

    def asked(self, name: str) -> str:
        """Gives a parameter of the address, "" if it is not there."""
        return str(self.request.query_params.get(name) or "").strip()[:500]

    async def form(self) -> Any:
        """Reads a form that is ours, with several values under one name. Raises `RefusedError`."""
        form = await self.request.form()
        if not sessions.is_ours(self.request.cookies.get(COOKIE, ""), form.get("_csrf_token")):
            raise RefusedError("unauthorised")
        return form

    def page(self, template: str, shown: Mapping[str, Any], status: int = 200) -> Response[Any]:
        """Answers with a page of the desk."""
        own = {
            "officer": self.officer,
            "may_act": self.officer.role in MAY_ACT and self.officer.authority is not None,
            "languages": [(one.code, one.name) for one in LANGUAGES.values()],
            "language_names": {one.code: one.name for one in LANGUAGES.values()},
            "said": self.asked("said"),
        }
        return framed(self.request, self.session, f"desk/{template}", own | dict(shown), status)

    def go(self, path: str, **query: str) -> Redirect:
        """Leads to another page after a form."""
        return Redirect(f"{path}?{urlencode(query)}" if query else path, status_code=303)

    def worded(self, error: ExchangeRefusedError) -> str:
        """Words a refusal for the page's reader, its codes too."""
        values = {name: self._said(name, str(value)) for name, value in error.values.items() if value is not None}
        return in_language(problem(error.code, error.pointer, **values), self.language).text

    def _said(self, name: str, value: str) -> str:
        texts = table(self.language, _WORDED[name]) if name in _WORDED else {}
        return ", ".join(texts.get(one, one) for one in value.split(", "))


async def visit(request: Ask) -> Visit:
    """Finds who is signed in. Raises `RefusedError`: unauthorised."""
    parts = parts_of(request)
    session = await sessions.session(parts.pool, request.cookies.get(COOKIE))
    return Visit(request, session, await desk_officer(parts.pool, session.officer.officer_id), datetime.now(UTC))


def refuse(request: Ask, error: ExchangeRefusedError) -> Response[Any]:
    """Answers with a page what a form did not catch."""
    worded = in_language(problem(error.code, error.pointer, **error.values), language_of(request))
    return PAGES.error(request, KINDS[error.code].status, worded.text, worded.suggestion or "")
