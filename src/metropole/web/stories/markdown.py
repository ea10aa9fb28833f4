"""Render Markdown (CommonMark with tables): only here is markdown-it known."""

import re

from markdown_it import MarkdownIt

_MARKS = re.compile(r"([\\`*\[\]<>|#]|\b_|_\b|~~|&(?=#?\w+;))")
#: Spaces at which lines may break; those inside of numbers hold them together.
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_ADDRESS = re.compile(r"https?://[^\s<>|\\]+")


def as_html(text: str) -> str:
    """Render Markdown; HTML inside it is shown and not obeyed."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return str(parser.render(text))


def escaped(text: str) -> str:
    """Write a text so that Markdown takes none of its characters for a mark; addresses as links."""
    if _ADDRESS.fullmatch(text):
        return f"<{text}>"
    return _MARKS.sub(r"\\\1", _SPACES.sub(" ", text).strip())
