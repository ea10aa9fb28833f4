"""Names at the ends of lines: each as near to its line as those of the others let it."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Letters of a name that stands at its line, and for how many there are rooms in the style sheet.
_LONGEST, _ROOMS = 20, (8, 12, 16, 20)
#: With more lines the style sheet makes the picture higher.
_FEW = 6
#: Percent of the height that a line of letters takes, in a low picture and in a high one.
_STEP_OF_FEW, _STEP_OF_MANY = 6.4, 4.6
#: Where the first and the last name may stand, in percent.
_FIRST, _LAST = 3.0, 97.0


@dataclass(frozen=True)
class End:
    """The place of a name, and where its line ends, in percent."""

    name: str
    colour: int
    #: The end of the line, and the height of the name, which stands right of the picture.
    x: float
    y: float
    at: float


@dataclass(frozen=True)
class Ends:
    """All names at the ends of lines; none where a legend does better."""

    ends: tuple[End, ...] = ()
    #: The room for the names, in letters.
    room: int = 0
    is_many: bool = False


def named_ends(names: Sequence[str], points: Sequence[tuple[float, float]]) -> Ends:
    """Put names at the ends of lines, in the order of these; none for one line or a long name."""
    longest = max(map(len, names), default=0)
    if len(names) < 2 or not all(names) or longest > _LONGEST:  # noqa: PLR2004  # one needs no name
        return Ends()
    is_many = len(names) > _FEW
    step = _STEP_OF_MANY if is_many else _STEP_OF_FEW
    heights = spread([y for _, y in points], step, _FIRST, _LAST)
    placed = zip(names, points, heights, strict=True)
    return Ends(
        tuple(End(name, place, x, y, at) for place, (name, (x, y), at) in enumerate(placed)),
        next(room for room in _ROOMS if room >= longest),
        is_many,
    )


def spread(wanted: Sequence[float], step: float, first: float, last: float) -> list[float]:
    """Move places apart by at least a step, as little as can be, in their order and in bounds.

    Without the steps between them the places must not go down: those that do are moved to their
    mean (regression by pooling adjacent violators).
    """
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    pools: list[tuple[float, int]] = []
    for rank, place in enumerate(order):
        pools.append((wanted[place] - rank * step, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, number), (other, others) = pools.pop(), pools.pop()
            total = number + others
            pools.append(((mean * number + other * others) / total, total))
    highest = last - (len(wanted) - 1) * step
    means = [max(first, min(highest, mean)) for mean, number in pools for _ in range(number)]
    found = dict(zip(order, means, strict=True))
    ranks = {place: rank for rank, place in enumerate(order)}
    return [round(found[place] + ranks[place] * step, 2) for place in range(len(wanted))]
