"""Saved queries: what the `#+` header of a `.rq` file says, and what its parameters take."""

from metropole.saved_queries.forms import Form, form_of
from metropole.saved_queries.header import HeaderProblem, Parameter, SavedQuery, read
from metropole.saved_queries.values import TYPES, WrongValue, term

__all__ = [
    "TYPES",
    "Form",
    "HeaderProblem",
    "Parameter",
    "SavedQuery",
    "WrongValue",
    "form_of",
    "read",
    "term",
]
