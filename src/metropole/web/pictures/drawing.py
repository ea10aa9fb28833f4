"""A picture with the words that stand for it: what it shows, its ends, and what it leaves out."""

from dataclasses import dataclass
from pathlib import Path

from metropole.saved_queries import Chart, ChartKind
from metropole.web import languages
from metropole.web.labels import NAMELESS, Name
from metropole.web.languages import gettext, ngettext
from metropole.web.pictures.bars import Bars, bars
from metropole.web.pictures.captions import composed
from metropole.web.pictures.lines import Breaks, Lines, lines
from metropole.web.pictures.maps import Map, map_of
from metropole.web.pictures.scale import said
from metropole.web.values.query_rows import Rows

_NAMED = 3


@dataclass(frozen=True)
class Picture:
    """What the templates draw, with its text alternative."""

    chart: Chart
    drawn: Bars | Lines | Map
    #: What is shown, as "Population by city", and its language; empty where it is the page's.
    caption: str
    #: What can be seen, for those who do not see it.
    description: str
    #: What the picture leaves out; the table has it.
    notes: tuple[str, ...]
    caption_language: str = ""

    @property
    def sentence(self) -> str:
        """Give what is shown as a sentence, which a question is already."""
        return self.caption if self.caption.endswith(("?", "!", ".")) else f"{self.caption}."


def picture(
    rows: Rows,
    chart: Chart,
    static: Path,
    caption: Name = NAMELESS,
    *,
    foremost: int = 0,
    breaks: Breaks | None = None,
) -> Picture:
    """Draw rows; the chart names its columns, which are the caption where there is no other.

    A map is about the first rows, as many as `foremost` says; `breaks` are those of lines.
    """
    drawn: Bars | Lines | Map
    if chart.kind is ChartKind.BAR:
        drawn = bars(rows, chart)
        seen = _seen_bars(drawn)
    elif chart.kind is ChartKind.LINE:
        drawn = lines(rows, chart, breaks)
        seen = _seen_lines(drawn)
    else:
        drawn = map_of(rows, chart, static, foremost=foremost)
        seen = _seen_map(drawn)
    said_of = caption if caption.text else composed(chart)
    return Picture(
        chart,
        drawn,
        _as_sentence(said_of.text),
        seen,
        tuple(_notes(rows, drawn)),
        said_of.language if said_of.language != languages.language() else "",
    )


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _seen_bars(drawn: Bars) -> str:
    count = sum(len(group.bars) for group in drawn.groups)
    return ngettext("%(num)s bar.", "%(num)s bars.", count)


def _seen_lines(drawn: Lines) -> str:
    told = [
        gettext(
            "%(line)s: %(first)s to %(last)s",
            line=line.name or gettext("The line"),
            first=_last(line.marks[0].said),
            last=_last(line.marks[-1].said),
        )
        for line in drawn.lines
        if line.marks
    ]
    return "; ".join(told) + "."


def _last(said: str) -> str:
    return said.rpartition(": ")[2]


def _seen_map(drawn: Map) -> str:
    ordered = sorted(drawn.places, key=lambda place: not place.is_foremost)
    names = [place.said for place in ordered]
    told = ngettext("%(num)s point:", "%(num)s points:", len(names))
    shown = "; ".join(names[:_NAMED])
    rest = len(names) - _NAMED
    more = gettext("and %(number)s more", number=languages.written(rest))
    return f"{told} {shown}, {more}." if rest > 0 else f"{told} {shown}."


def _left_out(drawn: Bars | Lines | Map) -> str:
    if isinstance(drawn, Lines):
        return ngettext(
            "%(num)s more line is in the table only.",
            "%(num)s more lines are in the table only.",
            drawn.left_out,
        )
    return ngettext(
        "%(num)s more bar is in the table only.",
        "%(num)s more bars are in the table only.",
        drawn.left_out,
    )


def _notes(rows: Rows, drawn: Bars | Lines | Map) -> list[str]:
    notes = []
    if isinstance(drawn, Lines) and drawn.is_logarithmic:
        notes.append(gettext("The numbers are on a logarithmic scale: equal steps multiply."))
    if isinstance(drawn, Lines) and drawn.least and not drawn.is_logarithmic:
        notes.append(gettext("The scale begins at %(number)s.", number=said(drawn.least)))
    if drawn.left_out:
        notes.append(_left_out(drawn))
    if drawn.without:
        notes.append(
            ngettext(
                "%(num)s row is not drawn, for want of a value.",
                "%(num)s rows are not drawn, for want of a value.",
                drawn.without,
            )
        )
    if rows.total > len(rows.rows):
        drawn_from = len(rows.rows)
        notes.append(
            ngettext(
                "Drawn from the first %(num)s row.",
                "Drawn from the first %(num)s rows.",
                drawn_from,
            )
        )
    return notes
