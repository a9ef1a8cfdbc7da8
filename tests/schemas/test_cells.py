"""A text in a CSV file is a text, also to a spreadsheet, and comes back as it was."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from ingest.files.sheets import rows_of
from ingest.formats import fields_of, writer_of
from schemas.cells import as_meant, unarmed
from schemas.operator import OperatorCard

ARMED = "=+-@\t\r\n"


@given(st.text() | st.builds(lambda first, rest: first + rest, st.sampled_from(ARMED + "'"), st.text()))
def test_no_text_begins_as_a_formula_and_each_comes_back(text: str) -> None:
    cell = unarmed(text)
    assert not cell.startswith(tuple(ARMED))
    assert as_meant(cell) == text or (text[:1] == "'" and text[1:2] in ARMED)


def test_what_is_no_text_stays_as_it_is() -> None:
    assert [unarmed(value) for value in (-1, None, True, 2.5)] == [-1, None, True, 2.5]


def test_exports_hold_no_formula() -> None:
    fields = fields_of(OperatorCard)
    name = next(iter(fields))
    make = writer_of("csv", "")
    assert make is not None
    writer = make(fields)
    written = writer.rows([{name: "=HYPERLINK(1)"}, {name: "+48 600 100 200"}]) + writer.end()
    cells = [row[0] for row in csv.reader(io.StringIO(written.decode()))]
    assert cells[1:] == ["'=HYPERLINK(1)", "'+48 600 100 200"]
    read = [row[0] for row in rows_of(io.BytesIO(written), "csv")]
    assert read[1:] == ["=HYPERLINK(1)", "+48 600 100 200"]
