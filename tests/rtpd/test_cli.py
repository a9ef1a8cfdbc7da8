"""The command line explains itself, says errors in one line, and starts fast."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from cyclopts import App

from rtpd.cli import build, main


def commands(app: App, *names: str) -> Iterator[tuple[str, ...]]:
    for name in app:
        if not name.startswith("-"):
            below = app[name]
            called = (*names, name)
            yield from ([called] if below.default_command else commands(below, *called))


EVERY_COMMAND = sorted(commands(build(None)))


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_every_command_shows_an_example_and_has_json(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--help"]) == 0
    told = capsys.readouterr().out
    assert "Example: " in told
    assert "--json" in told


def test_the_promised_commands_are_there() -> None:
    promised = "up ingest worker reports migrate operator officer generate submit validate lookup status reconcile"
    assert set(promised.split()) <= {command[0] for command in EVERY_COMMAND}


def test_an_unknown_command_is_said_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sumbit"]) == 2
    assert capsys.readouterr().err == "rtpd: no command 'sumbit'; did you mean submit?\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "--colour"],
        ["generate", "--count", "many"],
        ["operator", "create", "--name", "N"],
        ["worker", "--queue", "nothing"],
    ],
    ids=" ".join,
)
def test_a_wrong_argument_is_one_line_and_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("rtpd: ")
    assert said.count("\n") == 1


def test_a_command_without_a_running_system_says_how_to_start_one(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RTPD_HOME", str(tmp_path_factory.mktemp("nothing")))
    assert main(["status"]) == 2
    assert "start it with `rtpd up`" in capsys.readouterr().err


def test_the_help_of_rtpd_imports_no_command() -> None:
    heavy = ("pyarrow", "duckdb", "asyncpg", "litestar")
    program = (
        "import sys; from rtpd.cli import main; main(['--help']);"
        f"sys.exit(str([name for name in {heavy} if name in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == ""
