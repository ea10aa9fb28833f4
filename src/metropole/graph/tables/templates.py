"""Make addresses from the cells of a row: URI templates (RFC 6570) against the base of the site.

The only module that knows uritemplate.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urljoin

from uritemplate import URITemplate

from metropole.graph.tables.csvw_library import PREFIXES

#: What the cells of a row give to a template; a list for a column with a separator.
Values = Mapping[str, str | list[str]]

_SIMPLE = re.compile(r"[\w.%]+")
_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_PREFIXED = re.compile(r"([A-Za-z][\w.+-]*):(?!//)(.*)", re.DOTALL)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ENCODED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._~-]+")
#: Schemes of addresses without `//`; anything else before a colon is meant as a prefix.
_SCHEMES = frozenset({"urn", "mailto", "tel", "doi", "tag", "geo", "info", "did", "data"})
#: Addresses without `//` that a property or a class may have (RFC 8141, 4151 and 4452, DID Core);
#: in `geo:long` or `data:name` people mean a prefix.
_TERM = re.compile(
    r"urn:[^:]+:.|tag:[^,:]+,\d{4}[^:]*:.|info:[^/]+/.|did:[a-z0-9]+:.", re.IGNORECASE
)


class LeavesBase(ValueError):
    """A relative address leads out of the base of the site; its text is the message."""


class UnknownPrefix(ValueError):
    """A prefix is none of CSV on the Web; the text is the message."""

    def __init__(self, prefix: str, name: str) -> None:
        """Keep the parts of the prefixed name."""
        super().__init__(
            f"'{prefix}' is not a prefix of CSV on the Web: write '{prefix}:{name}' in full"
        )
        self.prefix = prefix
        self.name = name


class Template:
    """A URI template of a description.

    With `is_term` it is that of a property or a class. Raises ValueError, with the reason, when the
    template is none, and UnknownPrefix.
    """

    def __init__(self, text: str, *, base: str, is_term: bool = False) -> None:
        self._base = base
        self._parts = [
            part if number % 2 == 0 else _variable(part, text)
            for number, part in enumerate(_EXPRESSION.split(_without_prefix(text, is_term=is_term)))
        ]
        if any(isinstance(part, str) and ("{" in part or "}" in part) for part in self._parts):
            raise ValueError(f"'{text}' has a bracket without its partner")
        #: The variables, as `city` of `id/city/{city}`, in the order of the template.
        self.variables: tuple[str, ...] = tuple(
            name
            for part in self._parts
            if not isinstance(part, str)
            for name in part.variable_names
        )

    def address(self, values: Values) -> str:
        """Give the address for a row; raises LeavesBase."""
        text = "".join(
            part if isinstance(part, str) else _expanded(part, values) for part in self._parts
        )
        if _ABSOLUTE.match(text):
            return text
        if not text.startswith("/") and "/." not in text and not text.startswith("."):
            return self._base + text
        address = urljoin(self._base, text)
        if not address.startswith(self._base):
            raise LeavesBase(text)
        return address


def _without_prefix(text: str, *, is_term: bool) -> str:
    """Write a prefixed name in full (Metadata Vocabulary, section 5.1.3)."""
    found = _PREFIXED.fullmatch(text)
    if not found or (_TERM.match(text) if is_term else found[1].lower() in _SCHEMES):
        return text
    if found[1] not in PREFIXES:
        raise UnknownPrefix(found[1], found[2])
    return PREFIXES[found[1]] + found[2]


def prefix_of(text: str) -> str:
    """Give the prefix of a prefixed name, or the empty string."""
    found = _PREFIXED.fullmatch(text)
    return found[1] if found and found[1] in PREFIXES else ""


def _variable(expression: str, text: str) -> "URITemplate | _Simple":
    if not expression.strip():
        raise ValueError(f"'{text}' has empty brackets")
    if _SIMPLE.fullmatch(expression):
        return _Simple(expression)
    return URITemplate("{" + expression + "}")


class _Simple:
    """`{name}`, which nearly all templates are made of, without the costs of the library."""

    def __init__(self, name: str) -> None:
        self.variable_names = (name,)

    def expand(self, values: Values) -> str:
        value = values.get(self.variable_names[0], "")
        return escaped(value) if isinstance(value, str) else ",".join(map(escaped, value))


def _expanded(part: "URITemplate | _Simple", values: Values) -> str:
    if isinstance(part, _Simple):
        return part.expand(values)
    named: dict[str, Any] = {name: values[name] for name in part.variable_names if name in values}
    return _ENCODED.sub(lambda found: _letters(found[0]), part.expand(**named))


def escaped(value: str) -> str:
    """Escape what may not stand in one part of an address; letters of any script stay.

    RFC 6570 makes a URI, with every letter beyond ASCII escaped. The other files of a site hold
    IRIs, in which letters are written as they are, and this must be the same address.
    """
    return _NOT_PLAIN.sub(
        lambda found: "".join(c if c.isalnum() else quote(c, safe="") for c in found[0]), value
    )


def _letters(encoded: str) -> str:
    """Turn escaped letters beyond ASCII into letters (RFC 3987, section 3.2)."""
    try:
        return escaped(unquote(encoded, errors="strict"))
    except UnicodeDecodeError:
        return encoded
