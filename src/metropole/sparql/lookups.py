"""Guess whether a query asks for a few things by name, so that it is done in no time.

It is a guess from the words: a wrong one costs some time, never an answer.
"""

import re

_LONGEST = 2000
#: What lets a query read much more than it names.
_HEAVY = re.compile(
    r"\b(?:GROUP|ORDER|DISTINCT|REDUCED|HAVING|COUNT|SUM|AVG|MIN|MAX|SAMPLE|GROUP_CONCAT|REGEX"
    r"|REPLACE|CONTAINS|STRSTARTS|STRENDS|MINUS|NOT|EXISTS|CONCAT|SERVICE)\b"
    r"|[>\w)][*+]",  # a property path of any length
    re.IGNORECASE,
)
_NAMED = r"(?:<[^<>\s]*>|[A-Za-z][\w.-]*:[\w.%-]+|:[\w.%-]+)"
#: A triple whose subject is named or whose object is a text, or a thing to describe.
_ANCHOR = re.compile(
    rf"""[{{.;]\s*{_NAMED}\s+[^\s{{}}=]
    | \s(?:"[^"\n]*"|'[^'\n]*')(?:@[\w-]+|\^\^\S+)?\s*[.;}}]
    | \bDESCRIBE\s+{_NAMED}""",
    re.VERBOSE | re.IGNORECASE,
)


def looks_like_lookup(text: str) -> bool:
    """Tell whether a query seems to ask only for what is said of things it names."""
    return (
        len(text) <= _LONGEST and _HEAVY.search(text) is None and _ANCHOR.search(text) is not None
    )
