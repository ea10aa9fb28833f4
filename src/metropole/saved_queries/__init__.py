"""Saved queries: what the `#+` header of a `.rq` file says, and what its parameters take."""

from metropole.saved_queries.binding import terms_of
from metropole.saved_queries.charts import PARTS, Chart, ChartKind, chart_kind
from metropole.saved_queries.forms import Form, columns_of, form_of
from metropole.saved_queries.header import HeaderProblem, Parameter, SavedQuery, read
from metropole.saved_queries.values import TYPES, WrongValue, term

__all__ = [
    "PARTS",
    "TYPES",
    "Chart",
    "ChartKind",
    "Form",
    "HeaderProblem",
    "Parameter",
    "SavedQuery",
    "WrongValue",
    "chart_kind",
    "columns_of",
    "form_of",
    "read",
    "term",
    "terms_of",
]
