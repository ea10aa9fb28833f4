"""Tell which keys of a JSON-LD file say nothing, and why a file of that format is empty."""

from metropole.graph.jsonld_contexts import KEYWORDS
from metropole.graph.jsonld_keys import LostKey, lost_keys
from metropole.report import Finding, Severity
from metropole.sources import Source

_NO_CONTEXT = (
    "Write an @context into the file that says what its keys mean, as "
    '"@context": {"name": "https://schema.org/name"}.'
)
_NO_OBJECT = "Write an object with an @context, an @id and properties, or remove the file."


def keys_in_vain(source: Source, *, says_nothing: bool) -> list[Finding]:
    """Find the keys of a valid file that no context defines; each is told once.

    Of a file that says nothing at all for want of a context, that alone is told.
    """
    lost = lost_keys(source.path.read_bytes())
    if says_nothing and not lost.has_object:
        return [_says_nothing(source, "no JSON object is in it", _NO_OBJECT)]
    if says_nothing and lost.keys and not lost.has_context:
        keys = ", ".join(f"'{each.key}'" for each in lost.keys[:3])
        return [_says_nothing(source, f"without an @context, {keys} mean nothing", _NO_CONTEXT)]
    return [_lost(source, each, has_context=lost.has_context) for each in lost.keys]


def _lost(source: Source, lost: LostKey, *, has_context: bool) -> Finding:
    more = f" ({lost.times} times in this file)" if lost.times > 1 else ""
    why, otherwise = _why(lost, has_context=has_context)
    hint = f"Did you mean '{lost.meant}'? " if lost.meant else ""
    return Finding(
        Severity.WARNING,
        "key-lost",
        f"{why}, so what stands under it is lost{more}.",
        file=source.name,
        line=lost.line,
        value=lost.key,
        remedy=f"{hint}{otherwise}",
    )


def _why(lost: LostKey, *, has_context: bool) -> tuple[str, str]:
    """Say why a key is lost, and what to do."""
    key, becomes = lost.key, lost.becomes
    if becomes in KEYWORDS:
        named = f"'{key}'" if key == becomes else f"'{key}', which is {becomes},"
        return (
            f"The keyword {named} says something in an @context only",
            "Move it into the @context of the object, or remove the key.",
        )
    if key.startswith("@"):
        return (
            f"JSON-LD has no keyword '{key}'",
            "Write a keyword of JSON-LD, or remove the key.",
        )
    if becomes != key or ":" in key:
        named = f"'{key}'" if key == becomes else f"'{key}', which becomes '{becomes}',"
        return (
            f"The key {named} is no IRI",
            f'Define it in the @context with a whole IRI, as "{key}": "https://schema.org/name".',
        )
    return (
        f"No @context defines the key '{key}'",
        f'Define it in the @context; "{key}": null says that it is left out on purpose.'
        if has_context
        else _NO_CONTEXT,
    )


def _says_nothing(source: Source, why: str, remedy: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "empty-file",
        f"'{source.name}' holds no statement: {why}.",
        file=source.name,
        remedy=remedy,
    )
