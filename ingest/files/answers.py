"""What is answered to a file of vehicles."""

import msgspec

from ingest.findings import LineFinding


class TakenVehicles(msgspec.Struct, rename="camel"):
    """What became of a file of vehicles; `problems` are of refused rows, counted as a spreadsheet does."""

    created: int
    changed: int
    unchanged: int
    refused: int
    problems: list[LineFinding]
