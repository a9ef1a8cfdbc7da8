"""Two years of Europe's declarations as Parquet, in minutes: what analyses and figures are tried on.

It goes past intake and queue on purpose; what those hold is measured by `rtpd bench`.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from loadtests.model import shares
from schemas import statements

_SQL = statements.load("loadtests", "history")
_FIRST_NAMES = ["Jan", "Piotr", "Tomas", "Ivan", "Andrei", "Marek", "Serhii", "Rustam", "Ion", "Miklós"]
_LAST_NAMES = ["Nowak", "Kazlauskas", "Popescu", "Kovač", "Petrenko", "Tóth", "Novák", "Ivanou", "Silva", "Müller"]
_DRAWS = 2_000  # every hundredth of a per cent that the shares name is at least one of them
#: At scale 1 it gives 14 million declarations in 2022 and 18 million in 2023.
_REACH = 5.1


@dataclass(frozen=True, slots=True)
class History:
    """Where the files of a history are: globs of the lake's two tables, and the file of operators."""

    declaration_version: str
    fleet_plate: str
    operators: Path


def write_history(
    folder: Path, *, scale: float = 1.0, amended: float = 0.0, whole: bool = True, memory_mb: int = 2_000
) -> History:
    """Writes 2022 and 2023 into `folder`; at `scale` 1 that is 32 million declarations, of which `amended` change.

    Not `whole`, it has only the columns of first versions that facts and figures read, and no fleets.

    Raises duckdb's errors, when the disk is full among them.
    """
    origins, hosts = (_to_draw_from(shares()[name]) for name in ("origins", "hosts"))
    for table in ("declaration_version", "fleet_plate"):
        (folder / table).mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": f"{memory_mb}MB", "preserve_insertion_order": "false"}) as connection:
        connection.execute("SET temp_directory = ?", [str(folder / "spill")])
        values = {
            "scale": scale,
            "amended": amended,
            "reach": _REACH,
            "origins": origins,
            "hosts": hosts,
            "first_names": _FIRST_NAMES,
            "last_names": _LAST_NAMES,
        }
        for name, value in values.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        connection.execute("CREATE TABLE host (code VARCHAR, weight DOUBLE)")
        connection.executemany("INSERT INTO host VALUES (?, ?)", list(shares()["hosts"].items()))
        place = str(folder).replace("'", "''")
        kinds = ("plates", "declarations") if whole else ("submissions",)
        for name in ("drawing", "operators", "drivers", "submitted", "operator_file", *kinds):
            connection.execute(_SQL[name].replace("{folder}", place))
    return History(
        str(folder / "declaration_version" / "*.parquet"),
        str(folder / "fleet_plate" / "*.parquet"),
        folder / "operator.parquet",
    )


def _to_draw_from(weights: dict[str, float]) -> list[str]:
    """Gives a list in which each name stands as often as its share says, and at least once."""
    return [name for name, share in weights.items() for _ in range(max(1, round(share * _DRAWS)))]
