"""What the operators' API says of itself holds."""

import re
from typing import Any

import msgspec
import pytest
from litestar.testing import AsyncTestClient

from ingest.openapi import OPERATIONS, openapi
from ingest.routes import ROUTES
from schemas.openapi import Content, Operation
from schemas.problem import ProblemDocument

_WITH_EXAMPLES = [
    (operation, content)
    for operation in OPERATIONS
    for one in (operation.body, *operation.answers.values())
    for content in (one if isinstance(one, tuple) else (one,))
    if content is not None and content.kind is not None
]


@pytest.mark.parametrize(("operation", "content"), _WITH_EXAMPLES, ids=lambda one: getattr(one, "name", ""))
def test_every_example_is_what_its_struct_says(operation: Operation, content: Content) -> None:
    assert content.example is not None, operation.name
    msgspec.convert(content.example, content.kind)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_has_an_answer_and_documents_its_refusals(operation: Operation) -> None:
    assert operation.summary
    assert operation.about
    assert operation.answers
    assert 500 in operation.refusals


def test_refusals_have_examples_that_are_problem_documents() -> None:
    document = msgspec.json.decode(openapi())
    for path in document["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                refused = answer.get("content", {}).get("application/problem+json")
                if refused is not None:
                    msgspec.convert(refused["example"], ProblemDocument)


async def test_the_document_is_served(client: AsyncTestClient[Any]) -> None:
    answer = await client.get("/openapi.json")
    assert answer.json()["openapi"] == "3.1.0"


def _plain(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)


def test_every_address_is_described_with_its_methods() -> None:
    described = msgspec.json.decode(openapi())["paths"]
    said = {(_plain(path), method.upper()) for path, methods in described.items() for method in methods}
    served = {(_plain(path), method) for path, methods in ROUTES.items() for method in methods}
    assert served - said == {(path, "GET") for path in ("/health", "/ready", "/metrics", "/openapi.json")}
    assert said <= served
