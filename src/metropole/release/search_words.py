"""The words of a text as the search compares them: small, without marks, in Latin letters.

Both sides are folded alike, what is indexed and what is asked, so that `Łódź`, `lodz` and `ЛОДЗЬ`
meet. SQLite's own tokenizer keeps ł, ø, đ and every other script as it is.
"""

import re
from unicodedata import combining, normalize

#: Letters of Han, Hiragana and Katakana are words of their own: these scripts write no spaces.
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_ALONE}]|[^\\W_{_ALONE}]+")
#: Letters that Unicode does not decompose, and Cyrillic as passports write it (ICAO Doc 9303).
_LETTERS = str.maketrans(
    {
        **dict(zip("łøđðħŧıŋĸ", "loddhtink", strict=True)),
        **dict(zip("абвгдезиклмнопрстуфыэіґ", "abvgdeziklmnoprstufyeig", strict=True)),
        **dict(zip(("æ", "œ", "þ", "ъ", "ь"), ("ae", "oe", "th", "", ""), strict=True)),
        **dict(zip("жхцчшщ", ("zh", "kh", "ts", "ch", "sh", "shch"), strict=True)),
        **dict(zip("юяєђјљњћ", ("iu", "ia", "ie", "dj", "j", "lj", "nj", "c"), strict=True)),
    }
)


def _decomposed(text: str) -> str:
    parts = normalize("NFKD", text.casefold())
    plain = "".join([character for character in parts if not combining(character)])
    return plain.translate(_LETTERS)


#: The same for single letters of the Latin, Greek and Cyrillic scripts, which is faster.
_TABLE = {code: _decomposed(chr(code)) for code in range(0x80, 0x530) if not combining(chr(code))}


def folded(text: str) -> str:
    """Write a text in small letters, without marks, Cyrillic in Latin letters."""
    if text.isascii():
        return text.lower()
    plain = text.translate(_TABLE)
    return plain.lower() if plain.isascii() else _decomposed(text)


def words(text: str) -> list[str]:
    """List the folded words of a text; punctuation, signs and pictures are no words."""
    return _WORD.findall(folded(text))


def spans(text: str) -> list[tuple[int, int]]:
    """Give where the words of a text begin and end, in the text as it is written."""
    return [found.span() for found in _WORD.finditer(text)]


def deletions(word: str) -> set[str]:
    """List the beginning of a word, and the same with any one letter left out.

    Two words that differ by a letter more, less, another or two exchanged have one of these in
    common, which makes near words a lookup (symmetric deletion).
    """
    start = word[:BEGINNING]
    return {start, *(start[:place] + start[place + 1 :] for place in range(len(start)))}


#: Letters at the beginning of a word by which near words are found.
BEGINNING = 7
#: Shorter words are not mended: too many others are near.
SHORTEST_MENDED = 4


#: Shorter words are left whole: their beginnings are those of too many others.
_SHORTEST_INFLECTED, _ENDING, _ENDING_SHARE = 6, 2, 3


def stem(word: str) -> str:
    """Give the beginning that a word of many languages keeps in all its forms, at a guess."""
    if len(word) < _SHORTEST_INFLECTED or not word.isalpha():
        return word
    return word[: -max(_ENDING, len(word) // _ENDING_SHARE)]


def may_be_misspelt(word: str) -> bool:
    """Tell whether a word can be mended; a number is what it is."""
    return len(word) >= SHORTEST_MENDED and word.isalpha()
