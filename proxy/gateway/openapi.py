"""The API's description (OpenAPI 3.1), made of the table of routes itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel

VERSION: Final = "1"
_PARAMETER: Final = re.compile(r"{(\w+)}")

Row = tuple[str, str, str, str, type[BaseModel] | None]
"""Method, path, role (empty for none), summary, and what the body is to be."""


def described(rows: Iterable[Row]) -> dict[str, object]:
    """The document about ``rows``."""
    paths: dict[str, dict[str, object]] = {}
    for method, path, role, summary, body in rows:
        paths.setdefault(path, {})[method.lower()] = _operation(path, role, summary, body)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Veilcast gateway", "version": VERSION},
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(path: str, role: str, summary: str, body: type[BaseModel] | None) -> dict[str, object]:
    said: dict[str, object] = {
        "summary": f"{summary} ({role})" if role else summary,
        "security": [{"token": []}] if role else [],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _PARAMETER.findall(path)
        ],
        "responses": {"200": {"description": "done"}, "4XX": {"description": "refused: {error} says why"}},
    }
    if body is not None:
        schema = body.model_json_schema()
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return said
