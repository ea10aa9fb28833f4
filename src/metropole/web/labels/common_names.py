"""What the properties of published vocabularies are called that nearly every site uses."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from metropole.vocab import WELL_KNOWN_PREFIXES


@cache
def common_names() -> Mapping[str, Mapping[str, str]]:
    """Map the IRIs of properties to their names by language."""
    text = files("metropole.web.labels").joinpath("common_names.toml").read_text("utf-8")
    return {
        WELL_KNOWN_PREFIXES[prefix] + local: names
        for prefix, terms in tomllib.loads(text).items()
        for local, names in terms.items()
    }
