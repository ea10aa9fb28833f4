"""A text in one language or in several, and in which of them somebody gets it.

What is chosen is the same for all content: a language that the reader likes, else the first of the
site in which there is one, else any. A text without a language is in the first of the site.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

#: Texts by language tag; the empty tag is that of a text that names no language.
Wordings = Mapping[str, str]
#: What a site without languages writes in.
_USUAL = "en"


class Worded(NamedTuple):
    """A text with the tag of its language."""

    text: str
    language: str


def in_languages(wordings: Wordings, of_site: Sequence[str]) -> list[Worded]:
    """List the texts with their languages, that without one in the first of the site."""
    first = (*of_site, _USUAL)[0]
    return [Worded(text, tag or first) for tag, text in wordings.items()]


def chosen(wordings: Wordings, liked: Iterable[str], of_site: Sequence[str]) -> Worded:
    """Choose for a reader who likes some languages; an empty text when there is none at all."""
    told = in_languages(wordings, of_site)
    by_tag = {each.language.lower(): each for each in told}
    wanted = (tag.lower() for tag in (*liked, *of_site))
    found = next((by_tag[tag] for tag in wanted if tag in by_tag), None)
    return found or next(iter(told), Worded("", ""))
