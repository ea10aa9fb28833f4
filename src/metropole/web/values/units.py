"""Signs of units (QUDT), which no site should have to bring along."""

from metropole.web.languages import gettext

_NAMESPACE = "http://qudt.org/vocab/unit/"
_SIGNS = {
    "NUM": "",
    "UNITLESS": "",
    "FRACTION": "",
    "PERCENT": "%",
    "CCY_EUR": "€",
    "CCY_USD": "$",
    "M": "m",
    "KiloM": "km",
    "M2": "m²",
    "KiloM2": "km²",
    "HA": "ha",
    "M3": "m³",
    "KiloGM": "kg",
    "TON_Metric": "t",
    "DEG_C": "°C",
    "KiloW-HR": "kWh",
}


def sign(iri: str) -> str | None:
    """Give the sign of a unit, empty for a plain count; None for one that is not known."""
    name = iri.removeprefix(_NAMESPACE) if iri.startswith(_NAMESPACE) else ""
    if name == "NUM-PER-KiloM2":
        return gettext("per km²")
    if name == "YR":
        return gettext("years")
    return _SIGNS.get(name)
