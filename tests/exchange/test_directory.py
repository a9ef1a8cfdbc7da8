"""The directory of authorities: loaded whole or not at all, found in every language, with and without accents."""

import time

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.authorities import (
    DEMO,
    Authority,
    AuthorityFileError,
    AuthorityUnknownError,
    authority_named,
    load_authorities,
    read_authorities,
)
from exchange.directory import Directory, DirectoryInMemory, Sought, hit
from exchange.folding import fold, words
from schemas.codes import POSTING_COUNTRIES
from schemas.languages import LANGUAGES, country_name


@pytest.fixture(scope="module")
def authorities() -> list[Authority]:
    with DEMO.open("rb") as lines:
        return read_authorities(lines)


@pytest.fixture(scope="module")
def directory(authorities: list[Authority]) -> Directory:
    return Directory(authorities)


def found(directory: Directory, text: str, **wanted: str) -> list[str]:
    return [one.code for one in directory.search(Sought(text, **wanted))]


def line(**changes: object) -> bytes:
    said = {
        "code": "FR-TEST",
        "country": "FR",
        "level": "local",
        "names": {"fr": "Essai"},
        "place": "Lille",
        "competences": ["posting"],
        "languages": ["fr"],
    }
    return msgspec.json.encode(said | changes)


def test_the_demo_has_some_hundreds_in_every_state_to_which_drivers_are_posted(authorities):
    assert len(authorities) > 400
    assert {one.country for one in authorities} >= set(POSTING_COUNTRIES)
    for state in POSTING_COUNTRIES:
        assert any(one.coordinator and "posting" in one.competences for one in authorities if one.country == state)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Monachium", "DE-BALM-MUNICH"),
        ("München", "DE-BALM-MUNICH"),
        ("Мюнхен", "DE-BALM-MUNICH"),
        ("koeln zoll", "DE-HZA-COLOGNE"),
        ("Zoll Köln", "DE-HZA-COLOGNE"),
        ("goteborg polis", "SE-POL-WEST"),
        ("Solun", "GR-PDEP-CENTRAL-MACEDONIA"),
        ("Θεσσαλονικη επιθεώρηση εργασίας", "GR-PDEP-CENTRAL-MACEDONIA"),
        ("thessaloniki", "GR-PDEP-CENTRAL-MACEDONIA"),
        ("okregowy inspektorat pracy poznan", "PL-OIP-POZNAN"),
        ("posen", "PL-OIP-POZNAN"),
        ("inspection du travail Varsovie", "PL-GIP"),
        ("Bécs", "AT-BMK"),
        ("Копенхаген", "DK-AT"),
        ("Sofiya inspekcija truda", "BG-DIT-SOFIA"),
        ("inspection du travail lille", "FR-DREETS-HAUTS-DE-FRANCE"),
        ("labour inspectorate lisbon", "PT-ACT"),
        ("Λιθουανία", "LT-LTSA"),
        ("Lettland Arbeitsinspektion", "LV-VDI"),
        ("Гърция инспекция по труда", "GR-SEPE"),
    ],
)
def test_everybody_types_in_a_language_of_their_own(directory, typed, code):
    assert code in found(directory, typed)[:5]


def test_a_slip_of_the_keyboard_is_forgiven(directory):
    assert found(directory, "Sttutgart") == found(directory, "Stuttgart") == ["DE-BALM-STUTTGART"]


def test_a_code_in_capitals_names_the_country_and_a_small_word_does_not(directory):
    assert {code[:2] for code in found(directory, "labour inspection DE")} == {"DE"}
    assert found(directory, "ministère de transports de France")[0][:2] == "FR"
    assert {code[:2] for code in found(directory, "EL")} == {"GR"}


def test_the_words_are_those_of_a_country_in_all_languages(directory, authorities):
    for language in LANGUAGES:
        for state in ("DE", "GR", "LT", "HU"):
            assert found(directory, country_name(state, language))[0][:2] == state, (language, state)


def test_filters_narrow_what_is_found(directory):
    assert all(code.startswith("PL") for code in found(directory, "inspektorat", country="PL"))
    chosen = directory.search(Sought("", country="PL", competence="licensing"))
    assert chosen
    assert all("licensing" in one.competences and one.country == "PL" for one in chosen)


def test_a_hit_is_worded_for_its_reader(directory):
    (one,) = directory.search(Sought("PL-OIP-POZNAN", limit=1))
    assert hit(one, "fr").country_name == "Pologne"
    assert hit(one, "fr").name == "District Labour Inspectorate in Poznań"
    assert hit(one, "pl").name == hit(one, "fr").own_name == "Okręgowy Inspektorat Pracy w Poznaniu"


def test_a_directory_as_large_as_that_of_imi_answers_within_a_moment(authorities):
    copies = [msgspec.structs.replace(one, code=f"{one.code}-{number}") for number in range(29) for one in authorities]
    directory = Directory(copies)
    started = time.perf_counter()
    for typed in ("inspekcja pracy poznan", "police france", "Λιθουανία εργασία", "sttutgart"):
        assert directory.search(Sought(typed))
    assert time.perf_counter() - started < 1


@given(st.text(max_size=60))
def test_any_text_may_be_typed(typed):
    for spellings in words(typed):
        assert all(word.isascii() and word.isalnum() for word in spellings)
    assert fold(fold(typed)) == fold(typed)


def test_a_bad_line_is_named_and_nothing_is_read():
    with pytest.raises(AuthorityFileError, match="line 2: 'xx' is none of the 26 languages"):
        read_authorities([line(), line(code="FR-TWO", languages=["xx"])])
    with pytest.raises(AuthorityFileError, match="line 1: 'cooking' is no competence"):
        read_authorities([line(competences=["cooking"])])
    with pytest.raises(AuthorityFileError, match="line 3: FR-TEST stands twice"):
        read_authorities([line(), b"\n", line()])
    with pytest.raises(AuthorityFileError, match="level"):
        read_authorities([line(level="galactic")])


async def test_a_file_is_loaded_twice_without_a_change(database_url, authorities):
    connection = await asyncpg.connect(database_url)
    first = await load_authorities(connection, authorities)
    again = await load_authorities(connection, authorities)
    assert (first.created, again.created, again.updated) == (len(authorities), 0, len(authorities))
    assert await authority_named(connection, "PL-OIP-POZNAN") == next(
        one for one in authorities if one.code == "PL-OIP-POZNAN"
    )
    with pytest.raises(AuthorityUnknownError, match="FR-NOBODY"):
        await load_authorities(connection, read_authorities([line(parent="FR-NOBODY")]))
    await connection.close()


async def test_the_directory_follows_the_register(database_url):
    async with asyncpg.create_pool(database_url, min_size=0, max_size=2) as pool:
        memory = DirectoryInMemory(pool)
        assert (await memory.newest()).search(Sought("Lille")) == []
        async with pool.acquire() as connection:
            await load_authorities(connection, read_authorities([line()]))
        assert [one.code for one in (await memory.newest()).search(Sought("Lille"))] == ["FR-TEST"]
        async with pool.acquire() as connection:
            await load_authorities(connection, read_authorities([line(active=False)]))
        assert (await memory.newest()).search(Sought("Lille")) == []
