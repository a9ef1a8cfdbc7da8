"""The PDF says what the copy says, in letters that are there, with a code that scans."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter
from schemas.languages import LANGUAGES, labels
from tests.ingest.copy.picture import pages_of, words_of
from validate.seal import verify

MakeCopy = Callable[..., Copy]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_prints_every_letter_of_its_labels(make_copy: MakeCopy, typesetter: Typesetter, language: str):
    [page] = words_of(typesetter.pdf(make_copy(), language))
    printed = squeezed(page)
    for label in labels(language)["label"].values():
        assert squeezed(label) in printed


def test_names_in_greek_and_cyrillic_are_printed(make_copy: MakeCopy, typesetter: Typesetter):
    [page] = words_of(typesetter.pdf(make_copy(), "en"))
    assert "Γεώργιος Παπαδόπουλος" in page
    assert "ул. Раковски 7, 1000 София" in page
    assert "В1234АС" in page


def test_quotes_and_backslashes_stay_what_they_are(make_copy: MakeCopy, typesetter: Typesetter):
    tricky = r'"#panic("x") \u{41} $x$ *b* <l> @r'
    [page] = words_of(typesetter.pdf(make_copy(driver_first_name=tricky), "en"))
    assert squeezed(tricky) in squeezed(page)


def test_a_letter_that_no_font_has_does_not_stop_the_copy(make_copy: MakeCopy, typesetter: Typesetter):
    [page] = words_of(typesetter.pdf(make_copy(driver_first_name="ᚤ漢🚚"), "en"))
    assert "Παπαδόπουλος" in page


@pytest.mark.parametrize("dpi", [75, 100, 200])
def test_the_printed_code_scans_and_verifies(
    make_copy: MakeCopy, typesetter: Typesetter, key: Ed25519PrivateKey, dpi: int
):
    [page] = pages_of(typesetter.pdf(make_copy(), "el"), dpi)
    [code] = zxingcpp.read_barcodes(page)
    assert verify(code.text, [key.public_key()]).number == make_copy().number


def test_a_normal_fleet_fits_one_page_in_every_language(make_copy: MakeCopy, typesetter: Typesetter):
    copy = make_copy(plates=tuple(f"WGM {number:05}" for number in range(18)))
    assert all(len(words_of(typesetter.pdf(copy, language))) == 1 for language in LANGUAGES)


def test_a_long_fleet_goes_on_over_numbered_pages(make_copy: MakeCopy, typesetter: Typesetter):
    plates = tuple(f"WGM {number:05}" for number in range(600))
    pages = words_of(typesetter.pdf(make_copy(plates=plates), "en"))
    assert len(pages) == 3
    assert all(plate in "".join(pages) for plate in plates)
    assert all(f"Page {number} of 3" in page and make_copy().number in page for number, page in enumerate(pages, 1))


def test_a_withdrawn_declaration_says_so(make_copy: MakeCopy, typesetter: Typesetter):
    notice = labels("en")["copy"]["withdrawn"]
    assert notice in words_of(typesetter.pdf(make_copy(withdrawn=True), "en"))[0]
    assert notice not in words_of(typesetter.pdf(make_copy(), "en"))[0]


def test_the_same_copy_gives_the_same_bytes(make_copy: MakeCopy, typesetter: Typesetter):
    assert typesetter.pdf(make_copy(), "pl") == typesetter.pdf(make_copy(), "pl")


def test_a_copy_is_tagged_archivable_and_names_its_language(make_copy: MakeCopy, typesetter: Typesetter):
    pdf = typesetter.pdf(make_copy(), "el")
    assert b"/Marked true" in pdf
    assert b"/Lang(el)" in pdf
    assert b"pdfaid" in pdf


def test_threads_share_a_typesetter(make_copy: MakeCopy, typesetter: Typesetter):
    copies = [make_copy(version=version) for version in range(1, 21)]
    with ThreadPoolExecutor(4) as threads:
        pdfs = list(threads.map(lambda copy: typesetter.pdf(copy, "en"), copies))
    assert [f"Version {copy.version}" in words_of(pdf)[0] for copy, pdf in zip(copies, pdfs, strict=True)] == [
        True
    ] * 20


def test_pages_do_not_depend_on_what_was_typeset_before(make_copy: MakeCopy, typesetter: Typesetter):
    first = typesetter.pdf(make_copy(), "sv")
    typesetter.pdf(make_copy(plates=tuple(f"A {n}" for n in range(500))), "ga")
    assert typesetter.pdf(make_copy(), "sv") == first
