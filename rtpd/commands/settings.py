"""`rtpd settings`: every setting with its value and where it comes from."""

from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings, shown


def settings(*, json: Json = False) -> None:
    """Show every setting, its value (secrets masked) and where it comes from.

    Example: `RTPD_INGEST_PORT=9080 rtpd settings`
    """
    rows = shown(read_settings())
    if json:
        print_json(rows)
    else:
        print_table(
            "Settings",
            ("variable", "value", "from", "meaning"),
            [(row.name, row.value, row.source, row.description) for row in rows],
        )
