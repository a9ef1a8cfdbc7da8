"""One visit to a page: who is signed in, what is asked of the API, and how the page is answered."""

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect

from exchange.record import ExchangeRefusedError
from ingest.approvals import Asked
from ingest.body import BodyError
from ingest.http import RefusedError, as_refusal
from ingest.intake import Intake
from ingest.pages import session as sessions
from ingest.pages.asking import Answer, Handler, ask
from ingest.pages.session import Envelope, Session
from schemas.problem import Problem
from validate.problems import in_language, problem
from web.choice import language_of
from web.pages import Pages

PAGES = Pages(Path(__file__).parent / "templates")
Kind = TypeVar("Kind")
AnyRequest = Request[Any, Any, Any]
AnyResponse = Response[Any]


class NotSignedInError(Exception):
    """The page is for those who are signed in."""


class ForeignFormError(Exception):
    """The form was not sent from a page of ours, or its session is over."""


class WaitsForApprovalError(Exception):
    """What was asked for is kept until another person approves it."""


class Visit:
    """A request for a page, with the parts of intake that it needs."""

    def __init__(self, intake: Intake, envelope: Envelope, request: AnyRequest) -> None:
        self.intake = intake
        self.request = request
        self.language = language_of(request)
        self._envelope = envelope
        known = sessions.session_of(envelope, request.cookies.get(sessions.COOKIE, ""))
        self.session = known or sessions.begun()
        self._fresh = known is None

    @property
    def signed_in(self) -> bool:
        """Says whether the visitor speaks for an operator."""
        return bool(self.session.api_key)

    def part(self, name: str) -> str:
        """Gives a part of the path."""
        found: str = self.request.path_params[name]
        return found

    async def form(self) -> FormMultiDict:
        """Reads a form that a page of ours sent. Raises `ForeignFormError`."""
        form = await self.request.form()
        sent = form.get("_csrf_token") or self.request.headers.get("x-csrftoken", "")
        if self._fresh or not hmac.compare_digest(str(sent).encode(), self.session.token.encode()):
            raise ForeignFormError
        return form

    async def ask(self, handler: Handler, **asked: Any) -> Answer:
        """Asks a function of the API.

        Raises `NotSignedInError`, `WaitsForApprovalError`, and what the function raises.
        """
        if not self.signed_in:
            raise NotSignedInError
        asked["headers"] = {"accept-language": self.language, **asked.get("headers", {})}
        try:
            answer = await ask(self.intake, self.session, handler, **asked)
        except (BodyError, ExchangeRefusedError) as error:
            raise as_refusal(error) from error
        if answer.status == 202 and self.session.person and _waits(answer):
            raise WaitsForApprovalError
        return answer

    async def read(self, handler: Handler, kind: type[Kind], **asked: Any) -> Kind:
        """Asks a function of the API and decodes what it answers."""
        return msgspec.json.decode((await self.ask(handler, **asked)).body, type=kind)

    def page(self, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200) -> AnyResponse:
        """Answers with a page or a fragment of one."""
        shared = {
            "csrf_token": self.session.token,
            "signed_in": self.signed_in,
            "operator_name": self.session.operator_name,
            "person": self.session.person,
            "role": self.session.role,
            "said": self.request.query_params.get("said", ""),
            "today": self.intake.today(),
        }
        response = PAGES.page(self.request, template, {**shared, **(context or {})}, status=status)
        if self._fresh:
            self._keep(response)
        return response

    def go(self, path: str, **query: str) -> AnyResponse:
        """Sends the browser to another page, by GET."""
        return Redirect(f"{path}?{urlencode(query)}" if query else path, status_code=303)

    def sign_in(self, session: Session, path: str) -> AnyResponse:
        """Puts another session in the place of the present one."""
        self.session = session
        response = self.go(path)
        self._keep(response)
        return response

    def _keep(self, response: AnyResponse) -> None:
        secure = self.request.url.scheme == "https"
        response.set_cookie(sessions.cookie_of(self._envelope, self.session, secure=secure))

    def seal(self, content: Mapping[str, str]) -> str:
        """Seals what one searches for, so that no address shows a number plate or a name."""
        return self._envelope.seal(dict(content), "search")

    def sealed(self, name: str) -> dict[str, str]:
        """Gives what the parameter of the address holds sealed, nothing if it holds nothing of ours."""
        return self.opened(self.request.query_params.get(name, ""))

    def opened(self, sealed: str) -> dict[str, str]:
        """Gives what was sealed, nothing if it is nothing of ours."""
        return self._envelope.open(sealed, dict[str, str], "search") or {}

    def worded(self, refusal: RefusedError) -> tuple[Problem, ...]:
        """Words what a refusal found in the visitor's language; at least the refusal itself."""
        found = refusal.problems or (problem(refusal.code, "", **refusal.values),)
        return tuple(in_language(one, self.language) for one in found)


def _waits(answer: Answer) -> bool:
    try:
        msgspec.json.decode(answer.body, type=Asked)
    except msgspec.ValidationError:
        return False
    return True
