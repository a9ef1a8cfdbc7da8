"""The scoreboard's page in its forms and languages: what it says, and that all of it is said in each."""

import csv
import io
import xml.etree.ElementTree as ElementTree
from datetime import UTC, date, datetime

import msgspec
import pyarrow.parquet as pq
import pypdf
import pypdfium2
import pytest

from reports import scoreboard
from reports.charts import number
from reports.checks.catalogue import patterns
from reports.figures import Cell, Facts, Pair, Smallest
from reports.indicators import Indicators, definitions, performance
from reports.scoreboard import Page
from reports.scoreboard_charts import charts
from reports.scoreboard_words import DIMENSIONS, about, by_name, message, rounded, words
from schemas.languages import LANGUAGES, SOURCE
from web.catalogues import blanks

OTHERS = [code for code in LANGUAGES if code != SOURCE]
YEAR = (date(2023, 1, 1), date(2023, 12, 31))
SVG = "{http://www.w3.org/2000/svg}"
#: The year that the Scoreboard of 2023 tells.
EUROPE = Facts(
    since=YEAR[0],
    until=YEAR[1],
    host=None,
    made_at=datetime(2024, 1, 31, 1, 15, tzinfo=UTC),
    declarations=17_968_001,
    operators=1_060_000,
    drivers=347_000,
    declarations_total=32_100_000,
    operators_total=1_060_000,
    first_day=date(2022, 2, 2),
    origins=[Cell("PL", 6_480_000, 380_700), Cell("GR", 12_345, 678), Cell("FI", None, None)],
    hosts=[Cell("DE", 2_700_000, 580_862)],
    operations=[Cell("both", 12_600_000, 741_528), Cell("cabotage", 900_000, 41_528)],
    carriages=[Cell("goods", 17_280_000, 1_016_570)],
    weeks=[Cell("2023-01-30", 350_000, 90_000), Cell("2023-02-06", 979_805, 119_517)],
    pairs=[Pair("PL", "DE", 972_000), Pair("FI", "MT", None)],
    smallest=Smallest(5, 3),
    authorities=12_500,
    officers=35_000,
    exchanges=112_550,
    exchanges_total=597_550,
    alerts=5_538,
    notifications=43_948,
)


def table_of_indicators() -> Indicators:
    poland = performance("PL", [(9, 10), (180, 10), (5, 10), (0, 10), (0, 0)])
    return Indicators("road", *YEAR, date(2024, 1, 31), [poland], msgspec.structs.replace(poland, country=None))


PAGE = Page(EUROPE, table_of_indicators())


def read_back(pdf: bytes) -> str:
    """Gives the text of a PDF as one line; what breaks lines and holds numbers together becomes a space."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def text_in(language: str) -> str:
    return scoreboard.write(PAGE, "text", language).decode()


def every_word(language: str) -> list[str]:
    """Gives all words of the page that stand in the data, in a language."""
    said = words(language).values()
    return [text for one in said for text in ([one] if isinstance(one, str) else one.values())]


def test_round_numbers_read_as_the_scoreboard_s_do():
    assert "more than 1 million road transport operators submitted 18 million" in message(EUROPE)
    assert "total number of declarations submitted to 32 million" in message(EUROPE)
    assert number(112_550) == "112\N{NARROW NO-BREAK SPACE}550"
    assert rounded(999_999) == number(999_999)


@pytest.mark.parametrize(
    ("language", "count", "said", "more"),
    [
        ("pl", 1, "1 milion", "ponad 1 milion"),
        ("pl", 3, "3 miliony", "ponad 3 miliony"),
        ("pl", 18, "18 milionów", "ponad 18 milionów"),
        ("sl", 2, "2 milijona", "več kot 2 milijona"),
        ("ro", 32, "32 de milioane", "peste 32 de milioane"),
        ("lt", 21, "21 milijonas", "daugiau kaip 21 milijonas"),
        ("mt", 18, "18-il miljun", "aktar minn 18-il miljun"),
        ("el", 18, "18 εκατομμύρια", "πάνω από 18 εκατομμύρια"),
        ("bg", 1, "1 милион", "над 1 милион"),
        ("hu", 32, "32 millió", "több mint 32 millió"),
    ],
)
def test_millions_are_counted_by_the_rules_of_the_language(language: str, count: int, said: str, more: str):
    assert rounded(count * 1_000_000, language) == said
    assert about(count * 1_000_000 + 1, language) == more


def test_the_indicators_print_as_the_scoreboard_s_table():
    lines = list(scoreboard.indicator_lines(table_of_indicators()))
    assert lines[:4] == [
        "Performance indicators",
        "[1] Speed in accepting requests (% accepted within 7 days) | ≥ 80 | 60 – 79 | < 60 |",
        "---|---|---|---|",
        "[2] Speed in answering requests (avg. no. of days taken to answer) | < 16 | 16 – 25 | > 25 |",
    ]
    assert "Poland | 90.0 ▲ green | 18.0 ● yellow | 50.0 ▼ red | 0.0 ▲ green | no requests | +1 ● yellow |" in lines


def test_member_states_stand_in_the_order_of_their_names():
    states = [performance(code, [(1, 1)] * 5) for code in ("AT", "CZ", "DE", "GR", "SE")]
    english, polish = ([state.country for state in by_name(states, language)] for language in ("en", "pl"))
    assert english == ["AT", "CZ", "DE", "GR", "SE"]
    assert polish == ["AT", "CZ", "GR", "DE", "SE"], "Austria, Czechy, Grecja, Niemcy, Szwecja"


def test_the_text_speaks_greek():
    said = text_in("el")
    assert said.startswith("Πίνακας επιδόσεων της ενιαίας αγοράς: ")
    assert "Περίοδος αναφοράς: 01/01/2023 – 31/12/2023" in said
    assert "πάνω από 1 εκατομμύριο" in said
    assert "[2] Ταχύτητα απάντησης σε αιτήματα" in said
    assert "Πολωνία | 90,0 ▲ πράσινο | 18,0 ● κίτρινο | 50,0 ▼ κόκκινο |" in said
    assert "Πολωνία | 6.480.000 | 380.700" in said
    assert "Μόνο εμπορεύματα | 17.280.000" in said
    assert "06/02/2023 | 979.805" in said


def test_the_text_speaks_bulgarian():
    said = text_in("bg").replace("\N{NO-BREAK SPACE}", " ")
    assert "Отчетен период: 01/01/2023 – 31/12/2023" in said
    assert "18 милиона" in said
    assert "Полша | 90,0 ▲ зелено | 18,0 ● жълто | 50,0 ▼ червено |" in said
    assert "Гърция | 12 345 | 678" in said


def test_the_text_speaks_polish():
    said = text_in("pl").replace("\N{NO-BREAK SPACE}", " ")
    assert "Okres sprawozdawczy: 01/01/2023 – 31/12/2023" in said
    assert "18 milionów" in said
    assert "32 miliony" in said
    assert "Polska | 90,0 ▲ zielony | 18,0 ● żółty | 50,0 ▼ czerwony |" in said
    assert "Wymiany informacji w okresie sprawozdawczym: 112 550." in said


@pytest.mark.parametrize("language", OTHERS)
def test_no_language_is_left_with_english_words(language: str):
    said = text_in(language)
    english = [line for line in text_in(SOURCE).splitlines() if len(line) > 30 and not line.startswith("---")]
    assert len(english) > 20
    assert [line for line in english if line in said] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_fills_every_blank_of_the_page(language: str):
    for text, translated in zip(every_word(SOURCE), every_word(language), strict=True):
        assert blanks(translated) == blanks(text), text


@pytest.mark.parametrize("language", OTHERS)
def test_every_pattern_and_every_indicator_is_worded_in_every_language(language: str):
    for pattern, worded in zip(patterns().values(), patterns(language).values(), strict=True):
        assert (worded.code, worded.sql, worded.severity) == (pattern.code, pattern.sql, pattern.severity)
        for name in ("title", "description", "legal_basis"):
            assert getattr(worded, name) != getattr(pattern, name), (pattern.code, name)
    spoken = definitions(language)
    assert not {each.label for each in spoken.indicators} & {each.label for each in definitions().indicators}
    assert not {each.counted for each in spoken.sets.values()} & {each.counted for each in definitions().sets.values()}


@pytest.mark.parametrize(
    ("language", "head", "state", "light", "count", "source"),
    [
        ("el", "Συνολικές επιδόσεις (και οι πέντε", "Πολωνία", "50,0 ▼ κόκκινο", "6.480.000", "Υπολογίστηκε"),
        ("bg", "Обща оценка (и петте показателя заедно)", "Полша", "50,0 ▼ червено", "6 480 000", "Изчислено"),
        ("pl", "Wynik ogólny (wszystkie pięć wskaźników razem)", "Polska", "50,0 ▼ czerwony", "6 480 000", "Obliczono"),
        ("en", "Overall performance (all five indicators combined)", "Poland", "50.0 ▼ red", "6 480 000", "Reckoned"),
    ],
)  # fmt: skip
def test_the_pdf_can_be_read_back_in_its_language(
    language: str, head: str, state: str, light: str, count: str, source: str
):
    pdf = scoreboard.write(PAGE, "pdf", language)
    said = read_back(pdf)
    for expected in (head, state, light, count, source):
        assert expected in said
    document = pypdf.PdfReader(io.BytesIO(pdf))
    catalogue = document.root_object
    assert catalogue["/Lang"] == language
    assert catalogue["/MarkInfo"]["/Marked"], "a screen reader finds its way"
    assert document.metadata is not None
    assert document.metadata.title == words(language)["title"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_made_in_every_language_and_every_letter_has_a_shape(language: str):
    pdf = scoreboard.write(PAGE, "pdf", language)
    said = read_back(pdf).replace(" ", "")
    for title in [words(language)["title"], *(words(language)["tables"][name] for name in DIMENSIONS)]:
        assert title.replace(" ", "").replace("\N{NO-BREAK SPACE}", "") in said
    assert scoreboard.write(PAGE, "pdf", language) == pdf, "the same figures give the same bytes"


def test_forms_for_programs_are_the_same_in_every_language():
    for form in ("json", "csv", "parquet"):
        assert scoreboard.write(PAGE, form, "el") == scoreboard.write(PAGE, form)  # type: ignore[arg-type]


def test_the_page_has_every_form():
    assert msgspec.json.decode(scoreboard.write(PAGE, "json"), type=Page) == PAGE
    assert "Key messages" in text_in(SOURCE)
    rows = list(csv.DictReader(io.StringIO(scoreboard.write(PAGE, "csv").decode())))
    table = pq.read_table(io.BytesIO(scoreboard.write(PAGE, "parquet"))).to_pylist()
    assert len(rows) == len(table) == 12
    for row, cell in zip(rows, table, strict=True):
        assert row["declarations"] == ("" if cell["declarations"] is None else str(cell["declarations"]))
        assert row["hidden"] == str(cell["hidden"]).lower()


@pytest.mark.parametrize("language", ["en", "bg", "fr"])
def test_charts_are_readable_without_seeing_them(language: str):
    for chart in charts(EUROPE, language):
        root = ElementTree.fromstring(chart.svg)
        assert root.get("role") == "img"
        ids = {element.get("id"): element for element in root.iter() if element.get("id")}
        title, description = (ids[name] for name in (root.get("aria-labelledby") or "").split())
        assert title.text == chart.title == words(language)["tables"][chart.name]
        assert description.text
        assert description.text in chart.alternative
        assert all(rect.find(f"{SVG}title") is not None for rect in root.iter(f"{SVG}rect"))
