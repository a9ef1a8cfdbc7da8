"""Files judged without a server, and the command that shows them."""

import io
import json

import pytest

from rtpd.cli import main
from tests.validate.samples import CLEAN, ESTABLISHMENT, RECEIVED, encoded, wire
from validate.file import LineVerdict, UnreadableFileError, judge_file


def verdicts(content: bytes, *, as_csv: bool = False) -> list[LineVerdict]:
    return list(judge_file(io.BytesIO(content), as_csv=as_csv, establishment=ESTABLISHMENT, received_on=RECEIVED))


def brief(found: list[LineVerdict]) -> list[tuple[int, bool, list[str]]]:
    return [(one.line, one.refused, [problem.code for problem in one.problems]) for one in found]


def row(delimiter: str = ",", **changes: str) -> bytes:
    cells = {
        name: " ".join(value) if isinstance(value, list) else str(value).lower() if value is True else str(value)
        for name, value in (CLEAN | changes).items()
    }
    cells["declarationVehiclePlateNumberLight"] = changes.get("declarationVehiclePlateNumberLight", "PO2CD34")
    cells["declarationVehiclePlateNumberHeavy"] = changes.get("declarationVehiclePlateNumberHeavy", "PO1AB23;WA 12345")
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells.values()]
    return (delimiter.join(cells) + "\n" + delimiter.join(quoted) + "\n").encode()


def test_each_line_of_ndjson_has_its_own_verdict():
    content = b"\n".join(
        [encoded(), b"", b"{", encoded(driverApplicableLaw="DE"), encoded(declarationEndDate="2030-01-01")]
    )
    assert brief(verdicts(content)) == [
        (1, False, []),
        (3, True, ["not_json"]),
        (4, False, ["applicable_law"]),
        (5, True, ["period_too_long"]),
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_passed_over():
    assert brief(verdicts(b"\xef\xbb\xbf" + encoded() + b"\r\n" + encoded() + b"\r\n")) == [
        (1, False, []),
        (2, False, []),
    ]


def test_a_line_without_end_is_told_without_being_read_whole():
    found = verdicts(encoded() + b"\n" + b"x" * 5_000_000 + b"\n" + encoded())
    assert brief(found) == [(1, False, []), (2, True, ["line_too_long"]), (3, False, [])]


def test_control_characters_are_looked_for():
    assert brief(verdicts(json.dumps(wire(externalReference="a\x00")).encode())) == [(1, True, ["control_character"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_any_usual_delimiter_says_the_same(delimiter):
    assert brief(verdicts(row(delimiter), as_csv=True)) == [(2, False, [])]


def test_csv_with_a_byte_order_mark_is_read():
    assert brief(verdicts(b"\xef\xbb\xbf" + row(), as_csv=True)) == [(2, False, [])]


def test_an_empty_cell_of_csv_is_no_field():
    assert brief(verdicts(row(driverLatinFirstName=""), as_csv=True)) == [(2, True, ["driver_field_missing"])]


def test_a_list_in_csv_parts_at_blanks_only_if_each_part_is_a_plate():
    parted = row(declarationVehiclePlateNumberHeavy="PO1AB23 PO1AB23")
    assert brief(verdicts(parted, as_csv=True)) == [(2, False, ["duplicate_plate"])]
    whole = row(declarationVehiclePlateNumberHeavy="PO 1AB23")
    assert brief(verdicts(whole, as_csv=True)) == [(2, False, [])]


def test_a_flag_in_csv_that_is_neither_yes_nor_no_is_explained():
    assert brief(verdicts(row(otherContactAsTransportManager="perhaps"), as_csv=True)) == [(2, True, ["wrong_type"])]


def test_an_unknown_column_and_a_cell_too_many_are_explained():
    content = row().replace(b"externalReference", b"externalReferenz").rstrip(b"\n") + b',"more"\n'
    assert brief(verdicts(content, as_csv=True)) == [(2, True, ["unknown_field", "unknown_field"])]


def test_csv_that_is_not_utf8_is_an_error():
    with pytest.raises(UnreadableFileError):
        verdicts("externalReference\nŁódź".encode("iso-8859-2"), as_csv=True)


@pytest.fixture
def bad_file(tmp_path):
    path = tmp_path / "declarations.ndjson"
    path.write_bytes(encoded() + b"\n" + encoded(declarationEndDate="2030-01-01", driverLicenceNumber="[/x]") + b"\n")
    return path


def run(*arguments: str) -> int:
    return main(["validate", *arguments, "--received-on", RECEIVED.isoformat()])


def test_the_command_shows_a_table_and_exits_1_if_a_line_is_refused(bad_file, capsys):
    assert run(str(bad_file), "--country", "PL") == 1
    shown = capsys.readouterr().out
    assert "2 lines, 1 accepted, 0 warned, 1 refused" in shown
    assert "driverLicen" in shown


def test_the_command_exits_0_if_nothing_is_refused(tmp_path, capsys):
    path = tmp_path / "good.csv"
    path.write_bytes(row())
    assert run(str(path), "--country", "PL") == 0
    assert "1 lines, 1 accepted, 0 warned, 0 refused" in capsys.readouterr().out


def test_the_command_prints_json_lines_for_programs(bad_file, capsys):
    assert run(str(bad_file), "--country", "PL", "--json") == 1
    verdict, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert verdict["line"] == 2
    assert verdict["refused"] is True
    assert verdict["problems"][0]["code"] == "unknown_field"
    assert summary == {"lines": 2, "accepted": 1, "warned": 0, "refused": 1}


def test_without_a_country_what_depends_on_it_is_not_judged(tmp_path, capsys):
    path = tmp_path / "one.ndjson"
    path.write_bytes(encoded(driverApplicableLaw="DE"))
    assert run(str(path), "--json") == 0
    assert json.loads(capsys.readouterr().out)["warned"] == 0


def test_a_country_that_is_none_is_an_error(bad_file):
    assert run(str(bad_file), "--country", "QQ") == 2


def test_refusals_are_shown_before_a_thousand_warnings(tmp_path, capsys):
    path = tmp_path / "many.ndjson"
    late = encoded(declarationStartDate="2026-08-01", declarationEndDate="2026-09-01")
    path.write_bytes(b"\n".join([*[late] * 1000, encoded(declarationEndDate="2030-01-01")]))
    assert run(str(path)) == 1
    shown = capsys.readouterr().out
    assert shown.index("refused") < shown.index("warning")
    assert "of 1001 problems" in shown
    assert "late_submission" in shown
