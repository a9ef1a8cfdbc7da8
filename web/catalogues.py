"""The texts of pages in the 26 languages: catalogues of gettext, one `.po` a language, read as they are.

`python -m web.catalogues extract` takes the texts out of templates and code into every catalogue;
`python -m web.catalogues fill FILE` enters translations from a TOML file of tables `[msgid]` with a text for each
language; `python -m web.catalogues missing` lists what has none yet.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from string import Formatter
from typing import BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations

from schemas.languages import LANGUAGES, SOURCE

DOMAIN = "openrtpd"
LOCALE = Path(__file__).parent / "locale"
#: Packages whose templates and code hold texts of pages.
PACKAGES = ("web", "ingest", "reports", "exchange")
_METHODS = [
    ("**/templates/**.html", "jinja2"),
    ("**.py", "python"),
    ("data/verdicts.toml", "web.catalogues:texts_of_data"),
    ("data/words.toml", "web.catalogues:texts_of_data"),
    ("data/indicators.toml", "web.catalogues:texts_of_data"),
    ("data/scoreboard.toml", "web.catalogues:texts_of_data"),
    ("checks/sql/*.sql", "web.catalogues:texts_of_patterns"),
]
_OPTIONS = {
    "**/templates/**.html": {
        "newstyle_gettext": "true",
        "trimmed": "true",
        "silent": "false",
        "extensions": "jinja2.ext.do",
    }
}
#: Members of data whose strings are texts.
_SAID = {"text", "title", "outcome", "standing", "change", "kind", "label", "counted"}
#: In the heading of a pattern's SQL file: what is a text, and what is for programs.
_HEADING = re.compile(r"-- (?P<name>title|legal|severity|weight|needs|parts): (?P<value>.+)")
_BLANK = re.compile(r"%\((\w+)\)s")


class TranslationError(ValueError):
    """A translation is for a text that no page has, or fills other blanks than the text."""


def path_of(language: str) -> Path:
    """Gives the file of a language's catalogue."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Reads a language's catalogue; an empty one if it has none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


@cache
def translations(language: str) -> NullTranslations:
    """Gives what gettext needs to speak a language; English is the language of the texts themselves."""
    if language == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read(language))
    compiled.seek(0)
    return Translations(compiled, DOMAIN)


def blanks(text: str) -> set[str]:
    """Gives the names of the blanks in a text: `%(count)s` of templates, `{count}` of code."""
    braced = {name for _, name, _, _ in Formatter().parse(text) if name} if "{" in text else set()
    return set(_BLANK.findall(text)) | braced


def extract(root: Path) -> None:
    """Takes the texts of all pages under `root` into every catalogue; translations of texts that went are dropped."""
    template = Catalog(domain=DOMAIN)
    for package in PACKAGES:
        found = extract_from_dir(root / package, _METHODS, _OPTIONS, comment_tags=["Translators:"])
        for file, _, text, comments, context in found:
            template.add(text, locations=[(f"{package}/{file}", 0)], auto_comments=comments, context=context)
    for language in LANGUAGES:
        if language != SOURCE:
            catalogue = read(language)
            catalogue.update(template, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            _write(language, catalogue)


def texts_of_data(
    file: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Gives the texts of a TOML file of data as Babel takes them: line, function, text, comments.

    They are the strings of the members in `_SAID`, in tables of that name those of all members.
    """
    for text in _said(tomllib.load(file), inside=False):
        yield 0, None, text, []


def texts_of_patterns(
    file: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Gives title, legal basis and description of a pattern's SQL file as Babel takes them."""
    described = []
    for line in takewhile(lambda line: line.startswith("--"), file.read().decode().splitlines()):
        if not (heading := _HEADING.fullmatch(line)):
            described.append(line.removeprefix("--").strip())
        elif heading["name"] in ("title", "legal"):
            yield 0, None, heading["value"], []
    yield 0, None, " ".join(described), []


def _said(value: object, *, inside: bool) -> Iterator[str]:
    match value:
        case str() if inside:
            yield value
        case dict():
            for name, member in value.items():
                yield from _said(member, inside=inside or name in _SAID)
        case list():
            for member in value:
                yield from _said(member, inside=inside)


def fill(translated: dict[str, dict[str, str | list[str]]]) -> None:
    """Enters translations: for each text of a page, its text (or its plural forms) by language.

    Raises `TranslationError` for a text that no page has, or a translation that fills other blanks.
    """
    for language in LANGUAGES:
        catalogue = read(language) if language != SOURCE else Catalog()
        texts = {text: by[language] for text, by in translated.items() if language in by}
        for text, translation in texts.items():
            _enter(catalogue, language, text, translation)
        if texts:
            _write(language, catalogue)


def _enter(catalogue: Catalog, language: str, text: str, translation: str | list[str]) -> None:
    message = catalogue.get(text)
    if message is None:
        raise TranslationError(f"no page says {text!r}")
    forms = [translation] if isinstance(translation, str) else translation
    plural = isinstance(message.id, tuple)
    if len(forms) != (catalogue.num_plurals if plural else 1):
        raise TranslationError(f"{text!r} needs {catalogue.num_plurals} plural forms in {language}")
    for form in forms:
        if blanks(form) - blanks(text):
            raise TranslationError(f"{form!r} ({language}) fills blanks that {text!r} has not")
    message.string = tuple(forms) if plural else forms[0]


def missing() -> Iterator[tuple[str, str]]:
    """Gives every language and text that has no translation in it."""
    for language in LANGUAGES:
        for message in read(language) if language != SOURCE else ():
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id and not all(forms):
                yield language, message.id if isinstance(message.id, str) else message.id[0]


def _write(language: str, catalogue: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, omit_header=True, include_lineno=False)


def main(arguments: list[str]) -> int:
    """Runs one of the three commands; ends with 1 if translations are missing, 2 for a wrong call."""
    match arguments:
        case ["extract"]:
            extract(Path.cwd())
        case ["fill", file]:
            fill(tomllib.loads(Path(file).read_text("utf-8")))
        case ["missing"]:
            pass
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    left = list(missing())
    sys.stdout.writelines(f"{language}: {text}\n" for language, text in left)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
