"""The API's description (OpenAPI 3.1), made of the table of routes itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

VERSION: Final = "1"
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
_PARAMETER: Final = re.compile(r"{(\w+)}")
_NUMBER: Final = {"type": "integer", "minimum": 0}
_REFUSED: Final = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


class Shown(StrEnum):
    """What whoever asks must show."""

    NOTHING = "nothing"
    ROLE = "role"
    """A token with a role, as Bearer or as the password of Basic."""
    PUBLISHER = "publisher"
    """A publisher's own token, as Bearer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What goes in and comes out.

    Attributes:
        status, gives: of the answer where all is well: its status and media type, empty where it holds nothing.
        takes: the media type of what is sent, where that is no JSON.
        fields: of a form.
        numbers: what may stand in the query, all of it numbers.
        publisher: whether a publisher's own token is asked for.
    """

    status: int = 200
    gives: str = JSON
    takes: str = ""
    fields: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    publisher: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for; ``role`` is empty where nobody is asked who he is."""

    method: str
    path: str
    role: str
    summary: str
    body: type[BaseModel] | None = None
    shape: Shape = field(default_factory=Shape)

    @property
    def shown(self) -> Shown:
        """What whoever asks must show."""
        return Shown.ROLE if self.role else Shown.PUBLISHER if self.shape.publisher else Shown.NOTHING


_SECURITY: Final[Mapping[Shown, list[dict[str, list[str]]]]] = {
    Shown.NOTHING: [],
    Shown.ROLE: [{"token": []}, {"password": []}],
    Shown.PUBLISHER: [{"publisher": []}],
}
_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token with a role, from gateway.toml."},
    "password": {"type": "http", "scheme": "basic", "description": "The same token as the password, with any user name."},
    "publisher": {"type": "http", "scheme": "bearer", "description": "A publisher's own token."},
}


def described(operations: Iterable[Operation]) -> dict[str, object]:
    """The document about ``operations``."""
    paths: dict[str, dict[str, object]] = {}
    schemas: dict[str, object] = {"Refused": _REFUSED}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Veilcast gateway", "version": VERSION},
        "paths": paths,
        "components": {"securitySchemes": _SCHEMES, "schemas": schemas},
    }


def _operation(operation: Operation, schemas: dict[str, object]) -> dict[str, object]:
    shape, role = operation.shape, operation.role
    answer: dict[str, object] = {"description": "done"}
    if shape.gives:
        answer["content"] = {shape.gives: {"schema": {"type": "object"} if shape.gives == JSON else {"type": "string"}}}
    refused = {"description": "refused: {error} says why", "content": {JSON: {"schema": _reference("Refused")}}}
    said: dict[str, object] = {
        "summary": f"{operation.summary} ({role})" if role else operation.summary,
        "security": _SECURITY[operation.shown],
        "parameters": [
            *(_parameter(name, "path", {"type": "string"}) for name in _PARAMETER.findall(operation.path)),
            *(_parameter(name, "query", _NUMBER) for name in shape.numbers),
        ],
        "responses": {str(shape.status): answer, "4XX": refused, "5XX": refused},
    }
    if taken := _taken(operation, schemas):
        said["requestBody"] = {"required": True, "content": taken}
    return said


def _parameter(name: str, place: str, schema: Mapping[str, object]) -> dict[str, object]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _taken(operation: Operation, schemas: dict[str, object]) -> dict[str, object]:
    """What is sent, by media type; the schemas of bodies are put down in ``schemas``."""
    shape, body = operation.shape, operation.body
    if body is not None:
        schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[body.__name__] = schema
        return {JSON: {"schema": _reference(body.__name__)}}
    if shape.fields:
        properties = {name: {"type": "string"} for name in shape.fields}
        return {FORM: {"schema": {"type": "object", "required": list(shape.fields), "properties": properties}}}
    return {shape.takes: {"schema": {"type": "string"}}} if shape.takes else {}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
