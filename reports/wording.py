"""What a look-up says, in the officer's language: verdicts, reasons, standings, outcomes (domain.md 6.1).

English stands in `reports/data/verdicts.toml` and `reports/data/words.toml`, the other languages in the catalogues.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from reports.verdict import TEXTS, Counts, Verdict, VerdictCode
from schemas.codes import COUNTRIES
from schemas.languages import SOURCE, country_name
from schemas.writing import moment
from web.catalogues import translations

WORDS = msgspec.toml.decode((files("reports") / "data" / "words.toml").read_bytes(), type=dict[str, dict[str, str]])


class Reason(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One thing that the look-up found: a stable code, the rule, a text and the law behind it."""

    code: str
    rule: str
    text: str
    legal_reference: str | None = None


class Notice(Struct, frozen=True, rename="camel"):
    """What is always said, so that nobody is fined who needs no declaration."""

    text: str
    legal_reference: str


@cache
def notice(language: str = SOURCE) -> Notice:
    """Says which transport needs no declaration."""
    return Notice(_said(language, TEXTS.notice.text), _law(language, TEXTS.notice.article))


def title(code: VerdictCode, language: str = SOURCE) -> str:
    """Says a verdict in one sentence."""
    return _said(language, next(kind.title for kind in TEXTS.verdict if kind.code == code))


def reasons(
    verdict: Verdict, counts: Counts, host: str, language: str = SOURCE, country: str | None = None
) -> tuple[Reason, ...]:
    """Words the reasons of a verdict; instants stand in the host's civil time, `country` is that of the plate."""
    after = counts.declared_after
    values = {
        "instant": moment(after, COUNTRIES[host].zone) if after else "",
        "country": country_name(country, language) if country else "",
    }
    return tuple(_reason(code, counts, language, values) for code in verdict.reasons)


@cache
def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """Gives the words for codes in a language, by table: outcome, standing, change, kind, verdict."""
    tables = {table: {code: _said(language, text) for code, text in said.items()} for table, said in WORDS.items()}
    return {**tables, "verdict": {kind.code: title(kind.code, language) for kind in TEXTS.verdict}}


def _reason(code: str, counts: Counts, language: str, values: Mapping[str, str]) -> Reason:
    wording = TEXTS.reason[code]
    count = getattr(counts, wording.counts) if wording.counts else 0
    law = _law(language, wording.article) if wording.article else None
    return Reason(code, wording.rule, _said(language, wording.text) % {**values, "count": count}, law)


def _law(language: str, article: str) -> str:
    return _said(language, TEXTS.law.text) % {"article": article}


def _said(language: str, text: str) -> str:
    return translations(language).gettext(text)
