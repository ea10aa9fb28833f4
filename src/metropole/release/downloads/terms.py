"""Read terms from lines of N-Triples, and what things are called, without a store."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from metropole.vocab import LABEL_PROPERTIES, RDF, XSD

#: The beginning of a line of N-Quads that names a thing with a literal.
_NAMED = re.compile(
    rb'(<[^>]*>) <(?:%b)> "' % b"|".join(re.escape(iri.encode()) for iri in LABEL_PROPERTIES)
)
_ESCAPE = re.compile(r"\\(?:([tbnrf\"'\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class Value:
    """The object of a statement: its text, and what kind of term it is."""

    text: str
    #: Of a literal; empty for IRIs and blank nodes.
    datatype: str = ""
    language: str = ""

    @property
    def is_literal(self) -> bool:
        """Tell whether it is a literal."""
        return self.datatype != ""


def value_of(term: bytes) -> Value:
    """Read an IRI, a literal or a blank node, which keeps its `_:`."""
    if not term.startswith(b'"'):
        text = term.decode()
        return Value(text[1:-1] if text.startswith("<") else text)
    end = term.rindex(b'"')
    text, ending = term[1:end].decode(), term[end + 1 :].decode()
    if "\\" in text:
        text = _ESCAPE.sub(_unescaped, text)
    if ending.startswith("@"):
        return Value(text, RDF + "langString", ending[1:])
    return Value(text, ending[3:-1] if ending else XSD + "string")


def _unescaped(found: "re.Match[str]") -> str:
    letter, short, long = found.groups()
    return _SHORT.get(letter, letter) if letter else chr(int(short or long, 16))


def labels_of(lines: Iterable[bytes], languages: tuple[str, ...]) -> dict[str, str]:
    """Give what each IRI is called, in the first of the languages that it has a name in.

    After these come names without a language, then any other.
    """
    ranks = {language.encode(): rank for rank, language in enumerate(languages)}
    best: dict[bytes, tuple[int, bytes]] = {}
    for line in lines:
        found = _NAMED.match(line)
        if found is None:
            continue
        subject, name = found[1], line[found.end() - 1 : line.rindex(b" <")]
        if name.endswith((b'"', b">")):
            rank = len(ranks)
        else:
            language = name[name.rindex(b"@") + 1 :].lower()
            rank = ranks.get(language, len(ranks) + 1)
        if subject not in best or (rank, name) < best[subject]:
            best[subject] = rank, name
    return {iri[1:-1].decode(): value_of(name).text for iri, (_, name) in best.items()}
