"""Ask a hostile query some times at once, and judge each answer: whole, an error, or cut."""

import http.client
import json
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

_PIECE = 1 << 18
#: A longer answer is judged by its end.
_PARSED_BYTES = 1 << 22
#: Of five equal queries this many stay equal: the rest are told apart by a comment.
_EQUAL = 2
_OK = http.client.OK


def attack(port: int, query: str, *, times: int, seconds: float) -> Counter[str]:
    """Ask a query so many times at once, each for so long at most, and count what came back.

    The kinds: `whole`, `refused` (4xx), `stopped` (503), `cut` (the connection ended in the
    middle, so that the client knows), and what must not be: `half`, `hung`, `failed`.
    """
    texts = [f"{query}\n# {number}" if number >= _EQUAL else query for number in range(times)]
    with ThreadPoolExecutor(times) as threads:
        return Counter(threads.map(lambda text: _judged(port, text, seconds), texts))


def _judged(port: int, query: str, seconds: float) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    headers = {
        "Accept": "application/sparql-results+json, application/n-triples",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    deadline = time.monotonic() + seconds
    try:
        connection.request("POST", "/sparql", urlencode({"query": query}), headers)
        answer = connection.getresponse()
        return _kind(answer, _body(answer, deadline))
    except TimeoutError:
        return "hung"
    except (http.client.IncompleteRead, ConnectionResetError):
        return "cut"
    except (OSError, http.client.HTTPException):
        return "failed"
    finally:
        connection.close()


def _body(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read to the end; of a long body only so much as is needed to judge it."""
    body = b""
    while piece := answer.read(_PIECE):
        body = (body if len(body) < _PARSED_BYTES else body[-_PIECE:]) + piece
        if time.monotonic() > deadline:
            raise TimeoutError
    if answer.length:  # http.client ends a body that is shorter than told without a word
        raise http.client.IncompleteRead(body, answer.length)
    return body


def _kind(answer: http.client.HTTPResponse, body: bytes) -> str:
    told = answer.headers.get_content_type()
    if answer.status == _OK:
        return "whole" if _is_whole(told, body) else "half"
    if told != "application/problem+json" or json.loads(body)["status"] != answer.status:
        return "half"
    if answer.status == http.client.SERVICE_UNAVAILABLE:
        return "stopped"
    is_refused = http.client.BAD_REQUEST <= answer.status < http.client.INTERNAL_SERVER_ERROR
    return "refused" if is_refused else "failed"


def _is_whole(told: str, body: bytes) -> bool:
    if told == "application/n-triples":
        return not body or body.endswith(b" .\n")
    if body.startswith(b'{"head"'):
        return isinstance(json.loads(body), dict)
    return body.endswith(b"}]}}")


class Trap:
    """A port of this machine on which nobody must ever call."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._socket.settimeout(0)
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"

    def calls(self) -> int:
        """Count the connections since the last call."""
        count = 0
        while True:
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return count
            connection.close()
            count += 1

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
