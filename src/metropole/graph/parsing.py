"""Parse one file strictly and keep the line of every statement.

The parser takes one line per `read`: the number of lines it has taken when it yields a
statement is the line the statement ends on. That is exact for the line-based syntaxes,
Turtle, TriG and RDF/XML, but for a plain text with nothing after it on its line: a datatype
could follow, so its statement is complete with the next sign. A JSON-LD node is complete, and
so told, at its closing brace.
"""

import codecs
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from mmap import ACCESS_READ, mmap
from typing import BinaryIO
from urllib.parse import urlsplit

import pyoxigraph as ox

from metropole.formats import GraphFormat
from metropole.graph.bases import foreign_bases
from metropole.graph.jsonld_refused import refused_jsonld
from metropole.graph.lost_keys import keys_in_vain
from metropole.graph.repeated_keys import repeated_keys
from metropole.graph.spelling import Spelling, are_settled
from metropole.graph.syntax_remedies import syntax_remedy
from metropole.graph.written import Pieces, Taker, nquads
from metropole.graph.xml_entities import overgrown_entities
from metropole.report import Finding, Severity
from metropole.sources import Source, unreadable

#: References in line-based syntaxes that might leave the base: `</x>`, `<a/../b>`, escapes.
_MIGHT_LEAVE = re.compile(rb'</|<[^<>"\s]*\.\.|<[^<>"\s]*\\[uU]')
#: What would take the whole process, or all memory, is found before it is parsed.
_REFUSALS = {"jsonld": refused_jsonld, "rdf": overgrown_entities}
_LINE_BASED = ("ttl", "trig", "nt", "nq")
#: Statements that are written at once.
_PIECE = 50_000
#: In N-Quads, what RDF 1.1 does not have: a direction or a triple; a text may look like one.
_MIGHT_BE_RDF_12 = (b"--ltr ", b"--rtl ", b"<<(")
#: A scheme nobody uses: an IRI that still has it was relative in the file.
_RELATIVE_SCHEME = "metropole-relative"
#: Characters of a parser's reason that are shown: it may quote all of a very long line.
_LONGEST_REASON = 300
#: What a terminal would act upon.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODING_HINT = "Save the file as UTF-8."
_CONTEXT_HINT = "Write the @context into the file: nothing is fetched from the network."


class _LineReader:
    """Hand a file to the parser line by line, never more than was asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._readline = file.readline
        self.line = 0
        self._at_start = True
        mark = file.read(len(codecs.BOM_UTF8))
        #: Whether the first bytes are a mark, or signs of the plainest kind, of UTF-16 or UTF-32.
        self.is_wide = mark.startswith(_WIDE_MARKS) or (mark[1:2] == b"\0" or mark[::2] == b"\0\0")
        if mark != codecs.BOM_UTF8:
            file.seek(0)

    def read(self, size: int = -1) -> bytes:
        piece = self._readline(size)
        # A line counts from its first piece on: the last one may lack the line feed.
        if self._at_start and piece:
            self.line += 1
        self._at_start = piece.endswith(b"\n")
        return piece


@dataclass
class Parsed:
    """The statements of one file, their lines, and what was found wrong."""

    #: The statements as lines of N-Quads, without their ends.
    statements: list[bytes] = field(default_factory=list)
    lines: "array[int]" = field(default_factory=lambda: array("L"))
    findings: list[Finding] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)

    @property
    def is_broken(self) -> bool:
        """Tell whether a mistake kept something from being read."""
        return any(each.severity is Severity.VIOLATION for each in self.findings)


def parse(source: Source, *, base: str, taker: Taker | None = None) -> Parsed:
    """Parse a file against the base of the site.

    Statements before a syntax error are kept, so that later checks still have something to say.
    `taker` gets the lines of N-Quads, meanwhile and in any order.
    """
    parsed = Parsed()
    is_jsonld = source.format.extension == "jsonld"
    try:
        refuse = _REFUSALS.get(source.format.extension)
        refused = refuse(source) if refuse else None
        if refused is not None:
            parsed.findings.append(refused)
            return parsed
        with source.path.open("rb") as file:
            reader = _LineReader(file)
            _collect(source, base, reader, parsed, taker)
    except OSError as error:
        parsed.findings.append(unreadable(source.name, error, source.path))
        return parsed
    if is_jsonld and not parsed.is_broken:
        parsed.findings += keys_in_vain(source, says_nothing=not parsed.lines)
        parsed.findings += repeated_keys(source)
    if not parsed.lines and not parsed.findings:
        parsed.findings.append(empty(source))
    if parsed.lines and _might_leave(source):
        parsed.findings += _references_that_leave(source, base)
    if parsed.lines:
        parsed.findings += foreign_bases(source, base, lambda: _bases(source, base))
    return parsed


def _might_leave(source: Source) -> bool:
    """Tell, without parsing, whether a relative reference could leave the base."""
    return source.format.extension not in _LINE_BASED or _holds(source, _MIGHT_LEAVE)


def _holds(source: Source, wanted: re.Pattern[bytes]) -> bool:
    with source.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return wanted.search(content) is not None


def _collect(
    source: Source, base: str, reader: _LineReader, parsed: Parsed, taker: Taker | None
) -> None:
    settling = _Settling(source, parsed.findings)
    statements = _statements(source, base, reader)
    pieces, is_over = Pieces(source, taker), False
    while not is_over:
        piece = _Piece()
        try:
            piece.read(statements, reader)
            is_over = len(piece.quads) < _PIECE
        except SyntaxError as error:
            parsed.findings.append(_syntax_error(source, error, reader))
            is_over = True
        except MemoryError:
            parsed.findings.append(_too_long(source, reader))
            is_over = True
        text = nquads(source, piece.quads)
        if not settling.leaves(text):
            piece = settling.settled(piece)
            text = nquads(source, piece.quads)
        pieces.add(piece.quads, text)
        parsed.lines.extend(piece.lines)
    parsed.findings += settling.spelling.findings()
    parsed.statements = pieces.whole()
    parsed.prefixes = dict(statements.prefixes)


@dataclass
class _Piece:
    """Statements that follow each other in a file, with their lines."""

    quads: list[ox.Quad] = field(default_factory=list)
    lines: "array[int]" = field(default_factory=lambda: array("L"))

    def read(self, statements: ox.QuadParser, reader: _LineReader) -> None:
        """Read what comes next; what is read before an error stays."""
        keep, keep_line = self.quads.append, self.lines.append
        for quad in islice(statements, _PIECE):
            keep(quad)
            keep_line(reader.line or 1)


class _Settling:
    """Makes of what was parsed what is published, and tells what cannot be."""

    def __init__(self, source: Source, findings: list[Finding]) -> None:
        self._source = source
        self._findings = findings
        self.spelling = Spelling(source.name)

    def leaves(self, text: bytes) -> bool:
        """Tell, much faster than by a look at each statement, whether all stay as they are."""
        named = self._source.format.holds_named_graphs and b"_:" in text
        return (
            not named and not any(each in text for each in _MIGHT_BE_RDF_12) and are_settled(text)
        )

    def settled(self, piece: _Piece) -> _Piece:
        """Settle the spelling of each literal, and leave out what is no RDF 1.1."""
        kept = _Piece()
        for quad, line in zip(piece.quads, piece.lines, strict=True):
            value, trouble = quad.object, self._trouble(quad, line)
            if trouble is not None:
                self._findings.append(trouble)
                continue
            if type(value) is ox.Literal:
                settled = self.spelling.settle(value, line, quad.predicate)
                if settled is not value:
                    quad = ox.Quad(quad.subject, quad.predicate, settled, quad.graph_name)  # noqa: PLW2901
            kept.quads.append(quad)
            kept.lines.append(line)
        return kept

    def _trouble(self, quad: ox.Quad, line: int) -> Finding | None:
        value = quad.object
        if type(value) is ox.Literal and value.direction is not None:
            return _rdf_12(self._source, line, "A text with a direction", value)
        if type(value) is ox.Triple:
            return _rdf_12(self._source, line, "A triple that stands for a value", value)
        if isinstance(quad.graph_name, ox.BlankNode):
            return _unnamed_graph(self._source, line)
        return None


def _statements(source: Source, base: str, reader: _LineReader) -> ox.QuadParser:
    assert isinstance(source.format, GraphFormat)
    return ox.parse(
        reader,  # type: ignore[arg-type]  # any object with read() will do
        format=source.format.syntax,
        base_iri=base,
        rename_blank_nodes=True,
    )


def _syntax_error(source: Source, error: SyntaxError, reader: _LineReader) -> Finding:
    message = re.sub(r"^Parser error at [^:]*: ", "", error.msg)
    message = message if len(message) <= _LONGEST_REASON else message[:_LONGEST_REASON] + " …"
    message = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], message)
    remedy = ""
    if reader.is_wide:
        message, remedy = "it is written in UTF-16 or UTF-32", _ENCODING_HINT
    elif "UTF-8" in message or "utf-8" in message:
        remedy = _ENCODING_HINT
    elif "LoadDocumentCallback" in message:
        message, remedy = "the @context is an address, not an object", _CONTEXT_HINT
    line, column = error.lineno or reader.line or 1, error.offset or 0
    return Finding(
        Severity.VIOLATION,
        "syntax",
        f"This is not valid {source.format.name}: {message}.",
        file=source.name,
        line=line,
        column=column,
        remedy=remedy or syntax_remedy(message, source.path, line, column),
    )


def _too_long(source: Source, reader: _LineReader) -> Finding:
    """Report what makes pyoxigraph raise MemoryError: one value of more than 16 MiB."""
    return Finding(
        Severity.VIOLATION,
        "value-too-long",
        "A single value here is longer than the 16 MiB that can be read.",
        file=source.name,
        line=reader.line or 1,
        remedy="Publish the long value as a file of its own, and link to it.",
    )


def empty(source: Source) -> Finding:
    """Tell that a file says nothing."""
    return Finding(
        Severity.WARNING,
        "empty-file",
        f"'{source.name}' holds no statement.",
        file=source.name,
        remedy="Remove the file, or restore what was in it.",
    )


def _rdf_12(source: Source, line: int, what: str, value: ox.Literal | ox.Triple) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "rdf-1.2",
        f"{what} is RDF 1.2, and most readers of the published data know RDF 1.1 only.",
        file=source.name,
        line=line,
        value=str(value) if isinstance(value, ox.Literal) else f"<<( {value} )>>",
        remedy="Give the statement a node of its own and describe that."
        if isinstance(value, ox.Triple)
        else "Leave the direction out.",
    )


def _unnamed_graph(source: Source, line: int) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "unnamed-graph",
        "The graph is named by a blank node, so nobody could ask for it.",
        file=source.name,
        line=line,
        remedy="Name the graph with an IRI.",
    )


def _references_that_leave(source: Source, base: str) -> list[Finding]:
    """Parse again with a base of an unused scheme: what keeps the scheme was relative.

    A relative reference leaves the base when it resolves (RFC 3986, section 5.2) to an
    address that does not begin with the base.
    """
    own_base = f"{_RELATIVE_SCHEME}://site{urlsplit(base).path}"
    findings: dict[str, Finding] = {}
    with source.path.open("rb") as file:
        reader = _LineReader(file)
        try:
            for quad in _statements(source, own_base, reader):
                for iri in _iris(quad):
                    if iri.startswith(_RELATIVE_SCHEME) and not iri.startswith(own_base):
                        findings.setdefault(iri, _leaves(source, reader.line or 1, iri, base))
        except (SyntaxError, MemoryError):
            # The first parse has told it already.
            pass
    return list(findings.values())


def _bases(source: Source, base: str) -> Iterator[str]:
    """Parse again and give the base that is in force at each statement."""
    with source.path.open("rb") as file:
        statements = _statements(source, base, _LineReader(file))
        try:
            for _ in statements:
                yield statements.base_iri or base
        except (SyntaxError, MemoryError):
            # The first parse has told it already.
            pass


def _iris(quad: ox.Quad) -> Iterator[str]:
    for term in quad:
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value


def _leaves(source: Source, line: int, iri: str, base: str) -> Finding:
    host, _, path = iri.removeprefix(f"{_RELATIVE_SCHEME}://").partition("/")
    shown = f"/{path}" if host == "site" else f"//{host}/{path}"
    return Finding(
        Severity.VIOLATION,
        "leaves-base",
        f"A relative address leads to '{shown}', outside of the site's base <{base}>.",
        file=source.name,
        line=line,
        value=shown,
        remedy="Write the address in full, or without the leading '/' or the '..'.",
    )
