"""Values of settings that have the right type and cannot work."""

import re
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_network
from urllib.parse import urlsplit

import pyoxigraph as ox

from metropole.authorities import ACCESS_RIGHTS, FREQUENCIES, THEMES
from metropole.settings.tables import CHOICES

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def value_problems(table: Mapping[str, object]) -> list[str]:
    """List values of the right type that cannot work."""
    problems = []
    base = table.get("base")
    if isinstance(base, str):
        problems += _base_problems(base)
    problems += _address_problems(table)
    problems += _language_problems(table.get("languages"))
    problems += _title_problems(table.get("title"))
    releases = table.get("releases")
    if releases == "":
        problems.append("'releases' is empty: name a folder, as \"releases\"")
    catalogue = table.get("catalogue")
    if isinstance(catalogue, dict):
        problems += _catalogue_problems(catalogue)
    dumps = table.get("dumps")
    if isinstance(dumps, dict):
        problems += _dumps_problems(dumps)
    proxies = table.get("trusted_proxies")
    if isinstance(proxies, list):
        problems += [problem for proxy in proxies for problem in _proxy_problems(proxy)]
    return problems


def _language_problems(languages: object) -> list[str]:
    """List what is no language tag, and the tags that say what one before them says."""
    problems, known = [], set[str]()
    for tag in _listed(languages):
        if not isinstance(tag, str):
            continue
        if not _LANGUAGE.fullmatch(tag):
            problems.append(
                f"'languages' has '{tag}', which is no language tag: write one as en, lt or pt-BR"
            )
        elif tag.lower() in known:
            problems.append(
                f"'languages' has '{tag}' again: write each language once, the preferred one first"
            )
        known.add(tag.lower())
    return problems


def _title_problems(title: object) -> list[str]:
    """List where the site has no name, and names that are in no language."""
    if title in ("", {}):
        return ["'title' is empty: give the site a name"]
    if not isinstance(title, dict):
        return []
    problems = [
        f"'title' has '{tag}', which is no language tag: write one as title.en"
        for tag in title
        if not _LANGUAGE.fullmatch(tag)
    ]
    empty = (tag for tag, text in title.items() if text == "")
    return [*problems, *(f"'title.{tag}' is empty: write it, or remove the line" for tag in empty)]


def _address_problems(table: Mapping[str, object]) -> list[str]:
    """List what would have to be an address and is none."""
    problems = []
    licence, contact = table.get("licence", ""), table.get("contact", "")
    if licence and isinstance(licence, str) and not _is_address(licence):
        problems.append(
            f"'licence' is '{licence}': it must be an http or https address, as "
            "https://creativecommons.org/licenses/by/4.0/"
        )
    if contact and isinstance(contact, str) and not _is_address(contact, "mailto:"):
        advice = f", as mailto:{contact}" if re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", contact) else ""
        problems.append(
            f"'contact' is '{contact}': it must be a mailto:, http or https address{advice}"
        )
    return problems


def _is_address(text: str, *others: str) -> bool:
    """Tell whether a text is an IRI with a scheme of the web, or with one of some others."""
    try:
        ox.NamedNode(text)
        fine = bool(urlsplit(text).hostname)
    except ValueError:
        return False
    is_web = text.startswith(("http://", "https://")) and fine
    return is_web or any(text.startswith(other) and text != other for other in others)


def _catalogue_problems(catalogue: Mapping[str, object]) -> list[str]:
    """List codes that are in no vocabulary, and what is no IRI or date."""
    given: list[tuple[str, object, Mapping[str, str]]] = [
        ("access_rights", catalogue.get("access_rights", "PUBLIC"), ACCESS_RIGHTS),
        ("frequency", catalogue.get("frequency", "IRREG"), FREQUENCIES),
    ]
    themes, spatial = catalogue.get("themes"), catalogue.get("spatial")
    given += [("themes", theme, THEMES) for theme in (themes if isinstance(themes, list) else ())]
    problems = [
        f"'catalogue.{name}' has '{code}', which is none of {', '.join(known)}"
        for name, code, known in given
        if code not in known
    ]
    addresses = [("spatial", each) for each in (spatial if isinstance(spatial, list) else ())]
    addresses.append(("publisher", catalogue.get("publisher", "")))
    problems += [
        f"'catalogue.{name}' has '{address}': it must be an http or https address"
        for name, address in addresses
        if isinstance(address, str) and address and not _is_address(address)
    ]
    days = catalogue.get("temporal")
    if isinstance(days, list) and not (len(days) == len("ab") and all(map(_is_day, days))):
        problems.append("'catalogue.temporal' must be two days, each as YYYY-MM-DD")
    return problems


def _dumps_problems(dumps: Mapping[str, object]) -> list[str]:
    """List names of files that cannot be made."""
    return [
        f"'dumps.{name}' has '{each}', which is none of {', '.join(known)}"
        for name, known in CHOICES.items()
        for each in _listed(dumps.get(name))
        if each not in known
    ]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_day(text: object) -> bool:
    try:
        return bool(date.fromisoformat(str(text)))
    except ValueError:
        return False


def _proxy_problems(proxy: object) -> list[str]:
    try:
        ip_network(str(proxy))
    except ValueError as error:
        return [f"'trusted_proxies' has '{proxy}', which is no address or network: {error}"]
    return []


def _base_problems(base: str) -> list[str]:
    try:
        parts = urlsplit(base)
        port_fine = parts.port is None or parts.port > 0
    except ValueError as error:
        return [f"'base' is not an address: {error}"]
    fine = (
        parts.scheme in ("http", "https")
        and parts.hostname
        and port_fine
        and parts.path.endswith("/")
        and not parts.query
        and not parts.fragment
        and _is_address(base)
    )
    if fine:
        return []
    return [f"'base' is '{base}': it must be an http or https address that ends in a slash"]
