"""Digests of what is sent (RFC 9530), and which of them a client wants."""

import base64
import re

#: What `Want-Repr-Digest` may hold: a dictionary of numbers from 0 to 10 (section 4).
_WANTED = re.compile(r"\s*([a-z0-9*\-_.]+)\s*=\s*(\d{1,2})\s*(?:,|$)")
_OURS = "sha-256"


def is_wanted(header: str | None, *, otherwise: bool) -> bool:
    """Tell whether a client wants SHA-256; 0 is a refusal, and other algorithms are not ours."""
    if not header:
        return otherwise
    wanted = {name: int(rank) for name, rank in _WANTED.findall(header)}
    return wanted.get(_OURS, 0) > 0 if wanted else otherwise


def digest_field(sha256_hex: str) -> str:
    """Write a digest as `Repr-Digest` and `Content-Digest` have it."""
    return f"{_OURS}=:{base64.b64encode(bytes.fromhex(sha256_hex)).decode()}:"
