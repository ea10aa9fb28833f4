"""The settings of a site: `metropole.toml`, read into one frozen dataclass.

`tables.py` says what settings there are; a test holds `docs/settings.md` to it. All problems of a
file are reported together: unknown names and wrong types by `types.py`, values that cannot work
by `values.py`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from metropole.encoding import NotUtf8, decoded
from metropole.errors import SettingsError
from metropole.settings.tables import (
    HOME_KINDS,
    TABLES,
    Catalogue,
    Dumps,
    Home,
    Limits,
    Section,
    Settings,
    settings_fields,
)
from metropole.settings.types import type_problems
from metropole.settings.values import value_problems
from metropole.wordings import chosen

__all__ = [
    "FILE_NAME",
    "HOME_KINDS",
    "TABLES",
    "Catalogue",
    "Dumps",
    "Home",
    "Limits",
    "Section",
    "Settings",
    "load",
    "settings_fields",
]

FILE_NAME = "metropole.toml"


def load(root: Path) -> Settings:
    """Read the settings of the site in folder `root`.

    Raises SettingsError with every problem of the file when it is missing, is not TOML
    or has unknown, missing or ill-typed settings.
    """
    path = root / FILE_NAME
    try:
        table = tomllib.loads(decoded(path.read_bytes()))
    except FileNotFoundError:
        raise SettingsError(
            f"{path}: there is no such file. Run 'metropole new {root}' to start a site, "
            "or name the folder of one."
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(
            f"{path}: cannot be read: {reason}. Put a readable file there."
        ) from error
    except NotUtf8 as error:
        remedy = "Save the file as UTF-8."
        raise SettingsError(f"{path}:{error.line}: cannot be read: {error}. {remedy}") from error
    except tomllib.TOMLDecodeError as error:
        place, reason = _placed(str(error))
        raise SettingsError(f"{path}{place}: cannot be read as TOML: {reason}.") from error
    problems = type_problems(Settings, table, "") + value_problems(table)
    if problems:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in problems))
    limits = Limits(**_values(table.pop("limits", {})))
    catalogue = Catalogue(**_values(table.pop("catalogue", {})))
    sections = table.pop("home", {}).get("sections", [])
    home = Home(tuple(Section(**_values(section)) for section in sections))
    dumps = Dumps(**_values(table.pop("dumps", {})))
    made = Settings(
        root=root, limits=limits, catalogue=catalogue, home=home, dumps=dumps, **_values(table)
    )
    return _with_title(made, table["title"])


def _with_title(made: Settings, title: str | Mapping[str, str]) -> Settings:
    """Tell the title that the site prefers from all of them."""
    if isinstance(title, str):
        return made
    told = {tag.lower(): text for tag, text in title.items()}
    return replace(made, title=chosen(told, (), made.languages).text, title_by_language=told)


def _placed(reason: str) -> tuple[str, str]:
    """Take the place out of a reason of `tomllib`, and write it as `:line:column`."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", reason, re.DOTALL)
    return (f":{found[2]}:{found[3]}", found[1]) if found else ("", reason)


def _values(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
