"""docs/operators.md is true: its commands and its program run, one after the other, against a system as it starts."""

import csv
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import xlsxwriter

from rtpd.processes import RTPD
from tests.running_system import RunningSystem

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text("utf-8")
#: The page's days, and how far they were away when it was written.
_DAYS = {"2026-12-01": 7, "2027-05-31": 180, "2026-12-10": 16, "2026-12-12": 18}
_LATER = "import-rtpd"  # needs somebody else's service; tests/rtpd/test_import_rtpd.py has one


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def _fill_in(path: Path, one: Path) -> None:
    """Fills in the workbook: a good row, and one with a wrong country."""
    said = msgspec.json.decode(one.read_bytes())
    rows = [said | {"externalReference": "sheet-1"}, said | {"declarationPostingCountry": "XX"}]
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, list(said))
        for number, row in enumerate(rows, 1):
            cells = ["; ".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()]
            sheet.write_row(number, 0, cells)


def _run(script: str, system: RunningSystem, folder: Path) -> str:
    own = 'set -eauo pipefail\ncurl() { command curl --fail-with-body "$@" && echo; }\n'
    own += f'rtpd() {{ {shlex.join(RTPD)} "$@"; }}\n'
    own += ". ./me.env\n" if (folder / "me.env").exists() else ""
    script = script.replace("http://127.0.0.1:8080", system.ingest_url)
    for day, ahead in _DAYS.items():
        script = script.replace(day, str(datetime.now(UTC).date() + timedelta(days=ahead)))
    done = subprocess.run(
        ["bash", "-c", f"{own}{script}\nexport -p > me.env"],
        cwd=folder,
        env=system.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return "\n".join(line for line in done.stdout.splitlines() if line)


def test_from_nothing_to_a_thousand_declarations(system: RunningSystem, tmp_path: Path) -> None:
    up, *commands = [block for block in blocks("sh") if _LATER not in block]
    assert up == "rtpd up\n"
    make, one, thousand, template, send, vehicles, matrix, fleet, coverage, webhook = commands
    _run(make, system, tmp_path)
    assert '"declarationNumber"' in _run(one, system, tmp_path)
    dry, receipt = map(msgspec.json.decode, _run(thousand, system, tmp_path).splitlines())
    assert (dry["accepted"], receipt["accepted"], receipt["refused"]) == (1000, 1000, 0)
    program, _ = blocks("python")
    (tmp_path / "thousand.py").write_text(program)
    again = _run(f'"{sys.executable}" thousand.py', system, tmp_path)
    assert again.startswith("1000 accepted, 0 refused")
    _run(template, system, tmp_path)
    assert (tmp_path / "declarations.xlsx").read_bytes().startswith(b"PK")
    _fill_in(tmp_path / "declarations.xlsx", tmp_path / "one.json")
    tried = msgspec.json.decode(_run(send, system, tmp_path).splitlines()[0])
    assert (tried["accepted"], tried["refused"], tried["problems"][0]["line"]) == (1, 1, 3)
    assert (tmp_path / "report.xlsx").read_bytes().startswith(b"PK")
    assert '"refused":0' in _run(vehicles, system, tmp_path)
    dry, receipt = map(msgspec.json.decode, _run(matrix, system, tmp_path).splitlines())
    assert (dry["accepted"], receipt["accepted"], len(receipt["verdicts"])) == (4, 4, 4)
    preview, changed, renewals = map(msgspec.json.decode, _run(fleet, system, tmp_path).splitlines())
    assert preview["declarations"] == 4, preview
    assert "WA 54321" in changed["declarationVehiclePlateNumber"]
    assert renewals["count"] == 4
    missing = msgspec.json.decode(_run(coverage, system, tmp_path).splitlines()[0])
    assert [trip["country"] for trip in missing["items"] if not trip["covered"]] == ["ES"], missing
    with (tmp_path / "all.csv").open(encoding="utf-8-sig") as file:
        assert sum(1 for _ in csv.DictReader(file)) >= 2006
    assert '"secret"' in _run(webhook, system, tmp_path)
