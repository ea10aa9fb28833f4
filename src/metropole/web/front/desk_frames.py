"""How serving processes talk: frames on a Unix stream socket.

A frame is one byte for its kind, four bytes for its length (big endian) and the content, as
between a server and its query workers.

- A request is handed over as REQUEST and BODY; the desk answers with HEAD, any number of BODY and
  END, which holds the last piece. Each request has a connection of its own: whoever leaves closes
  it, and an answer without END is one that failed.
- Whoever stays begins with MEMBER and its name. The desk asks FIGURES and gets FIGURES; it is
  told what clients USED and answers who has to WAIT.
"""

import asyncio
import json
from dataclasses import asdict
from typing import Any

from metropole.store.query_frames import PREFIX
from metropole.web.front.bridge import Headers
from metropole.web.front.environ import Scope
from metropole.web.requests.exchange import Exchange
from metropole.web.serving.query_log import LoggedQuery

REQUEST, HEAD, BODY, END = b"R", b"H", b"B", b"E"
MEMBER, FIGURES, USED, WAIT = b"M", b"F", b"U", b"W"
#: What a side reads ahead.
ROOM_BYTES = 1 << 18
_LATIN = "latin-1"
#: What is plain text in a scope of ASGI, what is bytes, and what is host and port.
_TEXTS = ("type", "http_version", "method", "scheme")
_BYTES = ("raw_path", "query_string")
_PLACES = ("client", "server")


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """Write a frame."""
    return PREFIX.pack(kind, len(content)) + content


async def read_frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read a frame; raises IncompleteReadError or ConnectionError at the end of the connection."""
    kind, length = PREFIX.unpack(await reader.readexactly(PREFIX.size))
    return kind, await reader.readexactly(length)


def scope_as_json(scope: Scope) -> bytes:
    """Write what is asked for; bytes are written as letters of ISO 8859-1."""
    told: dict[str, Any] = {name: scope[name] for name in _TEXTS}
    told |= {name: scope[name].decode(_LATIN) for name in _BYTES}
    told |= {name: scope.get(name) for name in _PLACES}
    told["headers"] = [
        (name.decode(_LATIN), value.decode(_LATIN)) for name, value in scope["headers"]
    ]
    return json.dumps(told).encode()


def scope_from_json(text: bytes) -> Scope:
    """Read what `scope_as_json` wrote."""
    told: dict[str, Any] = json.loads(text)
    told |= {name: told[name].encode(_LATIN) for name in _BYTES}
    told |= {name: tuple(told[name]) if told[name] else None for name in _PLACES}
    told["headers"] = _headers(told["headers"])
    return told


def head_as_json(status: int, headers: Headers, exchange: Exchange | None) -> bytes:
    """Write how a response begins, and what the application has noted of it."""
    told = [(name.decode(_LATIN), value.decode(_LATIN)) for name, value in headers]
    noted = asdict(exchange) if exchange is not None else None
    return json.dumps({"status": status, "headers": told, "exchange": noted}).encode()


def head_from_json(text: bytes) -> tuple[int, Headers, Exchange | None]:
    """Read what `head_as_json` wrote."""
    told = json.loads(text)
    noted = told["exchange"]
    if noted is not None and noted["logged"] is not None:
        noted["logged"] = LoggedQuery(**noted["logged"])
    exchange = Exchange(**noted) if noted is not None else None
    return told["status"], _headers(told["headers"]), exchange


def _headers(told: list[list[str]]) -> Headers:
    return [(name.encode(_LATIN), value.encode(_LATIN)) for name, value in told]
