"""Read the JSON that a client sent (RFC 8259): what other programs could read otherwise is refused.

Python takes more than JSON is: names that are there twice, of which it keeps the last, numbers
that are none, and halves of characters, which no answer, no log and no query can hold.
"""

import json
from collections import Counter
from typing import NoReturn


def client_json(text: str | bytes) -> object:
    """Read a text; raises ValueError, which says why, and RecursionError.

    Text must consist of Unicode scalar values (section 8.2), the names in an object must differ
    (section 4), and `NaN` and `Infinity` are no numbers (section 6).
    """
    value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        code = ord(error.object[error.start])
        raise ValueError(f"\\u{code:04x} is half of a character") from None
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        )
        # As JSON it can be told whatever it is.
        raise ValueError(f"the name {json.dumps(twice)} is there twice in an object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
