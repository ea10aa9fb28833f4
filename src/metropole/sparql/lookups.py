"""Guess whether a query asks for a few things by name, so that it is done in no time.

It is a guess from the words: a wrong one costs some time, never an answer.
"""

import re

_LONGEST = 2000
#: What lets a query read much more than it names.
_HEAVY = re.compile(
    r"\b(?:GROUP|ORDER|DISTINCT|REDUCED|HAVING|COUNT|SUM|AVG|MIN|MAX|SAMPLE|GROUP_CONCAT|REGEX"
    r"|REPLACE|CONTAINS|STRSTARTS|STRENDS|MINUS|NOT|EXISTS|CONCAT|UNION|SERVICE)\b"
    r"|[>\w)][*+]"  # a property path of any length
    r"|\bVALUES\b.*\bVALUES\b",  # a product of them
    re.IGNORECASE | re.DOTALL,
)
_NAMED = r"(?:<[^<>\s]*>|[A-Za-z][\w.-]*:[\w.%-]+|:[\w.%-]+)"
#: A triple whose subject is named or whose object is a text, or a thing to describe.
_ANCHOR = re.compile(
    rf"""[{{.;]\s*{_NAMED}\s+[^\s{{}}=]
    | \s(?:"[^"\n]*"|'[^'\n]*')(?:@[\w-]+|\^\^\S+)?\s*[.;}}]
    | \bDESCRIBE\s+{_NAMED}""",
    re.VERBOSE | re.IGNORECASE,
)
#: A triple about a variable, and whether its object is a text.
_ABOUT = re.compile(
    r"""[{.]\s*([?$]\w+)\s+(?:[^\s{}]+\s+(["'])|[^\s{}])""",
)


def looks_like_lookup(text: str) -> bool:
    """Tell whether a query seems to ask only for what is said of things it names."""
    return (
        len(text) <= _LONGEST
        and _HEAVY.search(text) is None
        and _ANCHOR.search(text) is not None
        and _is_connected(text)
    )


def _is_connected(text: str) -> bool:
    """Tell whether each triple is about a name, has a text, or goes on from one before.

    One that does none of these goes through the whole graph.
    """
    begin = text.find("{")
    return all(
        found[2] or re.search(rf"{re.escape(found[1])}\b", text[begin : found.start(1)])
        for found in _ABOUT.finditer(text, max(begin, 0))
    )
