"""The load model as tables: shares of everything (`data/shares.toml`), looks of each country (`data/places.toml`).

Source: domain.md 4.6 for the shares, 5.4 to 5.7 for the shapes.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtests.text import Album, Picture, Shelf

_DATA = files("loadtests") / "data"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VEHICLE = "plates"  # of third countries there are none: an operator's vehicles are registered at home


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / name).read_text("utf-8"))


@cache
def shares() -> dict[str, Any]:
    """Gives the shares as they stand in the file."""
    return _table("shares.toml")


class Weighted:
    """Names with their shares, in the file's order."""

    def __init__(self, table: dict[str, float]) -> None:
        self.names = tuple(table)
        self.shares: NDArray[np.float64] = np.array(list(table.values()), np.float64)


class Places:
    """What a person, an address and a number look like in each country; countries go by their place in `codes`."""

    def __init__(self) -> None:
        table = _table("places.toml")
        self.codes = tuple(table)
        rows = [table.get(row.get("like"), {}) | row for row in table.values()]
        streets = [[street.partition("%") for street in row["streets"]] for row in rows]
        self.first_names = Shelf([row["first_names"] for row in rows])
        self.last_names = Shelf([row["last_names"] for row in rows])
        self.before_number = Shelf([[before for before, _, _ in street] for street in streets])
        self.after_number = Shelf([[after for _, _, after in street] for street in streets])
        self.cities = Shelf([row["cities"] for row in rows])
        self.company_forms = Shelf([row.get("company_forms", [""]) for row in rows])
        self.post_codes = _album(rows, "post_code")
        self.phones = _album(rows, "phone")
        self.driving_licences = _album(rows, "driving_licence")
        self.documents = _album(rows, "document")
        self.community_licences = _album(rows, "community_licence")
        self.vat_numbers = _album(rows, "vat")
        self.plates = _album(rows, _VEHICLE, "letters")

    def index(self, names: tuple[str, ...]) -> NDArray[np.int64]:
        """Gives the places of these countries in `codes`."""
        return np.array([self.codes.index(name) for name in names])


def _album(rows: list[dict[str, Any]], name: str, letters: str | None = None) -> Album:
    def pictures(row: dict[str, Any]) -> list[Picture]:
        shapes = row.get(name, "")
        alphabet = row.get(letters, _LETTERS) if letters else _LETTERS
        return [Picture(shape, alphabet) for shape in ([shapes] if isinstance(shapes, str) else shapes)]

    return Album([pictures(row) for row in rows])


@cache
def places() -> Places:
    """Gives the countries' looks, read once."""
    return Places()
