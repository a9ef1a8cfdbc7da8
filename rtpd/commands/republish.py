"""`rtpd republish`: makes the lake anew from PostgreSQL, whatever happened to its files or its catalog."""

from pathlib import Path

from rich.progress import Progress

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json
from rtpd.settings import read_settings
from store.republish import republish as make_anew


async def republish(*, json: Json = False) -> None:
    """Make the lake's declarations and plates anew from PostgreSQL; look-ups see the old lake until it is done.

    Example: `rtpd republish && rtpd reconcile`
    """
    addresses = addresses_of(read_settings())
    with Progress(transient=True, disable=json) as bar:
        task = bar.add_task("republishing")
        await make_anew(
            addresses.database_url,
            Path(addresses.lake),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if json:
        print_json({"republished": True})
    else:
        print("The lake is as PostgreSQL has it; `rtpd reconcile` proves it.")
