"""Contract failures inside objects within objects, of any struct."""

from uuid import UUID

import msgspec

from validate.contract import explain


class Part(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    share: float = 0.0


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    parts: list[Part]
    main: Part
    owner: UUID
    labels: dict[str, str] = {}
    count: int = 0


GOOD = {"parts": [{"name": "a"}], "main": {"name": "b", "share": 1}, "owner": str(UUID(int=1))}


def found(**changes: object) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in explain(msgspec.json.encode(GOOD | changes), Whole)]


def test_what_fits_has_nothing_to_be_said_about():
    assert found() == []
    assert found(labels={"a": "b"}, count=3) == []


def test_each_failure_is_found_where_it_is():
    assert found(main={"nam": "b"}) == [("missing_field", "/main/name"), ("unknown_field", "/main/nam")]
    assert found(parts=[{"name": "a"}, {"name": 1}]) == [("wrong_type", "/parts/1/name")]
    assert found(owner="me") == [("not_a_uuid", "/owner")]
    assert found(labels={"a/b": 1}) == [("wrong_type", "/labels/a~1b")]
    assert found(count="3") == [("wrong_type", "/count")]
    assert found(main={"name": "b", "share": True}) == [("wrong_type", "/main/share")]
    assert found(main=[]) == [("wrong_type", "/main")]
