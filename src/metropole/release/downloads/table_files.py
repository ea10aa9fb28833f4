"""Write the table of a class as CSV (RFC 4180) and Parquet, with its data dictionary.

The dictionary is a description by CSV on the Web (Metadata Vocabulary for Tabular Data), beside
the table as that standard wants it: `schema-City.csv` has `schema-City.csv-metadata.json`.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metropole.release.downloads.tables import IRI, Column, Table
from metropole.vocab import QUDT, RDF, RDFS, XSD

DICTIONARY = "csv-metadata.json"
_CONTEXT = "http://www.w3.org/ns/csvw"
#: Properties for what the standard has no word for.
UNIT, UNIT_COLUMN = QUDT + "hasUnit", QUDT + "unit"
DATATYPES = "http://www.w3.org/ns/csvw#datatype"
PATH = "http://www.w3.org/ns/shacl#path"
#: Datatypes whose names in CSV on the Web are not those of their IRIs.
_OTHER_NAMES = {RDF + "HTML": "html", RDF + "XMLLiteral": "xml"}
#: Datatypes that the standard knows by the local names of their IRIs.
_BUILT_IN = frozenset(
    XSD + name
    for name in (
        *("anyURI", "base64Binary", "boolean", "byte", "date", "dateTime", "dateTimeStamp"),
        *("dayTimeDuration", "decimal", "double", "duration", "float", "gDay", "gMonth"),
        *("gMonthDay", "gYear", "gYearMonth", "hexBinary", "int", "integer", "language", "long"),
        *("Name", "negativeInteger", "NMTOKEN", "nonNegativeInteger", "nonPositiveInteger"),
        *("normalizedString", "positiveInteger", "QName", "short", "string", "time", "token"),
        *("unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort", "yearMonthDuration"),
    )
)


def write_csv(table: Table, path: Path) -> None:
    """Write a table as CSV: UTF-8, lines end in CR LF, the first has the names of the columns."""
    columns = table.columns
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        separators = [column.separator for column in columns]
        for cells in table.cells(columns):
            writer.writerow(
                [
                    sign.join(values) if sign else "".join(values[:1])
                    for sign, values in zip(separators, cells, strict=True)
                ]
            )


def write_parquet(table: Table, path: Path) -> None:
    """Write a table as Parquet."""
    # A large library, which nothing that serves needs.
    from metropole.release.downloads import parquet

    columns = table.columns
    rows = list(table.cells(columns))
    parquet.write_columns(
        [
            (column.name, column.datatype, bool(column.separator), [row[place] for row in rows])
            for place, column in enumerate(columns)
        ],
        path,
    )


def write_dictionary(table: Table, path: Path, licence: str) -> None:
    """Write what the columns of a table are."""
    told: dict[str, Any] = {
        "@context": [_CONTEXT, {"@language": "en"}],
        "url": path.name.removesuffix(f".{DICTIONARY}") + ".csv",
        "dc:title": table.title,
        "dc:subject": {"@id": table.about},
        "dc:extent": len(table.rows),
    }
    if table.description:
        told["dc:description"] = table.description
    if licence:
        told["dc:license"] = {"@id": licence}
    if table.left_out:
        told["rdfs:comment"] = (
            f"{table.left_out} values are lists, or nodes without an address that are nested "
            "deeper than one step; they are in the dumps of the class."
        )
    told["tableSchema"] = {
        "aboutUrl": f"{{+{IRI}}}",
        "primaryKey": IRI,
        "columns": [_described(column) for column in table.columns],
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Described:
    """A column as a dictionary tells of it to people."""

    name: str
    title: str
    description: str
    #: IRIs of the properties that lead to the values.
    path: tuple[str, ...]
    #: Local name of the datatype, `IRI`, or nothing for names that are looked up.
    datatype: str
    datatypes: tuple[str, ...]
    language: str
    separator: str
    unit: str
    unit_column: str
    names_of: str
    filled: int


def read_columns(told: Mapping[str, Any]) -> list[Described]:
    """Read the columns of a dictionary that `write_dictionary` wrote."""
    return [
        Described(
            name=column["name"],
            title=column["dc:title"],
            description=column.get("dc:description", ""),
            path=(column["propertyUrl"],)
            if "propertyUrl" in column
            else tuple(step["@id"] for step in column.get(PATH, ())),
            datatype=_shown(column["datatype"]),
            datatypes=tuple(_shown(each) for each in column.get(DATATYPES, ())),
            language=column.get("lang", ""),
            separator=column.get("separator", ""),
            unit=column.get(UNIT, ""),
            unit_column=column.get(UNIT_COLUMN, ""),
            names_of=column.get("dc:source", ""),
            filled=column["dc:extent"],
        )
        for column in told["tableSchema"]["columns"]
    ]


def _shown(datatype: str | Mapping[str, str]) -> str:
    if isinstance(datatype, str):
        return "IRI" if datatype == "anyURI" else datatype
    return datatype["@id"].replace("#", "/").rpartition("/")[2]


def _described(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "titles": column.name, "dc:title": column.title}
    if column.description:
        told["dc:description"] = column.description
    if len(column.path) == 1:
        told["propertyUrl"] = column.path[0]
    elif column.path:
        told[PATH] = [{"@id": iri} for iri in column.path]
    told |= _datatype(column)
    if column.separator:
        told["separator"] = column.separator
    if column.language:
        told["lang"] = column.language
    told |= {
        name: value
        for name, value in (
            ("dc:source", column.names_of),
            (UNIT, column.unit),
            (UNIT_COLUMN, column.unit_column),
        )
        if value
    }
    told["dc:extent"] = column.filled
    if column.name == IRI:
        told["required"] = True
    if _is_no_statement(column):
        told["suppressOutput"] = True
    return told


def _is_no_statement(column: Column) -> bool:
    """Tell whether cells are no statement about the thing, or one that the standard cannot say.

    It has no form for several IRIs in one cell, and none for a value of several datatypes.
    """
    return (
        len(column.path) != 1
        or bool(column.names_of)
        or (column.is_link and bool(column.separator))
        or bool(column.datatypes)
    )


def _datatype(column: Column) -> dict[str, Any]:
    if column.is_link:
        told: dict[str, Any] = {"datatype": "anyURI"}
        if column.path and not column.separator:
            told["valueUrl"] = f"{{+{column.name}}}"
        return told
    told = {DATATYPES: [{"@id": iri} for iri in column.datatypes]} if column.datatypes else {}
    iri = column.datatype
    if iri in _OTHER_NAMES:
        return told | {"datatype": _OTHER_NAMES[iri]}
    if iri in _BUILT_IN:
        return told | {"datatype": iri.removeprefix(XSD)}
    if iri in (RDF + "langString", RDFS + "Literal"):
        return told | {"datatype": "string"}
    return told | {"datatype": {"@id": iri, "base": "string"}}
