"""Every language says everything that English says, with the same blanks to fill."""

from string import Formatter
from typing import get_args

import pytest

from schemas.codes import WORLD, DeclarationStatus, DocumentType, OperationType, TransportType
from schemas.languages import LANGUAGES, SOURCE, UnknownLanguageError, country_name, labels, language


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_languages_are_those_of_the_union_with_norwegian_and_icelandic():
    assert len(LANGUAGES) == 26
    assert {"ga", "mt", "hr", "nb", "is"} <= LANGUAGES.keys()


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_label_of_the_source_and_no_other(code: str):
    source, here = labels(SOURCE), labels(code)
    assert {table: set(texts) for table, texts in here.items()} == {
        table: set(texts) for table, texts in source.items()
    }
    assert all(text == text.strip() and text for texts in here.values() for text in texts.values())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_fills_the_same_blanks_as_the_source(code: str):
    for table, texts in labels(SOURCE).items():
        for key, text in texts.items():
            assert blanks(labels(code)[table][key]) == blanks(text), (table, key)


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("operation_type", OperationType),
        ("transport_type", TransportType),
        ("document_type", DocumentType),
        ("declaration_status", DeclarationStatus),
    ],
)
def test_every_code_of_an_enumeration_has_a_label(table: str, codes: object):
    assert set(labels(SOURCE)[table]) == set(get_args(codes))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_country_has_a_name_in_every_language(code: str):
    assert all(country_name(country, code) != country for country in WORLD)


def test_the_unions_own_country_codes_name_greece_and_the_united_kingdom():
    assert country_name("EL", "de") == "Griechenland"
    assert country_name("UK", "pl") == "Wielka Brytania"


@pytest.mark.parametrize(
    ("tag", "code"), [("PL", "pl"), ("pl-PL", "pl"), ("no", "nb"), ("nn_NO", "nb"), ("en-GB", "en")]
)
def test_a_language_is_known_by_any_spelling_of_its_tag(tag: str, code: str):
    assert language(tag) == code


def test_a_language_that_is_not_ours_is_refused():
    with pytest.raises(UnknownLanguageError):
        language("tlh")
