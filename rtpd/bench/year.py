"""A year of Europe: 18 million declarations of a million operators, in a folder that a broken-off run goes on in."""

import shutil
from datetime import date
from pathlib import Path
from uuid import uuid4

import msgspec
from msgspec import Struct

from loadtests.generator import Load
from rtpd.caller import Caller
from rtpd.receipts import ReceiptsFile, Run

_DECLARATIONS = 18_000_000
_OPERATORS = 1_000_000
_DAYS = 360
_ROUNDS = 2
#: Measured: rows with their keys and write-ahead log in Postgres, files of both levels of the lake.
_BYTES_A_DECLARATION = 1_600
_BYTES_ANYHOW = 12 << 30


class NoRoomError(RuntimeError):
    """The disk has not the room for what is to be measured."""


class YearState(Struct, frozen=True, rename="camel"):
    """What a run is of, kept so that it can go on: its load is always the same, its key and run's name too."""

    declarations: int
    operators: int
    today: date
    run: str
    who: Caller | None = None

    def load(self) -> Load:
        """Gives the load: every operator comes twice a year."""
        return Load(count=self.declarations, operators=self.operators, today=self.today, days=_DAYS, rounds=_ROUNDS)


class Year:
    """The state of a year's run in its folder."""

    def __init__(self, home: Path, scale: float, today: date) -> None:
        self.home = home
        self._file = home / "year.json"
        fresh = YearState(round(_DECLARATIONS * scale), max(2, round(_OPERATORS * scale)), today, uuid4().hex)
        known = msgspec.json.decode(self._file.read_bytes(), type=YearState) if self._file.exists() else None
        self.goes_on = known is not None and known.who is not None and known.declarations == fresh.declarations
        self.state = known if known and self.goes_on else fresh
        if not self.goes_on:
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            _check_room(home, fresh.declarations)

    def begin(self, who: Caller) -> None:
        """Notes by whose key the year is submitted: from now on it can go on."""
        self.state = msgspec.structs.replace(self.state, who=who)
        self._file.write_bytes(msgspec.json.encode(self.state))
        self._file.chmod(0o600)

    def end(self) -> None:
        """Notes that the year is measured: the next run begins anew."""
        self._file.unlink()

    def receipts(self) -> ReceiptsFile:
        """Opens the file of receipts, where it ends."""
        path = self.home / "receipts.ndjson"
        return ReceiptsFile.resume(path) if path.exists() else ReceiptsFile.begin(path, Run(self.state.run, 0))


def _check_room(folder: Path, declarations: int) -> None:
    """Raises `NoRoomError` if the disk has not the room."""
    wanted, free = declarations * _BYTES_A_DECLARATION, shutil.disk_usage(folder).free
    wanted += min(_BYTES_ANYHOW, wanted)
    if free < wanted:
        raise NoRoomError(
            f"{declarations:,} declarations need about {wanted >> 30} GB in {folder}, and {free >> 30} GB are free; "
            "name a smaller --scale, or set RTPD_HOME to a larger disk"
        )
