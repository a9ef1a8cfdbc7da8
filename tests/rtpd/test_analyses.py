"""Registers, checks and figures on the whole system, as an administrator calls them."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from rtpd.cli import main
from tests.running_system import RunningSystem

THIS_YEAR = datetime.now(UTC).year


def submit(system: RunningSystem, folder: Path, count: int) -> None:
    lines = folder / "lines.ndjson"
    lines.write_text(system.rtpd("generate", "--count", str(count), "--seed", "7", "--country", "PL"))
    key = ("--api-key", system.operator["apiKey"], "--operator-id", system.operator["operatorId"])
    system.rtpd("submit", str(lines), *key, "--json")


def test_what_was_submitted_is_checked_and_counted(system: RunningSystem, tmp_path: Path) -> None:
    submit(system, tmp_path, 2000)
    register = tmp_path / "register.ndjson"
    register.write_bytes(
        msgspec.json.encode({"record": "licence", "country": "PL", "licenceNumber": "PL-999", "status": "VALID"})
    )
    assert system.rtpd_json("register", "load", str(register))["records"] == {"licence": 1}
    assert [each["record"] for each in system.rtpd_json("register", "list")] == ["licence"]

    operator = system.operator["operatorId"]
    outcomes = system.rtpd_json("checks", "run", "--operator", operator, "--pattern", "P01", "--pattern", "P11")
    assert [(each["pattern"], each["status"]) for each in outcomes] == [("P01", "done"), ("P11", "done")]
    assert outcomes[1]["hints"] > 0, "its licence is not in the register"
    (hint, *_) = system.rtpd_json("checks", "list", "--pattern", "p11")
    assert (hint["operatorId"], hint["details"]) == (operator, {"licence_status": "UNKNOWN"})
    marked = system.rtpd_json("checks", "mark", str(hint["hintId"]), "closed", "--note", "entered by hand")
    assert (marked["state"], marked["note"]) == ("closed", "entered by hand")
    exported = [msgspec.json.decode(line) for line in system.rtpd("checks", "export", "--state", "closed").splitlines()]
    assert [each["hintId"] for each in exported] == [hint["hintId"]]

    page = system.rtpd_json("figures", "facts", "--year", str(THIS_YEAR))
    assert page["facts"]["declarations"] >= 2000
    assert page["indicators"]["states"] == []
    pdf = tmp_path / "page.pdf"
    system.rtpd("figures", "facts", "--year", str(THIS_YEAR), "--kept", "--format", "pdf", "--output", str(pdf))
    assert pdf.read_bytes().startswith(b"%PDF")
    assert "[5] Efforts made as rated by counterparts" in system.rtpd("figures", "indicators", "--year", "2023")
    assert system.rtpd_json("figures", "indicators", "--year", "2023", "--country", "PL") == []


def test_a_period_that_ends_before_it_begins_is_told(system: RunningSystem) -> None:
    system.rtpd("figures", "facts", "--since", "2026-02-01", "--until", "2026-01-01", code=2)


def test_a_made_up_europe_needs_no_system(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["figures", "demo", "--scale", "0.001", "--json"]) == 0
    facts = msgspec.json.decode(capfdbinary.readouterr().out)["facts"]
    assert (facts["since"], facts["operators"] > 900) == ("2023-01-01", True)


def test_the_command_line_speaks_any_of_the_languages(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["figures", "demo", "--scale", "0.001", "--language", "el"]) == 0
    assert capfdbinary.readouterr().out.decode().startswith("Πίνακας επιδόσεων της ενιαίας αγοράς")
    assert main(["checks", "patterns", "--language", "bg", "--json"]) == 0
    assert msgspec.json.decode(capfdbinary.readouterr().out)[0]["title"] == "Подадена след началото на командироването"
    assert main(["figures", "demo", "--scale", "0.001", "--language", "xx"]) == 2
    assert "the languages are bg cs" in capfdbinary.readouterr().err.decode()
