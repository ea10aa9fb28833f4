"""Say in plain words what a SHACL constraint wants and what a curator can do.

One row for each constraint component of SHACL Core (section 4) for which something can be
said; `{…}` stands for a parameter of the shape, the path, the focus node or the value.
"""

import re
from collections.abc import Callable

from metropole.validation.shacl import Result
from metropole.vocab import SH

#: Component to (what is wrong, what to do).
_WORDS = {
    "MinCount": (
        "{focus} has too few values of {path}: {minCount} or more are wanted.",
        "Add {path} to {focus}.",
    ),
    "MaxCount": (
        "{focus} has too many values of {path}: {maxCount} at most are allowed.",
        "Keep {maxCount} of the values of {path}.",
    ),
    "Datatype": (
        "{value} is not a valid {datatype}.",
        "Write the value as {datatype}.",
    ),
    "Class": ("{value} is not a {class}.", "Point to a {class}, or give {value} that type."),
    "NodeKind": ("{value} is not of the kind {nodeKind}.", "Write a value of kind {nodeKind}."),
    "In": ("{value} is not one of the values allowed.", "Use one of: {in}."),
    "LanguageIn": (
        "{value} is in a language that is not among those wanted.",
        "Use one of the languages {languageIn}.",
    ),
    "UniqueLang": (
        "{focus} has more than one value of {path} in the same language.",
        "Keep one value of {path} for each language.",
    ),
    "Pattern": (
        "{value} does not have the form that is wanted.",
        "Write a value that matches {pattern}.",
    ),
    "MinLength": ("{value} is too short.", "Write at least {minLength} characters."),
    "MaxLength": ("{value} is too long.", "Write at most {maxLength} characters."),
    "MinInclusive": ("{value} is too small.", "Write a value of {minInclusive} or more."),
    "MaxInclusive": ("{value} is too large.", "Write a value of {maxInclusive} or less."),
    "MinExclusive": ("{value} is too small.", "Write a value above {minExclusive}."),
    "MaxExclusive": ("{value} is too large.", "Write a value below {maxExclusive}."),
    "HasValue": ("{focus} lacks the value {hasValue}.", "Add {path} {hasValue}."),
    "Equals": ("{focus} has other values for {path} than for {equals}.", "Make the two agree."),
    "Disjoint": (
        "{value} stands for both {path} and {disjoint}.",
        "Remove it from one of the two.",
    ),
    "LessThan": (
        "{path} of {focus} is not less than its {lessThan}.",
        "Correct {path} or {lessThan}.",
    ),
    "LessThanOrEquals": (
        "{path} of {focus} is more than its {lessThanOrEquals}.",
        "Correct {path} or {lessThanOrEquals}.",
    ),
    "Closed": (
        "{focus} has the property {path}, which its shape does not know.",
        "Remove {path}, or add it to the shape.",
    ),
}
_LONGEST_LIST = 12
_PLAIN = re.compile(r'^"([-+.\d]+|true|false)"\^\^xsd:(?:integer|decimal|boolean)$')


def own_words(result: Result, shorten: Callable[[str], str]) -> str:
    """Say what is wrong where the shape has no message of its own."""
    words = _WORDS.get(_component(result))
    if words is None:
        return result.message
    return _filled(words[0], result, shorten) or result.message


def remedy(result: Result, shorten: Callable[[str], str]) -> str:
    """Say what to do, or nothing where no remedy can be named."""
    words = _WORDS.get(_component(result))
    return _filled(words[1], result, shorten) if words else ""


def _component(result: Result) -> str:
    return result.component.removeprefix(SH).removesuffix("ConstraintComponent")


def _filled(text: str, result: Result, shorten: Callable[[str], str]) -> str:
    """Fill in the places of a text; without one of the values there is no text."""
    values = {
        name.removeprefix(SH): _listed([_plain(shorten(value)) for value in parameter])
        for name, parameter in result.parameters.items()
    }
    values |= {
        "focus": shorten(result.focus),
        "path": shorten(result.path),
        "value": _plain(shorten(result.value)),
    }
    try:
        return text.format_map({name: value for name, value in values.items() if value})
    except KeyError:
        return ""


def _plain(value: str) -> str:
    """Write numbers and truth values as Turtle allows it, without quotes and datatype."""
    return _PLAIN.sub(r"\1", value)


def _listed(values: list[str]) -> str:
    shown = ", ".join(values[:_LONGEST_LIST])
    more = len(values) - _LONGEST_LIST
    return f"{shown} and {more} more" if more > 0 else shown
