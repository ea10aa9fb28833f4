"""Answers that were kept when a release was made: their rows and pictures, without a query."""

from dataclasses import replace

from metropole.errors import ReleaseError
from metropole.release.query_runs import read_answer, read_runs, saved_query
from metropole.saved_queries import ChartKind, Form, SavedQuery
from metropole.stories import Answer, Insert, answer_name
from metropole.web.pictures import Picture, choices, picture
from metropole.web.pictures.captions import of_query
from metropole.web.requests.problems import unreadable_release
from metropole.web.responses import static_folder
from metropole.web.serving import Edition
from metropole.web.values.query_rows import Rows, rows_of


class KeptAnswers:
    """The answers of one release, each read once; raises Problem when one cannot be read."""

    def __init__(self, edition: Edition, languages: tuple[str, ...] = ()) -> None:
        self._store = edition.store
        self._release = edition.store.release
        self._languages = languages
        self._read: dict[str, tuple[Answer, Rows]] = {}
        try:
            self._runs = read_runs(self._release)
        except ReleaseError as error:
            raise unreadable_release(error) from error

    def query(self, name: str) -> SavedQuery:
        """Give a saved query of the release."""
        try:
            return saved_query(self._release, self._runs[name])
        except ReleaseError as error:
            raise unreadable_release(error) from error

    def answer(self, insert: Insert) -> Answer:
        """Give the answer an insert takes from."""
        return self._both(insert)[0]

    def rows(self, insert: Insert) -> Rows:
        """Give the rows an insert chooses, with the columns that it names."""
        answer, rows = self._both(insert)
        kept = [rows.rows[number] for number in answer.chosen(insert.conditions)]
        columns = insert.columns or rows.columns
        places = [rows.columns.index(column) for column in columns]
        return Rows(columns, [[row[place] for place in places] for row in kept], len(kept))

    def picture(self, insert: Insert, *, bars: int = 0) -> Picture | None:
        """Draw the answer as the header of its query has it, where the values allow it.

        With `bars`, bars are drawn from so many rows at most.
        """
        rows = self.rows(replace(insert, columns=()))
        query = self.query(insert.query)
        chart = choices(rows, query.chart).chart
        if chart is None:
            return None
        if bars and chart.kind is ChartKind.BAR:
            rows = Rows(rows.columns, rows.rows[:bars], rows.total)
        return picture(rows, chart, static_folder(), of_query(query.titles, chart))

    def has_rows(self, name: str) -> bool:
        """Tell whether a query gives rows."""
        return self._runs[name].form is Form.SELECT

    def _both(self, insert: Insert) -> tuple[Answer, Rows]:
        name = answer_name(insert.query, insert.parameters)
        if name not in self._read:
            try:
                kept = read_answer(self._release, name)
            except ReleaseError as error:
                raise unreadable_release(error) from error
            answer = Answer.read(kept)
            rows = rows_of(
                [kept],
                Form.SELECT,
                self._store,
                wanted=len(answer.rows),
                languages=self._languages,
            )
            self._read[name] = answer, rows
        return self._read[name]
