"""What a picture of an answer shows, in the one language in which all of it can be said."""

from metropole.saved_queries import Chart, ChartKind
from metropole.web.labels import Name
from metropole.web.labels.worded import worded, words
from metropole.web.languages import ORIGINAL
from metropole.wordings import Wordings


def composed(chart: Chart) -> Name:
    """Name a picture by its columns: `Population by year`.

    The names of columns are English words of the query, on pages in any language, so this is.
    """
    numbers, places, series = words(chart.y), words(chart.x), words(chart.series)
    if chart.kind is ChartKind.MAP:
        text = f"{places or 'points'} on a map"
        text = f"{text} by {series}" if series else text
        text = f"{text}; size of the points: {numbers}" if numbers else text
    else:
        text = f"{numbers} {'over' if chart.kind is ChartKind.LINE else 'by'} {places}"
        text = f"{text}, for each {series}" if series else text
    return Name(text, ORIGINAL)


def of_query(titles: Wordings, chart: Chart) -> Name:
    """Name the picture of a saved query: by its columns in English, else by what it asks."""
    asked = worded(titles)
    return composed(chart) if asked.language == ORIGINAL else asked
