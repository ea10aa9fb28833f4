"""Read the parameters of a saved query from a request: each value is checked and becomes a term."""

from werkzeug.datastructures import MultiDict

from metropole import saved_queries
from metropole.messages import Message
from metropole.saved_queries import TYPES, Parameter, SavedQuery, WrongValue
from metropole.web.languages import PARAMETER
from metropole.web.requests.problems import Problem


def given_values(query: SavedQuery, arguments: MultiDict[str, str]) -> dict[str, str]:
    """Give what a client sent, by parameter; what is empty counts as not sent, as in forms.

    Raises Problem for a parameter that the query does not have, or that is there twice.
    """
    known = [parameter.name for parameter in query.parameters]
    for name in arguments:
        if name == PARAMETER:  # the language of the page
            continue
        if name not in known:
            names = ", ".join(known)
            told = (
                Message("It takes: %(names)s.", names=names)
                if known
                else Message("It takes no parameter.")
            )
            raise _problem(Message("The query has no parameter '%(name)s'", name=name), told, name)
        if len(arguments.getlist(name)) > 1:
            raise _problem(
                Message("'%(name)s' is there twice", name=name), Message("Send it once."), name
            )
    return {name: arguments[name] for name in known if arguments.get(name)}


def missing(query: SavedQuery, given: dict[str, str]) -> list[Parameter]:
    """List the parameters that must be given and are not."""
    return [entry for entry in query.parameters if entry.is_required and entry.name not in given]


def terms(query: SavedQuery, given: dict[str, str], *, base: str) -> dict[str, str]:
    """Give the terms (N-Triples) that stand for the parameters; raises Problem."""
    absent = missing(query, given)
    if absent:
        name, kind = absent[0].name, absent[0].kind
        raise _problem(
            Message("The parameter '%(name)s' is missing", name=name),
            Message("It takes %(type)s.", type=TYPES[kind]),
            name,
        )
    bound = {}
    for parameter in query.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is not None:
            bound[parameter.name] = _term(parameter, value, base)
    return bound


def _term(parameter: Parameter, value: str, base: str) -> str:
    try:
        return saved_queries.term(parameter.kind, value, base=base, language=parameter.language)
    except WrongValue as error:
        title = Message("The value of '%(name)s' is wrong", name=parameter.name)
        detail = Message(
            "'%(name)s' takes %(type)s, and got '%(value)s'.",
            name=parameter.name,
            type=TYPES[parameter.kind],
            value=value,
        )
        raise _problem(title, detail, parameter.name) from error


def _problem(title: str, detail: str, name: str) -> Problem:
    return Problem(400, title, detail, members={"parameter": name})
