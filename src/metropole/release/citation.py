"""How a dataset is cited: BibTeX, CSL-JSON and plain text, always the same for the same release."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from metropole.release.dcat import Described
from metropole.release.manifest import Content

#: Characters that BibTeX or TeX understands otherwise.
_TEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "{}$&#%_"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Citation:
    """What a reference to a dataset says; `issued` is in seconds since 1970, None when unknown."""

    title: str
    language: str
    publisher: str
    issued: int | None
    #: Id of the release.
    version: str
    #: Where a reader finds what is cited.
    address: str

    @classmethod
    def of(cls, dataset: Described, content: Content) -> "Citation":
        """Cite a dataset as one release has it, by the address of the release.

        A source graph that has a document of its own is cited by its IRI.
        """
        release = dataset.release
        is_release = dataset.is_whole or bool(dataset.version)
        found_at = dataset.iri if dataset.page and not is_release else ""
        return cls(
            title=content.title if is_release else f"{dataset.name} ({content.title})",
            language=dataset.titles[0].language or content.languages[0],
            publisher=content.publisher,
            issued=dataset.modified,
            version=release.id,
            address=found_at or f"{content.base}releases/{release.id}",
        )

    def text(self) -> str:
        """Write the reference as a sentence, in the order of DataCite: who, when, what, where."""
        day = self._day()
        when = f" ({day.year})" if day else ""
        who = f"{self.publisher}{when}. {self.title}" if self.publisher else f"{self.title}{when}"
        return f"{who}. Version {self.version}. Dataset. {self.address}"

    def bibtex(self) -> str:
        """Write an entry for BibTeX, which biblatex reads too."""
        day = self._day()
        fields = {
            "author": f"{{{_for_tex(self.publisher)}}}" if self.publisher else "",
            "title": f"{{{_for_tex(self.title)}}}",
            "year": str(day.year) if day else "",
            "month": str(day.month) if day else "",
            "version": self.version,
            "note": f"Dataset, version {self.version}",
            "howpublished": f"\\url{{{_for_url(self.address)}}}",
            "url": _for_url(self.address),
            "language": self.language,
        }
        lines = [f"  {name} = {{{text}}}" for name, text in fields.items() if text]
        return f"@misc{{{self.key},\n" + ",\n".join(lines) + "\n}\n"

    def csl(self) -> str:
        """Write the reference as CSL-JSON, which reference managers read."""
        day = self._day()
        item: dict[str, object] = {
            "id": self.key,
            "type": "dataset",
            "title": self.title,
            "version": self.version,
            "URL": self.address,
            "language": self.language,
        }
        if self.publisher:
            item |= {"author": [{"literal": self.publisher}], "publisher": self.publisher}
        if day:
            item["issued"] = {"date-parts": [[day.year, day.month, day.day]]}
        return json.dumps([item], indent=2, ensure_ascii=False) + "\n"

    @property
    def key(self) -> str:
        """Name the entry after the host, the year and the beginning of the release."""
        host = _KEY.sub("-", (urlsplit(self.address).hostname or "").lower()).strip("-")
        last = _KEY.sub("-", urlsplit(self.address).path.lower()).strip("-").rpartition("-")[2]
        day = self._day()
        told = (host, str(day.year) if day else "", last, self.version[:8])
        return "-".join(dict.fromkeys(part for part in told if part and part != self.version))

    def _day(self) -> datetime | None:
        return None if self.issued is None else datetime.fromtimestamp(self.issued, UTC)


def _for_tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)


def _for_url(address: str) -> str:
    """Write an address so that braces and backslashes cannot end the field."""
    return "".join(f"%{ord(sign):02X}" if sign in "\\{}" else sign for sign in address)
