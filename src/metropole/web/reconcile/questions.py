"""What a client asks, read from JSON: batches of queries, and things to extend.

Version 0.2 and the draft of 1.0 write the same questions in two ways; behind this module there
is one. Whatever is wrong raises Wrong, which says where.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from metropole.web.reconcile.paths import Path
from metropole.web.requests.client_json import client_json

#: Candidates for a query: how many there are where none are asked for, and at most.
CANDIDATES, MOST_CANDIDATES = 10, 100
#: Types, conditions and values in one query, and letters of an id or a value.
MOST_PARTS, _MOST_LETTERS = 20, 2_000
#: Reads the name of a property; raises ValueError.
ReadPath = Callable[[str], Path]
_Choice = TypeVar("_Choice", bound=Enum)


class Wrong(Exception):
    """A question that cannot be read: what is wrong with it, and where."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)


class Strictness(Enum):
    """What a type means for candidates that are not of it (`type_strict`)."""

    SHOULD = "should"
    ANY = "any"
    ALL = "all"


class Quantifier(Enum):
    """Which of several values must match (`matchQuantifier`)."""

    ANY = "any"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class Wanted:
    """A value that a property should have: a text, or a thing with its id."""

    text: str
    id: str = ""


@dataclass(frozen=True)
class Condition:
    """What a property of the candidates should be."""

    path: Path
    values: tuple[Wanted, ...]
    is_required: bool = False
    quantifier: Quantifier = Quantifier.ANY


@dataclass(frozen=True)
class Question:
    """A query for things: by names, of which any may be right, by ids, and by conditions."""

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    is_name_required: bool = False
    types: tuple[str, ...] = ()
    strictness: Strictness = Strictness.SHOULD
    conditions: tuple[Condition, ...] = ()
    limit: int = CANDIDATES


@dataclass(frozen=True)
class Setting:
    """How the values of a property are wanted."""

    limit: int = 0
    content: str = "thing"
    language: str = ""


@dataclass(frozen=True)
class Extension:
    """Which properties of which things are wanted."""

    ids: tuple[str, ...]
    properties: tuple[tuple[str, Path, Setting], ...]


#: What values can be given as: things with id and name, only one of these, or their number.
CONTENTS = ("thing", "name", "iri", "count")
#: A setting for texts in all languages, not only the one that the reader likes best.
ALL_LANGUAGES = "*"


def batch_of_02(text: str, most: int, read: ReadPath) -> dict[str, Question]:
    """Read a batch of version 0.2: an object of queries by key."""
    queries = _object(_parsed(text, "queries"), "queries")
    _few(queries, most, "queries")
    return {key: _query_of_02(value, f"query '{key}'", read) for key, value in queries.items()}


def _query_of_02(value: object, where: str, read: ReadPath) -> Question:
    query = _object(value, where)
    name = _text(query.get("query", ""), f"{where}, query")
    listed = query.get("properties")
    given = [] if listed is None else _list(listed, f"{where}, properties")
    if not name.strip() and not given:
        raise Wrong("it needs a 'query' or 'properties'", where)
    types = query.get("type") or []
    return Question(
        names=(name,) if name.strip() else (),
        types=tuple(
            _type(each, f"{where}, type")
            for each in (types if isinstance(types, list) else [types])
        )[:MOST_PARTS],
        strictness=_one_of(Strictness, query.get("type_strict"), f"{where}, type_strict"),
        conditions=tuple(_condition_of_02(each, where, read) for each in given),
        limit=_limit(query.get("limit"), where),
    )


def _condition_of_02(value: object, where: str, read: ReadPath) -> Condition:
    given = _object(value, f"{where}, properties")
    path = _path(given.get("pid", given.get("p")), where, read)
    return Condition(path, _values(given.get("v"), where))


def batch_of_draft(value: object, most: int, read: ReadPath) -> list[Question]:
    """Read a batch of the draft of 1.0: an array of queries, each of conditions."""
    queries = _list(_object(value, "the body").get("queries"), "queries")
    _few(queries, most, "queries")
    return [_query_of_draft(each, f"query {n}", read) for n, each in enumerate(queries)]


def _query_of_draft(value: object, where: str, read: ReadPath) -> Question:
    query = _object(value, where)
    given = [
        _object(each, f"{where}, conditions")
        for each in _list(query.get("conditions"), f"{where}, conditions")
    ]
    if not given:
        raise Wrong("it needs at least one condition", where)
    kinds = [each.get("matchType") for each in given]
    for kind in kinds:
        if kind not in ("name", "property", "id"):
            raise Wrong("'matchType' is 'name', 'property' or 'id'", where)
    for each in given:
        if each.get("matchQualifier"):
            raise Wrong("no 'matchQualifier' is known here", where)
    names = [each for each, kind in zip(given, kinds, strict=True) if kind == "name"]
    ids = [each for each, kind in zip(given, kinds, strict=True) if kind == "id"]
    if any(each.get("matchQuantifier", "any") != "any" for each in (*names, *ids)):
        raise Wrong("'matchQuantifier' of names and ids can only be 'any'", where)
    kind = query.get("type")
    return Question(
        names=tuple(each.text for condition in names for each in _given(condition, where)),
        ids=tuple(each.id or each.text for condition in ids for each in _given(condition, where)),
        is_name_required=any(_flag(each, where) for each in names),
        types=(_type(kind, f"{where}, type"),) if kind else (),
        conditions=tuple(
            _condition_of_draft(each, where, read)
            for each, kind in zip(given, kinds, strict=True)
            if kind == "property"
        ),
        limit=_limit(query.get("limit"), where),
    )


def _condition_of_draft(given: Mapping[str, Any], where: str, read: ReadPath) -> Condition:
    return Condition(
        _path(given.get("propertyId", given.get("pid")), where, read),
        _given(given, where),
        _flag(given, where),
        _one_of(Quantifier, given.get("matchQuantifier"), f"{where}, matchQuantifier"),
    )


def _given(condition: Mapping[str, Any], where: str) -> tuple[Wanted, ...]:
    """Read the values of a condition, which earlier drafts called `v`."""
    return _values(condition.get("propertyValue", condition.get("v")), where)


def _flag(condition: Mapping[str, Any], where: str) -> bool:
    found = condition.get("required", False)
    if not isinstance(found, bool):
        raise Wrong("'required' is true or false", where)
    return found


def extension_of(value: object, most: int, read: ReadPath) -> Extension:
    """Read what is to be fetched, which both versions write alike; a text is read as JSON."""
    given = _object(_parsed(value, "extend") if isinstance(value, str) else value, "extend")
    ids = _list(given.get("ids"), "ids")
    _few(ids, most, "ids")
    listed = _list(given.get("properties"), "properties")
    _few(listed, MOST_PARTS, "properties", status_is_wrong=True)
    properties = []
    for each in listed:
        described = _object(each, "properties")
        name = _text(described.get("id"), "properties, id")
        setting = _setting(_object(described.get("settings") or {}, "settings"))
        properties.append((name, _path(name, "properties", read), setting))
    return Extension(tuple(dict.fromkeys(_text(each, "ids") for each in ids)), tuple(properties))


def _setting(given: Mapping[str, Any]) -> Setting:
    content = given.get("content") or CONTENTS[0]
    if content not in CONTENTS:
        raise Wrong(f"'content' is one of {', '.join(CONTENTS)}", "settings")
    return Setting(
        _number(given.get("limit") or 0, "settings, limit"),
        content,
        _text(given.get("language") or "", "settings, language").lower(),
    )


class TooMany(Wrong):
    """More in one request than the service takes."""


def _few(
    found: "Mapping[str, Any] | list[Any]", most: int, where: str, *, status_is_wrong: bool = False
) -> None:
    if len(found) > most:
        kind = Wrong if status_is_wrong else TooMany
        raise kind(f"there are {len(found)}, and at most {most} are taken at once", where)


def _parsed(text: object, where: str) -> object:
    try:
        return client_json(str(text))
    except (ValueError, RecursionError) as error:
        raise Wrong(f"it cannot be read as JSON: {error}", where) from None


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("it must be an object", where)
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong("it must be an array", where)
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Wrong("it must be a text", where)
    return value


def _number(value: object, where: str) -> int:
    """Read a whole number, which clients send as a text too."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) < len("1" * 10)
    ):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Wrong("it must be a whole number, and not below 0", where)
    return value


def _limit(value: object, where: str) -> int:
    if value is None:
        return CANDIDATES
    found = _number(value, f"{where}, limit")
    if not found:
        raise Wrong("it must be at least 1", f"{where}, limit")
    return min(found, MOST_CANDIDATES)


def _type(value: object, where: str) -> str:
    return _text(value.get("id") if isinstance(value, dict) else value, where)[:_MOST_LETTERS]


def _one_of(kind: type[_Choice], value: object, where: str) -> _Choice:
    known = [each.value for each in kind]
    if value is None:
        return kind(known[0])
    if value not in known:
        raise Wrong(f"it is one of {', '.join(known)}", where)
    return kind(value)


def _path(value: object, where: str, read: ReadPath) -> Path:
    name = _text(value, f"{where}, id of a property")
    try:
        return read(name[:_MOST_LETTERS])
    except ValueError as error:
        raise Wrong(str(error), where) from None


def _values(value: object, where: str) -> tuple[Wanted, ...]:
    listed = value if isinstance(value, list) else [value]
    if not 1 <= len(listed) <= MOST_PARTS:
        raise Wrong(f"a condition has 1 to {MOST_PARTS} values", where)
    return tuple(_wanted(each, where) for each in listed)


def _wanted(value: object, where: str) -> Wanted:
    if isinstance(value, bool):
        return Wanted("true" if value else "false")
    if isinstance(value, int | float):
        return Wanted(json.dumps(value))
    if isinstance(value, dict):
        name = _text(value.get("name") or "", f"{where}, name of a value")
        return Wanted(name[:_MOST_LETTERS], _text(value.get("id"), f"{where}, id of a value"))
    return Wanted(_text(value, f"{where}, value")[:_MOST_LETTERS])
