"""The series of a picture: which colour each has, in the order in which the rows name them."""

from collections.abc import Iterable

#: Colours in the style sheet; behind them the first one comes again.
COLOURS = 12


class SeriesNames:
    """The names of series, each once."""

    def __init__(self, names: Iterable[str]) -> None:
        self._places = {name: place for place, name in enumerate(dict.fromkeys(names))}

    def colour(self, name: str) -> int:
        """Give the number of the colour of a series."""
        return self._places[name] % COLOURS

    @property
    def legend(self) -> tuple[str, ...]:
        """List the names in the order of their colours."""
        return tuple(self._places)
