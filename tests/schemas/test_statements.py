"""Statements are found by their names, and a careless file is refused."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import statements


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    name = f"package_of_{tmp_path.name}".replace("-", "_")
    (tmp_path / name / "sql").mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / name
    sys.modules.pop(name, None)


def write(package: Path, text: str) -> str:
    (package / "sql" / "queries.sql").write_text(text, "utf-8")
    return package.name


def test_each_statement_is_found_by_its_name(package: Path) -> None:
    name = write(package, "-- about\n-- name: first\nSELECT 1;\n\n-- name: second\n-- why\nSELECT '-- name: x'\n;\n")
    assert statements.load(name, "queries") == {
        "first": "SELECT 1;",
        "second": "-- why\nSELECT '-- name: x'\n;",
    }


def test_a_file_without_a_heading_is_refused(package: Path) -> None:
    with pytest.raises(statements.StatementFileError, match="no line"):
        statements.load(write(package, "SELECT 1;"), "queries")


def test_a_name_given_twice_is_refused(package: Path) -> None:
    with pytest.raises(statements.StatementFileError, match="twice"):
        statements.load(write(package, "-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;"), "queries")
