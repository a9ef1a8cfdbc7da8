import subprocess
import sys
from pathlib import Path

import msgspec

from schemas.declaration import Declaration
from schemas.operator import Operator

_GENERATE = (sys.executable, "-m", "rtpd", "generate")


def test_lines_of_one_operator_name_none_so_that_any_key_may_post_them(tmp_path: Path):
    arguments = ("--count", "20", "--today", "2026-11-23")
    done = subprocess.run((*_GENERATE, *arguments), capture_output=True, check=True)
    lines = msgspec.json.Decoder(Declaration).decode_lines(done.stdout)
    assert len(lines) == 20
    assert {line.operator_id for line in lines} == {None}


def test_lines_of_several_operators_name_those_in_the_operators_file(tmp_path: Path):
    file = tmp_path / "operators.ndjson"
    arguments = ("--count", "200", "--operators", "30", "--operators-file", str(file), "--json")
    done = subprocess.run((*_GENERATE, *arguments), capture_output=True, check=True)
    lines = msgspec.json.Decoder(Declaration).decode_lines(done.stdout)
    operators = msgspec.json.Decoder(Operator).decode_lines(file.read_bytes())
    assert {line.operator_id for line in lines} == {operator.operator_id for operator in operators}
    assert len(operators) == 30
    summary = msgspec.json.decode(done.stderr)
    assert (summary["declarations"], summary["bytes"]) == (200, len(done.stdout))


def test_a_reader_that_goes_away_ends_it_quietly():
    command = f"{sys.executable} -m rtpd generate --count 300000 | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, timeout=60)
    assert done.returncode == 0
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1
