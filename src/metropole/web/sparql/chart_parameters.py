"""Read and write the picture that an address asks for: `chart=`, and its columns."""

from werkzeug.datastructures import MultiDict

from metropole.messages import Message
from metropole.saved_queries import PARTS, Chart, ChartKind, chart_kind
from metropole.web.requests.problems import Problem

#: Asks for no picture, as does no `chart=` at all.
TABLE = "table"


def asked_chart(parameters: MultiDict[str, str]) -> Chart | None:
    """Give the picture that is asked for; raises Problem for a kind that there is not."""
    name = parameters.get("chart", "")
    if name in ("", TABLE):
        return None
    kind = chart_kind(name)
    if kind is None:
        kinds = ", ".join([TABLE, *(each.value for each in ChartKind)])
        raise Problem(
            400,
            Message("There is no chart '%(name)s'", name=name),
            Message("The kinds are %(kinds)s.", kinds=kinds),
        )
    return Chart(kind, **{part: parameters.get(part, "") for part in PARTS})


def chart_parameters(chart: Chart | None) -> dict[str, str]:
    """Write a picture as parameters of an address."""
    return {"chart": chart.kind.value, **dict(chart.columns())} if chart else {}
