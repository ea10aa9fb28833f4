"""Texts that are made before anyone knows in which language they will be read."""

from typing import Any, Self


class Message(str):
    """A text in English that a page can say in its own language.

    To programs and logs it is the English text with its values filled in; `languages.translated`
    says it in the language of the page. Values stand in the template as `%(name)s`.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        """Fill the values in, and remember where they stand."""
        text = super().__new__(cls, template % values if values else template)
        text.template = template
        text.values = values
        return text
