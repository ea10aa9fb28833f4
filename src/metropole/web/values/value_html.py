"""Names, values and rows as HTML: what most of a page is, so it is written without a template.

The functions are macros for templates (`macros.html`). They give the bytes that a macro would, in
a tenth of its time. All that comes from data is escaped.
"""

import re
from collections.abc import Iterable

from jinja2 import Environment
from markupsafe import Markup, escape

from metropole.web.labels import Name
from metropole.web.languages import gettext
from metropole.web.responses.document_formats import Format
from metropole.web.values.shown_values import Pointing, Quotation, Row, Table, TableRow, Value

#: Things that a list shows; a longer one is opened first.
_LISTED = 12
#: What HTML reads as its own.
_MARKUP = re.compile("[&<>\"']")


def register(environment: Environment) -> None:
    """Give templates the functions as `html.name(…)` and so on."""
    environment.globals["html"] = _Macros


class _Macros:
    """The functions for templates, whose HTML nobody escapes again."""

    @staticmethod
    def name(said: Name) -> Markup:
        """Write a name with its language."""
        return _marked(_name(said))

    @staticmethod
    def tagged(said: Name) -> Markup:
        """Write a name and show its language."""
        return _marked(_tagged(said))

    @staticmethod
    def link(shown: Value) -> Markup:
        """Write the name of a value, linked where it has an address."""
        return _marked(_link(shown))

    @staticmethod
    def quotation(quoted: Quotation) -> Markup:
        """Write the words of a document with their place in it."""
        return _marked(_quotation(quoted))

    @staticmethod
    def value(shown: Value) -> Markup:
        """Write a value of any kind."""
        return _marked(_value(shown))

    @staticmethod
    def stated(places: Iterable[int]) -> Markup:
        """Link to the graphs that state something, by their places in the list of those."""
        return _marked(_stated(places))

    @staticmethod
    def rows(rows: Iterable[Row]) -> Markup:
        """Write properties with their values as the groups of a `dl`."""
        return _marked(_rows(rows))

    @staticmethod
    def pointing(groups: Iterable[Pointing]) -> Markup:
        """Write what points to a thing, by class and property."""
        rows = "".join([_pointing(each) for each in groups])
        return _marked(f'<dl class="statements mentions">\n{rows}\n</dl>')

    @staticmethod
    def alternates(formats: Iterable[Format], suffix: str) -> Markup:
        """Link to a document in other formats, for programs."""
        links = [
            f'<link rel="alternate" type="{each.media_type}" '
            f'href="{_text(each.address)}{suffix}">\n  '
            for each in formats
        ]
        return _marked("".join(links))

    @staticmethod
    def formats(formats: Iterable[Format], suffix: str) -> Markup:
        """Link to a document in other formats, for people."""
        links = [f'<a href="{_text(each.address)}{suffix}">{each.name}</a>' for each in formats]
        return _marked(", ".join(links))


def _marked(html: str) -> Markup:
    return Markup(html)  # noqa: S704  # what comes from data is escaped


def _text(text: str) -> str:
    """Escape a text; most have nothing to escape."""
    return f"{escape(text)}" if _MARKUP.search(text) else text


def _lang(said: Name) -> str:
    return f' lang="{_text(said.language)}"' if said.language else ""


def _name(said: Name) -> str:
    return f"<span{_lang(said)}>{_text(said.text)}</span>"


def _tagged(said: Name) -> str:
    if not said.language:
        return _name(said)
    title = gettext("Language")
    return f'{_name(said)} <span class="tag" title="{title}">{_text(said.language)}</span>'


def _link(shown: Value) -> str:
    if not shown.address:
        return _name(shown.name)
    outside = "" if shown.is_local else ' class="outside"'
    return f'<a href="{_text(shown.address)}"{outside}>{_name(shown.name)}</a>'


def _quotation(quoted: Quotation) -> str:
    words, place = "", ""
    if quoted.words.text:
        words = f"<q{_lang(quoted.words)}>{_text(quoted.words.text)}</q>, "
    address = _text(quoted.address)
    if quoted.end:
        said = gettext(
            "characters %(start)s\u2013%(end)s", start=_text(quoted.start), end=_text(quoted.end)
        )
        place = f', <a class="place" href="{address}">{said}</a>'
    elif quoted.address:
        said = gettext("the place")
        place = f' <a class="place" href="{address}">{said}</a>'
    return f'<span class="quotation">{words}{_link(quoted.document)}{place}</span>'


def _value(shown: Value) -> str:
    if shown.quotation:
        return _quotation(shown.quotation)
    if shown.rows:
        link = f"{_link(shown)}\n" if shown.address else ""
        return f'\n{link}<dl class="nested">{_rows(shown.rows)}</dl>'
    if shown.address:
        return f"\n{_link(shown)}"
    if shown.machine:
        return f"\n{_measured(shown)}"
    datatype = ""
    if shown.datatype:
        title = gettext("Datatype")
        datatype = f' <span class="tag" title="{title}">{_text(shown.datatype)}</span>'
    return f"\n{_tagged(shown.name)}{datatype}"


def _measured(shown: Value) -> str:
    """Write a number or a time for people and for machines."""
    text, machine = _text(shown.name.text), _text(shown.machine)
    if shown.is_time:
        measured = f'<time datetime="{machine}">{text}</time>'
    else:
        measured = f'<data value="{machine}">{text}</data>'
    unit = shown.unit
    if not unit.text:
        return measured
    return f'{measured} <span class="unit"{_lang(unit)}>{_text(unit.text)}</span>'


def _stated(places: Iterable[int], title: str = "") -> str:
    title = title or gettext("Where it is said")
    return "".join(
        [f'<a class="from" href="#from-{place}" title="{title}">{place}</a>' for place in places]
    )


def _rows(rows: Iterable[Row]) -> str:
    title = gettext("Where it is said")
    return "".join([_row(each, title) for each in rows])


def _pointing(group: Pointing) -> str:
    number = len(group.values)
    things = "".join([f"<li>{_value(each)}</li>" for each in group.values])
    listed = f'<ul class="things">{things}</ul>'
    begin = ""
    if number > _LISTED:
        summary = gettext("All %(number)s", number=number)
        begin = f"<details><summary>{summary}</summary>"
        listed += "</details>"
    kind = f'<span title="{_text(group.kind_iri)}">{_name(group.kind)}</span>'
    return (
        f'\n<div class="row">\n  <dt>{kind}'
        f' <span class="by" title="{_text(group.predicate_iri)}">{_name(group.predicate)}</span>'
        f' <span class="tag">{number}</span></dt>\n  <dd>{begin}\n  {listed}</dd>\n</div>\n'
    )


def _row(row: Row, title: str) -> str:
    iri, name = _text(row.iri), _name(row.name)
    if row.address:
        term = f'<a href="{_text(row.address)}" title="{iri}">{name}</a>'
    else:
        term = f'<span title="{iri}">{name}</span>'
    help_text = ""
    if row.help.text:
        help_text = f'<small class="help"{_lang(row.help)}>{_text(row.help.text)}</small>'
    table = f"<dd>{_table(row.table, row.name)}</dd>" if row.table else ""
    values = "".join([f"<dd>{_value(each)}</dd>" for each in row.values])
    return (
        f'\n<div class="row">\n  <dt>{term}{_stated(row.graphs, title)}{help_text}</dt>\n'
        f"  {table}\n  {values}\n</div>\n"
    )


def _table(shown: Table, caption: Name) -> str:
    first = gettext("Name")
    columns = "".join([f'<th scope="col">{_name(each)}</th>' for each in shown.columns])
    rows = "".join([_table_row(each, shown.columns) for each in shown.rows])
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{_text(caption.text)}">'
        f'<table class="things records">\n  <caption class="sr">{_name(caption)}</caption>'
        f'\n  <thead><tr><th scope="col">{first}</th>{columns}'
        f"</tr></thead>\n  <tbody>{rows}\n  </tbody>\n</table></div>"
    )


def _table_row(row: TableRow, columns: tuple[Name, ...]) -> str:
    shown = [
        f'<td data-label="{_text(column.text)}">{_values(cell)}</td>'
        for column, cell in zip(columns, row.cells, strict=True)
    ]
    more = "".join(
        [
            f'<div class="more"><span class="label">{_name(name)}</span>{_values(values)}</div>'
            for name, values in row.more
        ]
    )
    return f'\n  <tr><th scope="row">{_value(row.value)}{more}</th>{"".join(shown)}</tr>'


def _values(values: Iterable[Value]) -> str:
    return "".join([f"<div>{_value(each)}</div>" for each in values])
