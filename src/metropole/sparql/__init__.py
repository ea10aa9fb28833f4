"""What must be known of a SPARQL text before it runs: may it run, and if not, why.

Oxigraph executes `SERVICE` over HTTP and cannot be told not to, so a text is looked at first.
The keyword can only be there if its letters are; only then is the text parsed by rdflib, and
what rdflib cannot parse is refused as well.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from metropole.near import nearest
from metropole.vocab import WELL_KNOWN_PREFIXES

_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_BACKSLASHES = re.compile(r"\\\\|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_ESCAPE = re.compile(r"\\[uU]")
#: What may hold or be the word FROM: comments, IRIs, strings, variables and names, words.
_TOKEN = re.compile(
    r"""\#[^\r\n]* | <[^<>"{}|^`\\\x00-\x20]*>
    | \"{3}(?:[^"\\]|\\.|"(?!""))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
    | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' | [?$@]\w+ | [\w.-]*:[^\s<>(){};,\[\]]* | \w+
    """,
    re.VERBOSE | re.DOTALL,
)
_PLACE = re.compile(r"^error at (\d+):(\d+): (?:expected one of |expected )?", re.DOTALL)
#: What the parser says in sentences, and what it says in keywords and signs.
_SENTENCE = re.compile(r"(?:^|, )([A-Z][a-z]+ [^,\[]+)")
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_LONGEST_KEYWORD = len("ENCODE_FOR_URI")
_WORD = re.compile(r"[^\s{}()\[\],;]{1,40}|\S")
#: Keywords that may be meant where another word stands.
_KEYWORDS = (
    *("SELECT", "CONSTRUCT", "DESCRIBE", "ASK", "PREFIX", "BASE", "FROM", "WHERE", "DISTINCT"),
    *("FILTER", "OPTIONAL", "UNION", "MINUS", "GRAPH", "BIND", "VALUES", "EXISTS"),
    *("GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET"),
)
#: What may be a keyword that speaks of graphs; in names these letters mostly follow such signs.
_OF_GRAPHS = re.compile(r"(?<![/#:?$@_-])(?:GRAPH|FROM)")
#: Functions whose value changes from call to call; a name that looks like one does no harm.
_VOLATILE = re.compile(r"\b(?:RAND|NOW|UUID|STRUUID)\b", re.IGNORECASE)
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_PROLOGUE = re.compile(
    r"(?:\s+|\#[^\n]*|BASE\s*<[^>]*>|PREFIX\s+[^:\s]*:\s*<[^>]*>)*", re.IGNORECASE
)
_STAR = re.compile(r"SELECT(?:\s+(?:DISTINCT|REDUCED))?\s*\*", re.IGNORECASE)
#: Parts of a query in which a colon means nothing: texts, IRIs, comments.
_OPAQUE = re.compile(
    r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    r"|<[^<>\s]*>|#[^\n]*"
)
_SERVICE = re.compile(r"(?<![\w?$:@.-])SERVICE(?![\w:-])", re.IGNORECASE)
_DECLARATION = re.compile(r"\bPREFIX\s+([\w.-]*):", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w:?$.-])(?!_:)([\w.-]*):")


@dataclass(frozen=True)
class QueryProblem:
    """Why a query cannot be answered; line and column count from 1 and are 0 when unknown."""

    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Give the problem in one line."""
        return (
            f"Line {self.line}, column {self.column}: {self.message}" if self.line else self.message
        )


def refusal(text: str) -> QueryProblem | None:
    """Tell why a query must not run although its syntax may be right."""
    if is_update(text):
        return QueryProblem("This endpoint only reads: SPARQL Update is not supported.")
    readings = {reading for reading in _readings(text) if "SERVICE" in reading.upper()}
    if not readings:
        return None
    # rdflib takes longer to import than most queries to run.
    from metropole.sparql.algebra import has_service

    federated = {None if _ESCAPE.search(each) else has_service(each) for each in readings}
    if True in federated:
        return QueryProblem("SERVICE is not supported: no query reaches the network.")
    if None in federated:
        return QueryProblem(
            "The query contains the word SERVICE, and it could not be shown that it is not a "
            "federated query. If it is a name, write the query more simply."
        )
    return None


def place_of_refusal(text: str) -> tuple[int, int]:
    """Find line and column of the word that a text is refused for; 0 where escapes hide it."""
    bare = _OPAQUE.sub(lambda found: " " * len(found[0]), text)
    service = _SERVICE.search(bare)
    if not is_update(text) and service is None:
        return 0, 0
    start = _end_of_prologue(text) if service is None or is_update(text) else service.start()
    before = text[:start].split("\n")
    return len(before), len(before[-1]) + 1


def _readings(text: str) -> tuple[str, str]:
    """Give the two texts a parser may see, neither with an escape rdflib would read its own way.

    Oxigraph 0.5 takes codepoint escapes as a part of strings and IRIs, where they can end
    nothing; SPARQL 1.1, section 19.2, replaces them before anything is parsed. rdflib does so
    too, but takes eight digits after a small u. It also ends a comment only at a line feed,
    where SPARQL ends it at a carriage return as well.
    """
    text = text.replace("\r", "\n")
    return _BACKSLASHES.sub("x", text), _unescaped(text).replace("\r", "\n")


def is_repeatable(text: str) -> bool:
    """Tell whether a query gives the same answer as long as the data are the same."""
    text = _unescaped(text) if "\\" in text else text
    capitals = text.upper()
    # The pattern is tried at each character, which takes as long as all else for a lookup.
    if "RAND" not in capitals and "NOW" not in capitals and "UUID" not in capitals:
        return True
    return _VOLATILE.search(text) is None


def names_dataset(text: str) -> bool:
    """Tell whether a query chooses its own dataset with FROM (SPARQL 1.1, section 13.2)."""
    if "FROM" not in text.upper():
        return False
    return any(token[0].upper() == "FROM" for token in _TOKEN.finditer(text))


def may_name_graphs(text: str) -> bool:
    """Tell whether a query may look into named graphs, or choose its own dataset.

    Nothing is parsed: where the words are part of a text or a name, it may be told so as well.
    """
    capitals = text.upper()
    return ("GRAPH" in capitals or "FROM" in capitals) and bool(_OF_GRAPHS.search(capitals))


def is_update(text: str) -> bool:
    """Tell whether a text begins like SPARQL Update (SPARQL 1.1 Update, section 3)."""
    return first_word(text) in _UPDATES


def first_word(text: str) -> str:
    """Give the word behind the prologue in capitals, as SELECT; empty when there is none."""
    word = re.match(r"[A-Za-z]+", text[_end_of_prologue(text) :])
    return word[0].upper() if word else ""


def _end_of_prologue(text: str) -> int:
    prologue = _PROLOGUE.match(text)
    assert prologue is not None
    return prologue.end()


def takes_all_columns(text: str) -> bool:
    """Tell whether a query is `SELECT *`."""
    return _STAR.match(text, _end_of_prologue(text)) is not None


def with_columns(text: str, columns: Sequence[str] | None = None) -> str:
    """Name the columns of `SELECT *` as they come in the text; give every other text as it is.

    Without `columns` all variables are columns, as in a query with a single pattern.

    Oxigraph orders them by the alphabet. SPARQL leaves the order open, and people take `?s ?p ?o`
    for one.
    """
    star = _STAR.match(text, _end_of_prologue(text))
    if star is None:
        return text
    named = dict.fromkeys(token[0][1:] for token in _TOKEN.finditer(text) if token[0][0] in "?$")
    ordered = [name for name in named if columns is None or name in columns]
    if not ordered or ordered == columns or len(ordered) != len(columns or ordered):
        return text
    names = " ".join(f"?{name}" for name in ordered)
    return f"{text[: star.end() - 1]} {names} {text[star.end() :]}"


def padded(text: str) -> str:
    """Write the text as it must be given to Oxigraph's parser for `explain` to find the place.

    The parser tells the place behind the longest keyword it has tried, but never one behind
    the end of the text.
    """
    return f"{text}\n{' ' * _LONGEST_KEYWORD}"


def explain(error: SyntaxError, text: str) -> QueryProblem:
    """Make an error of Oxigraph's parser readable: place, what stands there, what is wrong."""
    reason = str(error)
    place = _PLACE.match(reason)
    if place is None:
        return QueryProblem(reason)
    rest = reason[place.end() :]
    offset = _offset(text, int(place[1]), int(place[2]))
    said = "; ".join(dict.fromkeys(found[1].strip(" .") for found in _SENTENCE.finditer(rest)))
    unknown = _undeclared_prefix(text, before=offset if "Prefix not found" in said else None)
    if unknown is not None and (not said or "Prefix not found" in said):
        return _problem_at(text, unknown.start(), _undeclared(unknown[1]))
    if said and offset > len(text):
        return QueryProblem(f"{said}.")
    if said:
        start = len(re.sub(r"\S+\Z", "", text[:offset]))
        return _problem_at(text, start, f"{said}.")
    expected = rest.split(", ")
    if all(_KEYWORD.fullmatch(word) for word in expected):
        offset -= max(map(len, expected))
    return _problem_at(text, offset, "cannot be understood here.")


def _undeclared_prefix(text: str, *, before: int | None) -> re.Match[str] | None:
    """Find a name whose prefix is not declared, the commonest mistake; the parser hides it.

    It is the first one, or the last one before a place.
    """
    bare = _OPAQUE.sub(lambda found: " " * len(found[0]), text)
    declared = set(_DECLARATION.findall(bare))
    names = [found for found in _NAME.finditer(bare) if found[1] not in declared]
    if before is None:
        return next(iter(names), None)
    return next((found for found in reversed(names) if found.start() < before), None)


def _undeclared(prefix: str) -> str:
    namespace = WELL_KNOWN_PREFIXES.get(prefix, "…")
    return f"the prefix is not declared. Write PREFIX {prefix}: <{namespace}> at the top."


def _offset(text: str, line: int, column: int) -> int:
    """Count the characters before a place; line and column count from 1."""
    before = text.split("\n")[: line - 1]
    return sum(len(each) + 1 for each in before) + column - 1


def _problem_at(text: str, offset: int, message: str) -> QueryProblem:
    rest = text[offset:].lstrip()
    offset = len(text) - len(rest)
    before = text[:offset].split("\n")
    token = _WORD.match(rest)
    if token is None:
        message = "the query ends too early. Is a bracket or a quotation mark not closed?"
        return QueryProblem(message, len(before), len(before[-1]) + 1)
    near = nearest(token[0].upper(), _KEYWORDS, alike=0.75)
    hint = f" Did you mean {near}?" if near and near != token[0].upper() else ""
    told = f"'{token[0]}': {message}{hint}"
    return QueryProblem(told, len(before), len(before[-1]) + 1)


def _unescaped(text: str) -> str:
    return _CODEPOINT.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    number = int(found[1] or found[2], 16)
    return chr(number) if number <= sys.maxunicode else found[0]
