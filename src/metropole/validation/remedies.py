"""Say in plain words what a SHACL constraint wants and what a curator can do.

One row for each constraint component of SHACL Core (section 4) for which something can be
said; `{…}` stands for a parameter of the shape, the path, the focus node or the value.
"""

import re
from collections.abc import Callable

import pyoxigraph as ox

from metropole.graph.lexical import wanted as in_words
from metropole.graph.terms import term
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
_WORDS |= {
    component: (message, "")
    for component, message in (
        ("Node", "{value} does not have the form that {node} describes."),
        ("Or", "{value} has none of the forms of which it must have one."),
        ("And", "{value} lacks one of the forms that it must have all of."),
        ("Xone", "{value} has none, or more than one, of the forms of which it must have one."),
        ("Not", "{value} has a form that it must not have."),
        (
            "QualifiedMinCount",
            "{focus} has too few values of {path} in one form: {qualifiedMinCount} or more.",
        ),
        (
            "QualifiedMaxCount",
            "{focus} has too many values of {path} in one form: {qualifiedMaxCount} at most.",
        ),
        ("SPARQL", "{focus} does not fulfil a condition that its shape states in SPARQL."),
    )
}
_NO_WORDS = "{focus} breaks the constraint sh:{component}."
_LONGEST_LIST = 12
_PLAIN = re.compile(r'^"([-+.\d]+|true|false)"\^\^xsd:(?:integer|decimal|boolean)$')


def own_words(result: Result, shorten: Callable[[str], str]) -> str:
    """Say what is wrong where the shape has no message of its own."""
    component = _component(result)
    words = _WORDS.get(component, (_NO_WORDS, ""))
    plain = _NO_WORDS.format(focus=shorten(result.focus), component=component)
    return _filled(_special(result)[0] or words[0], result, shorten) or plain


def remedy(result: Result, shorten: Callable[[str], str]) -> str:
    """Say what to do, or nothing where no remedy can be named."""
    words = _WORDS.get(_component(result), ("", ""))
    return _filled(_special(result)[1] or words[1], result, shorten)


def wants_iri(result: Result) -> bool:
    """Tell whether a text stands where only the address of a thing can stand."""
    component = _component(result)
    kinds = result.parameters.get(SH + "nodeKind", ())
    wants = component == "Class" or (component == "NodeKind" and kinds == (f"<{SH}IRI>",))
    return wants and result.value.startswith('"')


def _special(result: Result) -> tuple[str, str]:
    """Give other words where those of the table would ask for what cannot be."""
    if wants_iri(result):
        of = " of a {class}" if SH + "class" in result.parameters else ""
        return (
            f"{{value}} is a text, and the address{of} is wanted.",
            f"Write the address (IRI){of}, in angle brackets or with a prefix.",
        )
    if _component(result) == "Datatype" and result.value.startswith('"'):
        literal = term(result.value)
        assert isinstance(literal, ox.Literal)
        wanted = result.parameters.get(SH + "datatype", ("",))[0]
        if wanted == str(literal.datatype):
            return "", f"Write {in_words(literal.value, literal.datatype.value)}."
    return "", ""


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
