"""The answers that were given last, kept as long as their release is served."""

from collections import OrderedDict
from collections.abc import Mapping

from metropole.web.front.answers import Answer, vary_of

#: Method, path, query and digest of the body of a request.
Target = tuple[str, bytes, bytes, bytes]
_Key = tuple[Target, tuple[bytes | None, ...]]


class AnswerCache:
    """Keeps answers within a bound on memory; what was not asked for longest goes first.

    An answer is found by its target and the values of the request headers that its `Vary`
    names (RFC 9111, section 4.1). All methods are for the event loop.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._release = ""
        self._answers: OrderedDict[_Key, Answer] = OrderedDict()
        #: The headers that the answers of a target vary by, and how many answers it has.
        self._vary: dict[Target, tuple[tuple[bytes, ...], int]] = {}
        self.bytes = 0

    @property
    def is_on(self) -> bool:
        """Tell whether anything is kept at all."""
        return self._most > 0

    def find(
        self, release_id: str, target: Target, headers: Mapping[bytes, bytes]
    ) -> Answer | None:
        """Find the answer to a request; what is from another release is forgotten."""
        if release_id != self._release:
            self._forget_all(release_id)
        known = self._vary.get(target)
        if known is None:
            return None
        key = (target, tuple(map(headers.get, known[0])))
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def keep(
        self, release_id: str, target: Target, headers: Mapping[bytes, bytes], answer: Answer
    ) -> None:
        """Keep an answer; what is from another release is forgotten."""
        if release_id != self._release:
            self._forget_all(release_id)
        if _size(target, answer) > self._most:
            return
        # What was kept by fewer headers is not found any more, and goes when room is needed.
        known, _ = self._vary.get(target, ((), 0))
        wanted = tuple(sorted({*known, *vary_of(answer.headers)}))
        key = (target, tuple(map(headers.get, wanted)))
        if key in self._answers:
            self._drop(key)
        _, count = self._vary.get(target, ((), 0))
        self._answers[key] = answer
        self._vary[target] = (wanted, count + 1)
        self.bytes += _size(target, answer)
        while self.bytes > self._most:
            self._drop(next(iter(self._answers)))

    def _forget_all(self, release_id: str) -> None:
        self._release = release_id
        self._answers.clear()
        self._vary.clear()
        self.bytes = 0

    def _drop(self, key: _Key) -> None:
        target = key[0]
        self.bytes -= _size(target, self._answers.pop(key))
        names, count = self._vary[target]
        if count == 1:
            del self._vary[target]
        else:
            self._vary[target] = (names, count - 1)


def _size(target: Target, answer: Answer) -> int:
    return answer.size + len(target[1]) + len(target[2])
