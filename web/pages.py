"""How a page is answered: rendered in the language of the request, with headers that keep it safe."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_timedelta
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.loaders import ChoiceLoader
from litestar import Response
from litestar.datastructures import Cookie
from litestar.utils.scope.state import ScopeState

from schemas import writing
from schemas.codes import COUNTRIES, country
from schemas.languages import LANGUAGES, country_name, labels
from web.assets import asset
from web.catalogues import translations
from web.choice import COOKIE, PARAMETER, AnyRequest, chosen, language_of

TEMPLATES = Path(__file__).parent / "templates"
_YEAR = 365 * 86_400

#: Scripts, styles, fonts and pictures come from us alone, and nothing runs that stands in a page.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "accept-language, cookie, hx-request",
}


class Pages:
    """The pages of one side: its own templates in `folder`, and the shared ones under `web/`."""

    def __init__(self, folder: Path) -> None:
        self._loader = ChoiceLoader([PrefixLoader({"web": FileSystemLoader(TEMPLATES)}), FileSystemLoader(folder)])
        self._environments: dict[str, Environment] = {}

    def render(self, language: str, template: str, context: Mapping[str, Any]) -> str:
        """Renders a template in a language; an unknown name in it raises `jinja2.UndefinedError`."""
        return self._environment(language).get_template(template).render(context)

    def page(
        self,
        request: AnyRequest,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response[str]:
        """Answers a request with a page or a fragment of one, in the language of the request."""
        language = language_of(request)
        token = ScopeState.from_scope(request.scope).csrf_token
        shared = {
            "path": request.url.path,
            "language_links": _language_links(request),
            "csrf_token": token if isinstance(token, str) else "",
        }
        return Response(
            self.render(language, template, {**shared, **(context or {})}),
            status_code=status,
            media_type="text/html; charset=utf-8",
            headers={**HEADERS, "content-language": language, **(headers or {})},
            cookies=[_kept(language, request)] if chosen(request) else [],
        )

    def error(self, request: AnyRequest, status: int, title: str, text: str) -> Response[str]:
        """Answers with a page that says what went wrong and what to do."""
        return self.page(request, "web/error.html", {"title": title, "text": text}, status=status)

    def _environment(self, language: str) -> Environment:
        # One for each language, so that macros speak it without being handed the request.
        if language not in self._environments:
            self._environments[language] = _environment(language, self._loader)
        return self._environments[language]


def _environment(language: str, loader: ChoiceLoader) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    catalogue = translations(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, catalogue.ngettext, newstyle=True, pgettext=catalogue.pgettext
    )
    environment.globals |= {
        "asset": asset,
        "language": language,
        "language_name": LANGUAGES[language].name,
        "country_name": lambda code: country_name(code, language),
        "countries": lambda codes: sorted_countries(codes, language),
        "sign": sign,
        "label": lambda table, code: labels(language)[table][code],
    }
    environment.filters |= _filters(language)
    return environment


def _filters(language: str) -> dict[str, Callable[..., str]]:
    def distance(days: int) -> str:
        return str(
            format_timedelta(timedelta(days=days), granularity="day", threshold=8, add_direction=True, locale=language)
        )

    return {
        "day": writing.day,
        "moment": writing.moment,
        "number": lambda value: writing.number(value, language),
        "signed": writing.signed,
        "decimal": lambda value, places=1: writing.decimal(value, language, places),
        "distance": distance,
        "month": lambda when: str(format_date(when, "LLL", locale=language)),
        "iso": iso,
    }


def sign(code: str) -> str:
    """Gives a country's sign on vehicles (Vienna Convention; domain.md 5.1), its ISO code if we know none."""
    known = COUNTRIES.get(country(code))
    return known.sign if known else code


def iso(when: date | datetime) -> str:
    """Writes a date or instant for machines, as the `datetime` attribute of an element `time` needs it."""
    return when.isoformat()


def sorted_countries(codes: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Gives codes with their countries' names, sorted by their letters without accents."""
    named = [(code, country_name(code, language)) for code in codes]
    return sorted(named, key=lambda pair: alphabetical(pair[1]))


_WITHOUT_PARTS = str.maketrans("łøđðħıæœß", "lodddiaos")


def alphabetical(name: str) -> str:
    """Gives what names are sorted by: their letters without accents."""
    plain = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_WITHOUT_PARTS)


def _language_links(request: AnyRequest) -> list[tuple[str, str, str]]:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
    return [
        (language.code, language.name, "?" + urlencode([*kept, (PARAMETER, language.code)]))
        for language in LANGUAGES.values()
    ]


def _kept(language: str, request: AnyRequest) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=language,
        max_age=_YEAR,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
