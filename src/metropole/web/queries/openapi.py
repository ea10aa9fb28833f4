"""Describe the saved queries for programs that make clients (OpenAPI 3.1)."""

from collections.abc import Iterable, Sequence
from typing import Any

from metropole.formats import GraphFormat, ResultFormat
from metropole.release import Content
from metropole.saved_queries import TYPES, Parameter, SavedQuery
from metropole.wordings import chosen

_PATTERNS: dict[str, dict[str, object]] = {
    "iri": {"type": "string", "format": "iri-reference"},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "gYear": {"type": "string", "pattern": "^-?[0-9]{4}$"},
}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string", "description": "The parameter that is wrong."},
    },
}
Described = tuple[SavedQuery, Iterable[GraphFormat | ResultFormat]]


def openapi(content: Content, release_id: str, described: Iterable[Described]) -> dict[str, Any]:
    """Describe each query, with the formats it comes in, as an operation."""
    info: dict[str, Any] = {"title": content.title, "version": release_id}
    if content.licence:
        info["license"] = {"name": content.licence, "url": content.licence}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": content.base.rstrip("/")}],
        "paths": {
            f"/queries/{query.name}": {"get": _operation(query, formats, content.languages)}
            for query, formats in described
        },
        "components": {"schemas": {"Problem": _PROBLEM_SCHEMA}},
    }


def _operation(
    query: SavedQuery,
    formats: Iterable[GraphFormat | ResultFormat],
    languages: Sequence[str],
) -> dict[str, Any]:
    """Describe a query in the language that the site prefers: OpenAPI has one for each text."""
    content = {entry.media_type: {"schema": _schema(entry)} for entry in formats}
    return {
        "operationId": query.name,
        "summary": chosen(query.titles, (), languages).text,
        "description": chosen(query.descriptions, (), languages).text,
        "tags": list(query.tags),
        "parameters": [_parameter(parameter, languages) for parameter in query.parameters],
        "responses": {
            "200": {"description": "The whole answer.", "content": content},
            "400": {
                "description": "A parameter is wrong, missing or unknown.",
                "content": _PROBLEM,
            },
            "406": {"description": "No accepted format is available.", "content": _PROBLEM},
            "503": {"description": "The query took too long, or too much.", "content": _PROBLEM},
        },
    }


def _schema(entry: GraphFormat | ResultFormat) -> dict[str, object]:
    return {"type": "object"} if entry.extension == "json" else {"type": "string"}


def _parameter(parameter: Parameter, languages: Sequence[str]) -> dict[str, Any]:
    title = chosen(parameter.titles, (), languages).text
    schema = dict(_PATTERNS[parameter.kind])
    if parameter.default is not None:
        schema["default"] = _value(parameter.kind, parameter.default)
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        "description": f"{title}: {TYPES[parameter.kind]}.",
        "schema": schema,
    }
    if parameter.example is not None:
        described["example"] = _value(parameter.kind, parameter.example)
    return described


def _value(kind: str, text: str) -> str | int | float:
    if kind == "integer":
        return int(text)
    return float(text) if kind == "decimal" else text
