"""Write what was found as JSON, for each of the two versions of the API."""

from collections.abc import Iterable, Sequence
from typing import Any

from metropole.web.reconcile.extending import Cell, Extended
from metropole.web.reconcile.matching import Candidate
from metropole.web.reconcile.schema import Term
from metropole.web.reconcile.things import Told


def results_of_02(found: dict[str, list[Candidate]]) -> dict[str, Any]:
    """Write the candidates of each query by its key."""
    return {key: {"result": [_candidate(each) for each in listed]} for key, listed in found.items()}


def results_of_draft(found: Iterable[list[Candidate]]) -> dict[str, Any]:
    """Write the candidates of each query in their order; names say their language."""
    return {
        "results": [
            {"candidates": [_candidate(each) | _language(each.told) for each in listed]}
            for listed in found
        ]
    }


def _candidate(found: Candidate) -> dict[str, Any]:
    return {
        **_told(found.told),
        "type": [{"id": each.id, "name": each.name.text} for each in found.told.classes],
        "score": found.score,
        "match": found.is_match,
        "features": [
            {"id": id_, "name": name, "value": value} for id_, name, value in found.features
        ],
    }


def _told(told: Told) -> dict[str, Any]:
    """Write what every client is told of a thing; a description only where there is one."""
    described = {"description": told.description.text} if told.description.text else {}
    return {"id": told.id, "name": told.name.text, **described}


def _language(told: Told) -> dict[str, str]:
    return {"lang": told.name.language} if told.name.language else {}


def suggested_things(found: Iterable[Told]) -> dict[str, Any]:
    """Write suggestions of things, with their classes."""
    return {
        "result": [
            {
                **_told(each),
                "notable": [{"id": kind.id, "name": kind.name.text} for kind in each.classes],
            }
            for each in found
        ]
    }


def suggested_terms(found: Iterable[Term]) -> dict[str, Any]:
    """Write suggestions of types or properties; without a description their IRI tells of them."""
    return {
        "result": [
            {"id": each.id, "name": each.name.text, "description": each.description.text or each.id}
            for each in found
        ]
    }


def proposed(found: Iterable[Term], type_name: str, limit: int) -> dict[str, Any]:
    """Write which properties the things of a type have."""
    return {
        "type": type_name,
        "properties": [{"id": each.id, "name": each.name.text} for each in found],
        **({"limit": limit} if limit else {}),
    }


def extended_of_02(found: Extended) -> dict[str, Any]:
    """Write values as objects by id and property."""
    return {
        "meta": _meta(found),
        "rows": {
            id_: {
                column.id: [_cell(cell) for cell in cells]
                for column, cells in zip(found.columns, row, strict=True)
            }
            for id_, row in found.rows.items()
        },
    }


def extended_of_draft(found: Extended) -> dict[str, Any]:
    """Write values as arrays; texts say their language."""
    return {
        "meta": _meta(found),
        "rows": [
            {
                "id": id_,
                "properties": [
                    {"id": column.id, "values": [_cell(cell) | _spoken(cell) for cell in cells]}
                    for column, cells in zip(found.columns, row, strict=True)
                ],
            }
            for id_, row in found.rows.items()
        ],
    }


def _meta(found: Extended) -> Sequence[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "name": each.told.name.text,
            **({"type": {"id": each.kind.id, "name": each.kind.name.text}} if each.kind else {}),
        }
        for each in found.columns
    ]


def _cell(cell: Cell) -> dict[str, Any]:
    return {cell.kind: cell.value, **({"name": cell.name} if cell.kind == "id" else {})}


def _spoken(cell: Cell) -> dict[str, str]:
    return {"lang": cell.language} if cell.language else {}
