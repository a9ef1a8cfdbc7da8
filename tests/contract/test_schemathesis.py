"""Both applications keep to their OpenAPI documents, whatever Schemathesis makes up; on the real processes.

Of its checks all are made but these: that what fits the schema is accepted (the rules of law are not in the schema:
tests/validate has them), and who may ask (the tables in test_authorisation.py of both sides have that). The operators'
side passes over parameters that it does not know, as RTPD does.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import APIOperation

from ingest.openapi import openapi as operators_document
from reports.openapi import openapi as officers_document
from tests.running_system import RunningSystem

load_all_checks()
_LEFT_OUT = ("positive_data_acceptance", "ignored_auth", "object_level_authorization")
_CHECKS = [check for check in CHECKS.get_all() if check.__name__ not in _LEFT_OUT]
_LENIENT = [check for check in _CHECKS if check.__name__ != "negative_data_rejection"]
_FREE = ("application/x-ndjson", "application/offset+octet-stream")
_SEED = 20260202


@schemathesis.serializer(*_FREE)
def _as_it_is(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _without_keys(document: bytes) -> dict[str, Any]:
    """Gives a document without what it says of keys: the test's own caller stands in every request."""
    said: dict[str, Any] = msgspec.json.decode(document)
    del said["components"]["securitySchemes"]
    for operations in said["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return said


def _checks(side: str, case: Case) -> list[Any]:
    """Any bytes are a body of lines or of a file: each line is judged, and each file as a whole."""
    if case.media_type in _FREE:
        return _LENIENT
    known = {parameter.name for parameter in case.operation.query}
    return _LENIENT if side == "operators" and set(case.query or {}) - known else _CHECKS


def _caller(system: RunningSystem, side: str) -> tuple[str, dict[str, str]]:
    """Gives the address of a side, and the headers of somebody who may use it."""
    if side == "officers":
        return system.reports_url, {"authorization": f"Bearer {system.officer['token']}"}
    operator = system.operator
    return system.ingest_url, {"x-api-key": operator["apiKey"], "x-operator-id": operator["operatorId"]}


def _operations() -> list[Any]:
    found = []
    for side, document in (("operators", operators_document()), ("officers", officers_document())):
        schema = schemathesis.openapi.from_dict(_without_keys(document))
        for result in schema.get_all_operations():
            operation = result.ok()
            found.append(pytest.param(side, operation, id=f"{side}-{operation.label.replace(' ', '-')}"))
    return found


_OPERATIONS = _operations()


def _ask(system: RunningSystem, side: str, operation: APIOperation, examples: int, phases: Sequence[Phase]) -> None:
    url, headers = _caller(system, side)
    strategy = st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    with requests.Session() as session:
        session.trust_env = False

        @seed(_SEED)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        @given(strategy)
        def ask(case: Case) -> None:
            case.call_and_validate(
                base_url=url, session=session, headers=headers, checks=_checks(side, case), timeout=20
            )

        ask()


@pytest.mark.parametrize(("side", "operation"), _OPERATIONS)
def test_answers_are_as_the_document_says(system: RunningSystem, side: str, operation: APIOperation) -> None:
    _ask(system, side, operation, 4, [Phase.generate])


@pytest.mark.contract
@pytest.mark.parametrize(("side", "operation"), _OPERATIONS)
def test_answers_are_as_the_document_says_at_length(system: RunningSystem, side: str, operation: APIOperation) -> None:
    _ask(system, side, operation, 200, [Phase.generate, Phase.shrink])
