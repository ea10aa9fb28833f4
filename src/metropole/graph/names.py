"""Write IRIs the way people write them: with the prefixes of the site."""

import re
from collections.abc import Mapping

_IRI = re.compile(r"<([^<>\s]+)>")
#: What may follow a prefix without an escape, a safe part of PN_LOCAL (Turtle, section 6.5).
_LOCAL = re.compile(r"(?:[\w](?:[\w.\-]*[\w\-])?)?\Z")
#: A capital that begins a word inside a name, not one of several in a row.
_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z](?=[a-z])")


def words(iri: str) -> str:
    """Give the words in the last part of an IRI: `contained in place` for `containedInPlace`."""
    local = iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
    return _HUMP.sub(lambda found: f" {found[0].lower()}", local).strip()


class Names:
    """Shortens IRIs with the prefixes of a site, the longest that fits first."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = sorted(
            ((iri, prefix) for prefix, iri in prefixes.items()),
            key=lambda pair: (-len(pair[0]), pair[1]),
        )

    def shorten(self, text: str) -> str:
        """Shorten every `<IRI>` in a term or path; what no prefix fits stays as it is."""
        return _IRI.sub(lambda found: self.short(found[1]) or found[0], text)

    def short(self, iri: str) -> str:
        """Shorten one IRI to a prefixed name, or give the empty string."""
        for namespace, prefix in self._prefixes:
            if iri.startswith(namespace):
                local = iri[len(namespace) :]
                if _LOCAL.match(local):
                    return f"{prefix}:{local}"
        return ""
