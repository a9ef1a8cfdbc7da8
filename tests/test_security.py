"""What SECURITY.md promises is shown by tests that exist."""

import ast
import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_SAID = (_ROOT / "SECURITY.md").read_text("utf-8")
_NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", _SAID)))
_FILES = sorted(set(re.findall(r"`(tests/[\w/.]+)`", _SAID)))


def test_security_md_names_tests() -> None:
    assert len(_NAMED) > 20


@pytest.mark.parametrize("file", _FILES)
def test_each_file_that_is_named_is_there(file: str) -> None:
    assert (_ROOT / file).is_file()


@pytest.mark.parametrize(("file", "name"), _NAMED)
def test_each_promise_has_its_test(file: str, name: str) -> None:
    code = ast.parse((_ROOT / file).read_text("utf-8"))
    tests = {node.name for node in code.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    assert name in tests
