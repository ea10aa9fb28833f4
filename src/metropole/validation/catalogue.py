"""Hold the catalogue of a site to DCAT-AP, as every build does, and say which settings mend it."""

from collections.abc import Iterable
from importlib.resources import files

import pyoxigraph as ox

from metropole.report import Finding, Severity
from metropole.settings import FILE_NAME
from metropole.validation.shacl import Result, results
from metropole.vocab import DCAT, DCT, SH

_SHAPES = "dcat_ap.ttl"
#: Properties that settings decide: IRI to the setting.
_SETTINGS = {
    DCAT + "keyword": "keywords in [catalogue]",
    DCAT + "theme": "themes in [catalogue]",
    DCT + "spatial": "spatial in [catalogue]",
    DCT + "temporal": "temporal in [catalogue]",
    DCT + "license": "licence",
}


def catalogue_findings(triples: Iterable[ox.Triple]) -> tuple[Finding, ...]:
    """Tell in what a catalogue misses DCAT-AP: the mandatory as violations, settings as infos.

    Of a setting that is missing one finding is enough, however many datasets it concerns.
    """
    text = files("metropole.validation").joinpath(_SHAPES).read_bytes()
    shapes = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    found = sorted(results(triples, shapes), key=lambda each: (each.path, each.focus, each.value))
    told = {_recommended(each): None for each in found if each.severity == SH + "Warning"}
    broken = [_broken(each) for each in found if each.severity != SH + "Warning"]
    return (*broken, *told)


def _recommended(result: Result) -> Finding:
    setting = _SETTINGS[result.path[1:-1]]
    return Finding(
        Severity.INFO,
        "catalogue-setting",
        f"Data portals want {result.path}, and the catalogue has none.",
        file=FILE_NAME,
        path=result.path,
        remedy=f"Give the setting {setting}.",
    )


def _broken(result: Result) -> Finding:
    wrong = result.component.removeprefix(SH).removesuffix("ConstraintComponent")
    value = f" ({result.value})" if result.value else ""
    return Finding(
        Severity.VIOLATION,
        "catalogue",
        f"The catalogue would not be DCAT-AP: {result.path} of {result.focus} "
        f"fails {wrong}{value}.",
        file=FILE_NAME,
        focus=result.focus,
        path=result.path,
        value=result.value,
        remedy="Mend what the graph says of this dataset, or the settings.",
    )
