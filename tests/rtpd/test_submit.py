"""Operators, officers and submissions by the command line against a whole running system."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtpd.receipts import read_receipts
from tests.running_system import RTPD, RunningSystem, wait_for


@pytest.fixture(scope="module")
def system(system: RunningSystem) -> RunningSystem:
    """The session's system, for commands that speak for an operator of this file."""
    made = system.rtpd_json("operator", "create", "--name", "Trans", "--country", "PL", "--licence", "X 1")
    own = {"RTPD_API_KEY": made["apiKey"], "RTPD_OPERATOR_ID": made["operatorId"]}
    return replace(system, environment=system.environment | own)


def generated(system: RunningSystem, path: Path, *arguments: str) -> Path:
    path.write_text(system.rtpd("generate", *arguments))
    return path


def test_a_pipe_of_declarations_is_accepted_and_receipted(system: RunningSystem, tmp_path: Path):
    lines = system.rtpd("generate", "--count", "500", "--seed", "3")
    receipts = tmp_path / "receipts.ndjson"
    arguments = ("submit", "-", "--lines", "200", "--receipts", str(receipts), "--json")
    summary = msgspec.json.decode(system.rtpd(*arguments, given=lines))
    assert (summary["lines"], summary["accepted"], summary["submissions"]) == (500, 500, 3)
    written = list(read_receipts(receipts))
    assert sum(receipt.accepted for receipt in written) == 500
    assert {receipt.idempotency_key for receipt in written} == {f"{summary['run']}-{number}" for number in (1, 2, 3)}


def test_refused_lines_are_told_by_their_place_in_the_file(system: RunningSystem, tmp_path: Path):
    path = generated(system, tmp_path / "lines.ndjson", "--count", "90", "--seed", "4")
    lines = path.read_text().splitlines()
    for place in (7, 60):
        lines[place - 1] = "{"
    path.write_text("\n".join(lines))
    found = tmp_path / "problems.ndjson"
    arguments = ("submit", str(path), "--lines", "25", "--problems", str(found))
    summary = msgspec.json.decode(system.rtpd(*arguments, "--json", code=1))
    assert (summary["accepted"], summary["refused"]) == (88, 2)
    assert [finding["line"] for finding in summary["problems"]] == [7, 60]
    told = [msgspec.json.decode(line)["line"] for line in found.read_text().splitlines()]
    assert {7, 60} <= set(told)
    shown = system.rtpd("submit", str(path), "--dry-run", code=1)
    assert "88 would be accepted, 2 refused" in shown
    assert "not_json" in shown


def test_the_same_run_submitted_again_keeps_nothing_twice(system: RunningSystem, tmp_path: Path):
    path = generated(system, tmp_path / "lines.ndjson", "--count", "60", "--seed", "5")
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    for receipts in (first, second):
        system.rtpd("submit", str(path), "--run", "night", "--lines", "30", "--receipts", str(receipts))
    ids = [{receipt.submission_id for receipt in read_receipts(receipts)} for receipts in (first, second)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2


def test_a_submission_that_was_killed_is_resumed_by_its_receipts(system: RunningSystem, tmp_path: Path):
    path = generated(system, tmp_path / "lines.ndjson", "--count", "40000", "--seed", "6")
    receipts = tmp_path / "receipts.ndjson"
    arguments = ("submit", str(path), "--lines", "400", "--in-flight", "1", "--receipts", str(receipts))
    begun = subprocess.Popen([*RTPD, *arguments], env=system.environment, stderr=subprocess.DEVNULL)
    wait_for(lambda: receipts.exists() and receipts.read_bytes().count(b"\n") > 5)
    begun.kill()
    begun.wait()
    before = len(list(read_receipts(receipts)))
    assert before < 100
    summary = msgspec.json.decode(system.rtpd(*arguments, "--resume", "--json"))
    assert summary["skipped"] == before
    written = list(read_receipts(receipts))
    assert sorted(receipt.chunk for receipt in written) == list(range(1, 101))
    assert sum(receipt.accepted for receipt in written) == 40_000
    assert len({receipt.submission_id for receipt in written}) == 100


def test_intake_may_die_in_the_middle(system: RunningSystem, tmp_path: Path):
    path = generated(system, tmp_path / "lines.ndjson", "--count", "30000", "--seed", "7")
    receipts = tmp_path / "receipts.ndjson"
    arguments = ("submit", str(path), "--lines", "500", "--receipts", str(receipts), "--json")
    under_way = subprocess.Popen([*RTPD, *arguments], env=system.environment, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: receipts.exists() and receipts.read_bytes().count(b"\n") > 5)
    system.kill("ingest")
    out, _ = under_way.communicate(timeout=120)
    summary = msgspec.json.decode(out)
    assert (summary["accepted"], summary["submissions"]) == (30_000, 60)
    assert summary["retries"] > 0


def test_lines_of_many_operators_go_to_their_operators(system: RunningSystem, tmp_path: Path):
    register = tmp_path / "operators.ndjson"
    arguments = ("--operators", "40", "--operators-file", str(register), "--seed", "8")
    path = generated(system, tmp_path / "lines.ndjson", "--count", "400", *arguments)
    before = msgspec.json.decode(system.rtpd("submit", str(path), "--dry-run", "--json", code=1))
    assert before["refused"] == 400
    house = system.environment["RTPD_OPERATOR_ID"]
    imported = system.rtpd_json("operator", "import", str(register), "--delegate-to", house)
    assert (imported["created"], imported["refused"]) == (40, 0)
    after = msgspec.json.decode(system.rtpd("submit", str(path), "--json"))
    assert after["accepted"] == 400
    again = system.rtpd_json("operator", "import", str(register), "--delegate-to", house)
    assert (again["created"], again["updated"]) == (0, 40)


def test_a_revoked_key_is_refused_at_once(system: RunningSystem, tmp_path: Path):
    path = generated(system, tmp_path / "lines.ndjson", "--count", "5")
    operator_id = system.environment["RTPD_OPERATOR_ID"]
    made = system.rtpd_json("operator", "key", "create", operator_id, "--name", "second", "--scope", "submit")
    system.rtpd("submit", str(path), "--api-key", made["apiKey"])
    listed = system.rtpd_json("operator", "key", "list", operator_id)
    assert [(key["name"], key["scopes"]) for key in listed][-1] == ("second", ["submit"])
    system.rtpd("operator", "key", "revoke", made["credentialId"])
    done = subprocess.run(
        [*RTPD, "submit", str(path), "--api-key", made["apiKey"]],
        env=system.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "The key is not known, has expired or was revoked." in done.stderr


def test_an_officer_is_made_listed_and_revoked(system: RunningSystem):
    made = system.rtpd_json("officer", "create", "--name", "Dupont", "--host", "FR")
    assert made["token"].startswith("rtpd_officer_")

    def listed(*arguments: str) -> list[Any]:
        found = system.rtpd_json("officer", "list", *arguments)
        return [officer for officer in found if officer["officerId"] == made["officerId"]]

    (officer,) = listed("--host", "FR")
    assert (officer["name"], officer["revokedAt"]) == ("Dupont", None)
    assert listed("--host", "DE") == []
    system.rtpd("officer", "revoke", made["officerId"])
    assert listed()[0]["revokedAt"] is not None


def test_what_cannot_be_done_is_said_in_a_line(system: RunningSystem, tmp_path: Path):
    def error(*arguments: str) -> str:
        done = subprocess.run([*RTPD, *arguments], env=system.environment, capture_output=True, text=True)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "two letters" in error("operator", "create", "--name", "x", "--country", "Poland")
    assert "nobody is posted to CH" in error("officer", "create", "--name", "x", "--host", "CH")
    assert "No such file" in error("submit", str(tmp_path / "missing.ndjson"))
    assert "--receipts" in error("submit", "-", "--resume")
