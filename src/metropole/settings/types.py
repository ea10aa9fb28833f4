"""Names and types of settings: what a file may say at all."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field
from typing import Any
from unicodedata import category

from metropole.near import nearest
from metropole.settings.tables import HOME_KINDS, TABLES, Section, settings_fields


def type_problems(table: type, values: Mapping[str, object], where: str) -> list[str]:
    """List unknown, missing and ill-typed settings of one table."""
    known = {entry.name: entry for entry in settings_fields(table)}
    problems = [
        f"unknown setting '{where}{name}'.{_near(name, known)}"
        for name in values
        if name not in known
    ]
    for name, entry in known.items():
        required = entry.default is MISSING and entry.default_factory is MISSING
        if name in values:
            problems += _entry_problems(entry, values[name], where)
        elif required:
            problems.append(f"missing setting '{where}{name}': {entry.metadata['doc']}")
    return problems


def _near(name: str, known: Mapping[str, object]) -> str:
    near = nearest(name, known, alike=0.6)
    return f" Did you mean '{near}'?" if near else f" Known are: {', '.join(known)}."


def _entry_problems(entry: Field[Any], value: object, where: str) -> list[str]:
    name = where + entry.name
    if entry.type in TABLES:
        assert isinstance(entry.type, type)
        if isinstance(value, dict):
            return type_problems(entry.type, value, f"{name}.")
        return [f"'{name}' must be a table"]
    if entry.type in _OF_TABLES:
        return _OF_TABLES[entry.type](value, name)
    if entry.type is int:
        least, most = entry.metadata["least"], entry.metadata["most"]
        whole = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return [] if whole else [f"'{name}' must be a whole number from {least} to {most}"]
    if entry.type is str:
        in_languages = entry.metadata["in_languages"]
        return (_worded_problems if in_languages else _text_problems)(name, value)
    return _list_problems(name, value, may_be_empty=entry.metadata["may_be_empty"])


def _text_problems(name: str, value: object) -> list[str]:
    if not isinstance(value, str):
        return [f"'{name}' must be a text in quotes"]
    return [
        f"'{name}' holds the control character U+{ord(character):04X}: remove it"
        for character in dict.fromkeys(value)
        if category(character) == "Cc" and character not in "\t\n\r"
    ]


def _worded_problems(name: str, value: object) -> list[str]:
    """List what is wrong with a text, or with a table of texts by language."""
    if isinstance(value, dict):
        return _texts_problems(value, name)
    if isinstance(value, str):
        return _text_problems(name, value)
    return [f"'{name}' must be a text in quotes, or a table of texts, each named by its language"]


def _list_problems(name: str, value: object, *, may_be_empty: bool) -> list[str]:
    is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, list) and is_list and (value or may_be_empty):
        return [problem for item in value for problem in _text_problems(name, item)]
    return [f"'{name}' must be a list of texts{', with at least one' * (not may_be_empty)}"]


def _texts_problems(value: object, name: str) -> list[str]:
    if not (isinstance(value, dict) and all(isinstance(text, str) for text in value.values())):
        return [f"'{name}' must be a table of texts, each named by its language"]
    return [
        problem
        for language, text in value.items()
        for problem in _text_problems(f"{name}.{language}", text)
    ]


def _names_problems(value: object, name: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"'{name}' must be a table of tables, each with a text for each language"]
    return [
        problem
        for key, texts in value.items()
        for problem in _texts_problems(texts, f"{name}.{key}")
    ]


def _sections_problems(value: object, name: str) -> list[str]:
    if not (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
        return [f"'{name}' must be tables, each begun with [[{name}]]"]
    problems = []
    for place, section in enumerate(value, 1):
        where = f"{name} {place}: "
        problems += [where + problem for problem in type_problems(Section, section, "")]
        kind = section.get("kind", HOME_KINDS[0])
        if isinstance(kind, str) and kind not in HOME_KINDS:
            known = ", ".join(HOME_KINDS)
            problems.append(f"{where}'kind' is '{kind}', which is none of {known}")
    return problems


#: What judges settings that are made of tables, by their type.
_OF_TABLES: Mapping[Any, Callable[[object, str], list[str]]] = {
    tuple[Section, ...]: _sections_problems,
    Mapping[str, str]: _texts_problems,
    Mapping[str, Mapping[str, str]]: _names_problems,
}
