"""Say in plain words what a shape demands (SHACL, sections 4 to 6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyoxigraph as ox
from markupsafe import Markup

from metropole.graph.names import Names
from metropole.vocab import RDF, RDFS, SH, XSD
from metropole.web import languages
from metropole.web.labels import Labels, Name
from metropole.web.languages import gettext as _
from metropole.web.languages import ngettext
from metropole.web.reference.statements import Node, Statements, Term

#: Shapes inside shapes that are told; deeper ones are in the Turtle.
_DEPTH = 6
#: Values of a list that are named one by one.
_LISTED = 24
#: Writes a link to a thing or a term of the site or of others.
LinkTo = Callable[[ox.NamedNode], Markup]


#: One demand, or those on a property.
Demands = tuple["Demand | PropertyDemands", ...]


@dataclass(frozen=True)
class Demand:
    """One thing that is demanded, and what belongs to it."""

    text: Markup
    inner: Demands = ()
    #: The text of a query.
    query: str = ""


@dataclass(frozen=True)
class PropertyDemands:
    """What is demanded of the values that a path leads to."""

    name: Name
    path: Markup
    demands: Demands
    #: What the author of the shape says when it is broken.
    messages: tuple[Name, ...]
    #: `Violation`, `Warning` or `Info`.
    severity: str


class ShapeWords:
    """Puts the constraints of shapes into words, in the language of the reader."""

    def __init__(self, said: Statements, labels: Labels, names: Names, link: LinkTo) -> None:
        self._said, self._labels, self._names, self._link = said, labels, names, link
        #: Constraint components of the site by each of their parameters (section 6.2).
        self._components = {
            path.value: component
            for component in said.subjects()
            for parameter in said.values(component, SH + "parameter")
            if isinstance(parameter, Node)
            for path in said.nodes(parameter, SH + "path")
        }

    def demands(self, shape: Node, depth: int = 0) -> Demands:
        """List what a shape demands of a node or value, beside what it demands of properties."""
        if depth > _DEPTH:
            return (Demand(Markup.escape(_("more, which the Turtle tells"))),)
        found: list[Demand | PropertyDemands] = []
        if self._said.is_true(shape, SH + "deactivated"):
            found.append(Demand(Markup.escape(_("nothing for now: it is switched off"))))
        found += self._count(shape)
        for told in (self._kind, self._bounds, self._letters, self._others, self._listed):
            found += [Demand(text) for text in told(shape)]
        found += self._logical(shape, depth)
        found += self._by_query(shape)
        found += self._by_component(shape)
        return tuple(found)

    def properties(self, shape: Node, depth: int = 0) -> tuple[PropertyDemands, ...]:
        """List what a shape demands of the values of properties, in the order of the shape."""
        if depth > _DEPTH:
            return ()
        parts = [
            each for each in self._said.values(shape, SH + "property") if isinstance(each, Node)
        ]
        told = [(self._order(part), self.property(part, depth)) for part in parts]
        return tuple(each for order, each in sorted(told, key=lambda pair: pair[0]))

    def property(self, shape: Node, depth: int = 0) -> PropertyDemands:
        """Tell what a property shape demands."""
        path = self._said.value(shape, SH + "path")
        name = self._labels.best(self._said.literals(shape, SH + "name", RDFS + "label"))
        if not name.text and isinstance(path, ox.NamedNode):
            name = self._labels.term(path)
        inner = tuple(
            Demand(Markup.escape(_("of each value:")), (each,))
            for each in self.properties(shape, depth + 1)
        )
        return PropertyDemands(
            name=name,
            path=self.path(path),
            demands=(*self.demands(shape, depth), *inner),
            messages=self.messages(shape),
            severity=self.severity(shape),
        )

    def messages(self, shape: Node) -> tuple[Name, ...]:
        """Give what the author says, in the reader's language."""
        chosen = self._labels.best(self._said.literals(shape, SH + "message"))
        return (chosen,) if chosen.text else ()

    def severity(self, shape: Node) -> str:
        """Give the severity, which is Violation where nothing else is said (section 2.1.4)."""
        node = self._said.value(shape, SH + "severity")
        return node.value.rpartition("#")[2] if isinstance(node, ox.NamedNode) else "Violation"

    def path(self, path: Term | None) -> Markup:
        """Write a path as SPARQL does (section 2.3.1), its properties as links."""
        if isinstance(path, ox.NamedNode):
            return self._short(path)
        if not isinstance(path, ox.BlankNode):
            return Markup()
        for name, before, after in _PATHS:
            inner = self._said.value(path, SH + name)
            if name == "alternativePath" and inner is not None:
                return self._joined(inner, "|")
            if inner is not None:
                return Markup("{}{}{}").format(before, self.path(inner), after)
        return self._joined(path, "/")

    def _joined(self, start: Term, sign: str) -> Markup:
        steps = [self.path(member) for member in self._said.members(start)]
        text = Markup.escape(sign).join(steps)
        return Markup("({})").format(text) if sign == "|" else text

    def _short(self, node: ox.NamedNode) -> Markup:
        return Markup('<span title="{}">{}</span>').format(
            node.value, self._names.short(node.value) or f"<{node.value}>"
        )

    def _order(self, shape: Node) -> tuple[float, str]:
        text = next((each.value for each in self._said.literals(shape, SH + "order")), "")
        try:
            return float(text or "inf"), str(self._said.value(shape, SH + "path"))
        except ValueError:
            return float("inf"), str(self._said.value(shape, SH + "path"))

    def _count(self, shape: Node) -> list[Demand]:
        least, most = (self._said.number(shape, SH + name) for name in ("minCount", "maxCount"))
        text = _counted(least, most)
        return [Demand(Markup("<strong>{}</strong>").format(text))] if text else []

    def _kind(self, shape: Node) -> Iterable[Markup]:
        for node in self._said.nodes(shape, SH + "datatype"):
            yield Markup.escape(
                _datatype(node.value) or self._names.short(node.value) or node.value
            )
        for node in self._said.nodes(shape, SH + "class"):
            yield _said(_("a member of the class %(kind)s"), kind=self._link(node))
        for node in self._said.nodes(shape, SH + "nodeKind"):
            yield Markup.escape(_node_kinds().get(node.value.removeprefix(SH), node.value))

    def _bounds(self, shape: Node) -> Iterable[Markup]:
        for name, text in (
            ("minInclusive", _("%(value)s or more")),
            ("minExclusive", _("more than %(value)s")),
            ("maxInclusive", _("%(value)s or less")),
            ("maxExclusive", _("less than %(value)s")),
        ):
            for value in self._said.values(shape, SH + name):
                yield _said(text, value=self._value(value))

    def _letters(self, shape: Node) -> Iterable[Markup]:
        least = self._said.number(shape, SH + "minLength")
        most = self._said.number(shape, SH + "maxLength")
        if least:
            yield Markup.escape(
                ngettext("at least %(num)s character", "at least %(num)s characters", least)
            )
        if most is not None:
            yield Markup.escape(
                ngettext("at most %(num)s character", "at most %(num)s characters", most)
            )
        flags = "".join(each.value for each in self._said.literals(shape, SH + "flags"))
        for pattern in self._said.literals(shape, SH + "pattern"):
            text = (
                _("of the form %(pattern)s, in small or capital letters")
                if "i" in flags
                else _("of the form %(pattern)s")
            )
            yield _said(text, pattern=Markup("<code>{}</code>").format(pattern.value))
        for start in self._said.values(shape, SH + "languageIn"):
            tags = [
                each.value for each in self._said.members(start) if isinstance(each, ox.Literal)
            ]
            text = _("in the language %(tags)s") if len(tags) == 1 else _("in one of %(tags)s")
            yield _said(text, tags=", ".join(map(languages.named, tags)))
        if self._said.is_true(shape, SH + "uniqueLang"):
            yield Markup.escape(_("only one in each language"))

    def _others(self, shape: Node) -> Iterable[Markup]:
        for name, text in (
            ("equals", _("the same as of %(other)s")),
            ("disjoint", _("none of those of %(other)s")),
            ("lessThan", _("less than every value of %(other)s")),
            ("lessThanOrEquals", _("not more than any value of %(other)s")),
        ):
            for node in self._said.nodes(shape, SH + name):
                yield _said(text, other=self._link(node))
        if self._said.is_true(shape, SH + "closed"):
            ignored = self._said.values(shape, SH + "ignoredProperties")
            also = [self._value(each) for start in ignored for each in self._said.members(start)]
            yield (
                _said(
                    _("no other properties than those named here and %(others)s"),
                    others=Markup(", ").join(also),
                )
                if also
                else Markup.escape(_("no other properties than those named here"))
            )

    def _listed(self, shape: Node) -> Iterable[Markup]:
        for start in self._said.values(shape, SH + "in"):
            members = [self._value(each) for each in self._said.members(start)]
            more = len(members) - _LISTED
            listed = Markup(", ").join(members[:_LISTED])
            if more > 0:
                listed += Markup.escape(
                    " " + ngettext("and %(num)s more", "and %(num)s more", more)
                )
            yield _said(_("one of %(list)s"), list=listed)
        for value in self._said.values(shape, SH + "hasValue"):
            yield _said(_("%(value)s among the values"), value=self._value(value))

    def _logical(self, shape: Node, depth: int) -> Iterable[Demand | PropertyDemands]:
        said = self._said
        for name, text in (
            ("or", _("at least one of these:")),
            ("and", _("all of these:")),
            ("xone", _("exactly one of these:")),
        ):
            for start in said.values(shape, SH + name):
                parts = [each for each in said.members(start) if isinstance(each, Node)]
                told = [part for each in parts for part in self._part(each, depth)]
                yield Demand(Markup.escape(text), tuple(told))
        for each in said.values(shape, SH + "not"):
            if isinstance(each, Node):
                yield Demand(Markup.escape(_("not this:")), self._part(each, depth))
        for each in said.values(shape, SH + "node"):
            if isinstance(each, ox.NamedNode):
                yield Demand(_said(_("what %(shape)s demands"), shape=self._link(each)))
            elif isinstance(each, ox.BlankNode):
                yield from self._part(each, depth)
        for each in said.values(shape, SH + "qualifiedValueShape"):
            if isinstance(each, Node):
                least = said.number(shape, SH + "qualifiedMinCount")
                most = said.number(shape, SH + "qualifiedMaxCount")
                text = _said(_("%(count)s with this:"), count=_counted(least, most) or _("values"))
                yield Demand(text, self._part(each, depth))

    def _part(self, shape: Node, depth: int) -> Demands:
        """Tell a shape inside another: as one demand, however many it consists of."""
        if isinstance(shape, ox.NamedNode):
            return (Demand(_said(_("what %(shape)s demands"), shape=self._link(shape))),)
        if self._said.value(shape, SH + "path") is not None:
            return (self.property(shape, depth + 1),)
        found = (*self.demands(shape, depth + 1), *self.properties(shape, depth + 1))
        if len(found) <= 1:
            return found
        return (Demand(Markup.escape(_("all of this together:")), found),)

    def _by_query(self, shape: Node) -> Iterable[Demand]:
        for each in self._said.values(shape, SH + "sparql"):
            if isinstance(each, Node):
                message = self.messages(each)
                query = next((text.value for text in self._said.literals(each, SH + "select")), "")
                text = (
                    _in_language(message[0]) if message else Markup.escape(_("what a query finds"))
                )
                yield Demand(_said(_("a rule: %(rule)s"), rule=text), query=_unindented(query))

    def _by_component(self, shape: Node) -> Iterable[Demand]:
        """Tell the constraints of the site's own components, each once."""
        used: dict[Node, list[Markup]] = {}
        for name in self._said.properties(shape):
            component = self._components.get(name)
            if component is not None:
                values = [self._value(each) for each in self._said.values(shape, name)]
                used.setdefault(component, []).extend(values)
        for component, values in used.items():
            texts = self._said.literals(component, RDFS + "comment", RDFS + "label")
            told = self._labels.best(texts)
            yield Demand(
                _said(
                    _("a rule: %(rule)s (%(values)s)"),
                    rule=_in_language(told),
                    values=Markup(", ").join(values),
                )
            )

    def _value(self, value: Term) -> Markup:
        if isinstance(value, ox.NamedNode):
            return self._link(value)
        if isinstance(value, ox.Literal):
            return Markup("<code>{}</code>").format(value.value)
        return Markup.escape(_("something described elsewhere"))


#: Kinds of paths with what SPARQL writes before and behind them.
_PATHS = (
    ("inversePath", "^", ""),
    ("alternativePath", "", ""),
    ("zeroOrMorePath", "", "*"),
    ("oneOrMorePath", "", "+"),
    ("zeroOrOnePath", "", "?"),
)


def _said(text: str, **parts: str) -> Markup:
    """Put parts into a translated text; what is no markup is escaped."""
    return Markup(text) % parts  # noqa: S704  # a text of ours; parts are escaped


def _in_language(name: Name) -> Markup:
    return Markup('<span lang="{}">{}</span>').format(name.language, name.text)


def _counted(least: int | None, most: int | None) -> str:
    if most == 0:
        return _("no value")
    if least and least == most:
        return ngettext("exactly one value", "exactly %(num)s values", least)
    if least and most is not None:
        return _("from %(least)s to %(most)s values", least=least, most=most)
    if least:
        return ngettext("at least one value", "at least %(num)s values", least)
    if most is not None:
        return ngettext("at most one value", "at most %(num)s values", most)
    return ""


def _datatype(iri: str) -> str:
    """Name a datatype that people know; empty for another."""
    return {
        XSD + "string": _("text without a language"),
        RDF + "langString": _("text with a language"),
        XSD + "integer": _("a whole number"),
        XSD + "nonNegativeInteger": _("a whole number, not below zero"),
        XSD + "positiveInteger": _("a whole number above zero"),
        XSD + "decimal": _("a decimal number"),
        XSD + "double": _("a number"),
        XSD + "float": _("a number"),
        XSD + "boolean": _("true or false"),
        XSD + "date": _("a day"),
        XSD + "dateTime": _("a moment"),
        XSD + "gYear": _("a year"),
        XSD + "gYearMonth": _("a month of a year"),
        XSD + "gMonthDay": _("a day of any year"),
        XSD + "anyURI": _("an address"),
        XSD + "duration": _("a length of time"),
    }.get(iri, "")


def _node_kinds() -> dict[str, str]:
    return {
        "IRI": _("an IRI"),
        "Literal": _("a text, number or date"),
        "BlankNode": _("something without an IRI"),
        "BlankNodeOrIRI": _("a thing, not a text or number"),
        "BlankNodeOrLiteral": _("no IRI"),
        "IRIOrLiteral": _("an IRI, a text or a number"),
    }


def _unindented(query: str) -> str:
    lines = query.strip("\n").rstrip().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:].rstrip() for line in lines)
