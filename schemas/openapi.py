"""OpenAPI 3.1 out of the contract's structs: what a struct says is never said again by hand.

An application lists its operations; this module turns them into the document, with the JSON Schemas that
msgspec makes of the structs. Every body and answer has an example, which the tests validate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from schemas.problem import ProblemDocument

_REF = "#/components/schemas/{name}"
Where = Literal["query", "path", "header"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, with an example of its value."""

    name: str
    where: Where
    about: str
    example: Any
    kind: Any = str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A body or an answer: its struct (None for free bytes), media type and an example."""

    about: str
    kind: Any = None
    example: Any = None
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `refusals` are the statuses that come as problem documents."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    answers: Mapping[int, Content | tuple[Content, ...]]
    refusals: Sequence[int]
    body: Content | tuple[Content, ...] | None = None
    parameters: Sequence[Parameter] = ()
    security: Sequence[str] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What an application says of itself."""

    title: str
    version: str
    about: str
    operations: Sequence[Operation]
    security: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


_REFUSALS = {
    400: "The request is malformed.",
    401: "The key or token is missing or not known.",
    403: "The key or token may not do this.",
    404: "There is nothing here that the caller may see.",
    405: "This method is not possible here.",
    408: "The body came too slowly.",
    409: "This is not possible in the present state.",
    410: "This was here and is no more.",
    412: "The version that the request names is not the newest.",
    413: "The body is too large.",
    415: "The content type or encoding is not known.",
    422: "The content was refused; each problem has a code, a pointer and a way out.",
    428: "The request must name the version that it changes.",
    429: "Too many requests; Retry-After says when to come back.",
    500: "The service failed; the fault is recorded.",
    503: "Not now; Retry-After says when to come back, with the same Idempotency-Key.",
}


def openapi_document(document: Document, refused: ProblemDocument) -> dict[str, Any]:
    """Builds the OpenAPI 3.1 document. `refused` is the example of every refusal."""
    kinds = _kinds(document.operations)
    _, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in document.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, refused)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": document.title,
            "version": document.version,
            "description": document.about,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": dict(document.security)},
    }


def _contents(content: Content | tuple[Content, ...] | None) -> tuple[Content, ...]:
    if content is None:
        return ()
    return content if isinstance(content, tuple) else (content,)


def _kinds(operations: Sequence[Operation]) -> list[Any]:
    kinds = [ProblemDocument]
    for operation in operations:
        kinds += [content.kind for content in _contents(operation.body) if content.kind is not None]
        for answer in operation.answers.values():
            kinds += [content.kind for content in _contents(answer) if content.kind is not None]
        kinds += [parameter.kind for parameter in operation.parameters]
    return kinds


def _operation(operation: Operation, refused: ProblemDocument) -> dict[str, Any]:
    responses = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    for status in operation.refusals:
        example = msgspec.to_builtins(msgspec.structs.replace(refused, status=status))
        content = Content(_REFUSALS[status], ProblemDocument, example, "application/problem+json")
        responses[str(status)] = _answer(content)
    said: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.about,
        "responses": responses,
    }
    if operation.tag:
        said["tags"] = [operation.tag]
    if operation.parameters:
        said["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body is not None:
        said["requestBody"] = {"required": True, "content": _content(operation.body)}
    if operation.security:
        said["security"] = [{key: [] for key in operation.security}]
    return said


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.about,
        "required": parameter.required or parameter.where == "path",
        "schema": _schema(parameter.kind),
        "example": parameter.example,
    }


def _answer(answer: Content | tuple[Content, ...]) -> dict[str, Any]:
    contents = _contents(answer)
    said: dict[str, Any] = {"description": contents[0].about}
    if any(content.media_type for content in contents):
        said["content"] = _content(answer)
    return said


def _content(content: Content | tuple[Content, ...]) -> dict[str, Any]:
    by_media_type: dict[str, list[Content]] = {}
    for one in _contents(content):
        by_media_type.setdefault(one.media_type, []).append(one)
    return {media_type: _one_of(contents) for media_type, contents in by_media_type.items()}


def _one_of(contents: Sequence[Content]) -> dict[str, Any]:
    schemas = [{"type": "string"} if one.kind is None else _schema(one.kind) for one in contents]
    said: dict[str, Any] = {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}}
    if contents[0].example is not None:
        said["example"] = contents[0].example
    return said


def _schema(kind: Any) -> Any:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return schema
