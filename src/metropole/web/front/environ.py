"""The WSGI environment of an ASGI request (PEP 3333, section "environ Variables")."""

import io
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: An ASGI connection scope: https://asgi.readthedocs.io/en/latest/specs/www.html
Scope = MutableMapping[str, Any]
_LATIN = "latin-1"
_SLASH = re.compile(b"(%2[Ff])")
#: Headers with a name of their own, and those that end with the body's framing (RFC 9112, 6.1).
_NAMES = {b"content-type": "CONTENT_TYPE", b"content-length": None, b"transfer-encoding": None}


def environ_of(scope: Scope, body: bytes) -> "WSGIEnvironment":
    """Describe a request whose body has been read, as WSGI does.

    A header whose name has an underscore is left out: it would pass for another one.
    """
    host, port = scope.get("server") or ("localhost", 80)
    remote, remote_port = scope.get("client") or ("", "")
    version = scope["http_version"]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": decoded_path(scope["raw_path"]).decode(_LATIN),
        "QUERY_STRING": scope["query_string"].decode(_LATIN),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{version}" if "." in version else f"HTTP/{version}.0",
        "REMOTE_ADDR": remote,
        "REMOTE_PORT": str(remote_port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body or any(name in _NAMES and _NAMES[name] is None for name, _ in scope["headers"]):
        environ["CONTENT_LENGTH"] = str(len(body))
    _add_headers(environ, scope["headers"])
    return environ


def decoded_path(path: bytes) -> bytes:
    """Decode a path but for `%2F`, a slash that parts nothing (RFC 3986, section 2.2)."""
    if b"%" not in path:
        return path
    parts = _SLASH.split(path)
    plain = (each if _SLASH.fullmatch(each) else unquote_to_bytes(each) for each in parts)
    return b"".join(plain)


def _add_headers(environ: "WSGIEnvironment", headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        if b"_" in name:
            continue
        key = _NAMES.get(name, "HTTP_" + name.decode(_LATIN).upper().replace("-", "_"))
        if key is not None:
            text = value.decode(_LATIN)
            environ[key] = f"{environ[key]},{text}" if key in environ else text
