"""Say where a text has white space that belongs to no word."""

#: What a description of a table says to have white space left out.
TRIMMED = 'write "dialect": {"trim": true} into the description of the table'


def where_loose(text: str) -> str:
    """Say where a text has white space at an end: before, after, or before and after it."""
    is_before, is_after = text.lstrip() != text, text.rstrip() != text
    return "before and after" if is_before and is_after else "before" if is_before else "after"
