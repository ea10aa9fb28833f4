"""How alike two names are, from 0 to 100, whatever their accents, case and script."""

import re
from collections.abc import Iterable
from unicodedata import normalize

from metropole.near import distance
from metropole.release.search_words import words

#: The same letters; the same but for accents, script or punctuation; and the most that others get.
EXACT, FOLDED, LIKE = 100.0, 98.0, 94.0
#: Letters and words of a name that are compared: a longer cell is compared by its beginning.
MOST_LETTERS, MOST_WORDS = 500, 12
_SPACES = re.compile(r"\s+")
#: Shorter words are compared as they are, and from so many letters on two may differ.
_SHORTEST, _LONG = 4, 8
#: Letters of an abbreviation, as `Univ.`, and what is left of its likeness.
_ABBREVIATION, _ABBREVIATED = 3, 0.5


class Asked:
    """A name that is looked for; it remembers the words that were compared with its own."""

    def __init__(self, text: str) -> None:
        self.text = _plain(text[:MOST_LETTERS])
        self.words = words(self.text)[:MOST_WORDS]
        self._compared: dict[tuple[str, str], float] = {}

    def likeness(self, names: Iterable[str]) -> float:
        """Compare with the names of a thing, of which the nearest counts."""
        return max(map(self._likeness, names), default=0.0)

    def _likeness(self, name: str) -> float:
        name = name[:MOST_LETTERS]
        if _plain(name) == self.text:
            return EXACT
        others = words(name)[: 2 * MOST_WORDS]
        if not others or not self.words:
            return 0.0
        if others == self.words or "".join(others) == "".join(self.words):
            return FOLDED
        return LIKE * self._in_common(others)

    def _in_common(self, others: list[str]) -> float:
        """Give the part of the letters of both that is in words they have in common."""
        left, common = list(others), 0.0
        for word in self.words:
            near = max(left, key=lambda other: self._alike(word, other), default="")
            alike = self._alike(word, near)
            if alike:
                common += alike * (len(word) + len(near))
                left.remove(near)
        return common / sum(map(len, [*self.words, *others]))

    def _alike(self, word: str, other: str) -> float:
        if word == other:
            return 1.0
        found = self._compared.get((word, other))
        if found is None:
            found = self._compared[word, other] = _words_alike(word, other)
        return found


def _words_alike(word: str, other: str) -> float:
    shorter, longer = sorted((word, other), key=len)
    if len(shorter) >= _ABBREVIATION and longer.startswith(shorter):
        return _ABBREVIATED + (1 - _ABBREVIATED) * len(shorter) / len(longer)
    most = 2 if len(longer) >= _LONG else 1
    if len(shorter) < _SHORTEST or len(longer) - len(shorter) > most or not word.isalpha():
        return 0.0
    # Each letter that is not in the other word is one away: few words need to be gone through.
    if max(len(set(word) - set(other)), len(set(other) - set(word))) > most:
        return 0.0
    away = distance(word, other)
    return 1 - away / len(longer) if away <= most else 0.0


def _plain(text: str) -> str:
    """Write a name without what nobody means: case, spaces, ways to compose a letter."""
    return _SPACES.sub(" ", normalize("NFC", normalize("NFC", text).casefold())).strip()
