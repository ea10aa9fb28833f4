"""The properties of a description of tables, and what their values must be.

Metadata Vocabulary for Tabular Data, sections 5.3 to 5.11.
"""

from collections.abc import Mapping

#: Properties that a description, a table and a column hand down to what is in them.
INHERITED = [
    "aboutUrl",
    "datatype",
    "default",
    "lang",
    "null",
    "ordered",
    "propertyUrl",
    "required",
    "separator",
    "textDirection",
    "valueUrl",
]
_TABLE = [
    "url",
    "dialect",
    "notes",
    "suppressOutput",
    "tableDirection",
    "tableSchema",
    "transformations",
    *INHERITED,
]
#: The properties that each kind of object may have (Metadata Vocabulary, sections 5.3 to 5.11).
PROPERTIES = {
    "the description": ["tables", *_TABLE],
    "a table": _TABLE,
    "tableSchema": ["columns", "foreignKeys", "primaryKey", "rowTitles", *INHERITED],
    "a column": ["name", "suppressOutput", "titles", "virtual", *INHERITED],
    "dialect": [
        "commentPrefix",
        "delimiter",
        "doubleQuote",
        "encoding",
        "header",
        "headerRowCount",
        "lineTerminators",
        "quoteChar",
        "skipBlankRows",
        "skipColumns",
        "skipInitialSpace",
        "skipRows",
        "trim",
    ],
    "datatype": [
        "base",
        "format",
        "length",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "minInclusive",
        "maxInclusive",
        "minExclusive",
        "maxExclusive",
    ],
}
_TEXT, _TRUTH, _NUMBER = "a text", "true or false", "a whole number"
_TEXTS, _OBJECT, _LIST = "a text or a list of texts", "an object, in braces", "a list, in brackets"
#: What the values of properties must be; what is not here may be anything, or is looked at apart.
KINDS = {
    **dict.fromkeys(("aboutUrl", "propertyUrl", "valueUrl", "lang", "separator", "default"), _TEXT),
    **dict.fromkeys(("name", "delimiter", "encoding", "base", "@id", "quoteChar"), _TEXT),
    **dict.fromkeys(("commentPrefix",), _TEXT),
    **dict.fromkeys(("required", "ordered", "suppressOutput", "virtual", "header"), _TRUTH),
    **dict.fromkeys(("skipBlankRows", "skipInitialSpace", "doubleQuote"), _TRUTH),
    **dict.fromkeys(("headerRowCount", "skipRows", "skipColumns"), _NUMBER),
    **dict.fromkeys(("null", "primaryKey"), _TEXTS),
    **dict.fromkeys(("columns", "tables"), _LIST),
    **dict.fromkeys(("tableSchema", "dialect"), _OBJECT),
}
#: Properties that may be null, or of which another check says more.
_OTHER_VALUES = {"quoteChar": (None,), "commentPrefix": (None,), "separator": (None,)}


def is_of_kind(name: str, value: object) -> bool:
    """Tell whether a value is of the kind that its property needs; addresses are told apart."""
    kind = KINDS.get(name)
    if kind is None or value in _OTHER_VALUES.get(name, ()):
        return True
    if kind == _OBJECT:
        return isinstance(value, Mapping | str)
    if kind == _TEXTS:
        return isinstance(value, str) or (
            isinstance(value, list) and all(isinstance(item, str) for item in value)
        )
    if kind == _NUMBER:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, {_TEXT: str, _TRUTH: bool, _LIST: list}[kind])
