"""`rtpd reconcile`: proves that receipts, PostgreSQL and the lake hold the same declarations."""

import asyncio
from pathlib import Path

from rich.progress import Progress

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from store.reconcile import Sides, compare, settle, windows


async def reconcile(
    *, receipts: Path | None = None, complete: bool = False, wait: float = 60.0, most: int = 20, json: Json = False
) -> int:
    """Compare what was receipted, what PostgreSQL has and what the lake has, declaration by declaration.

    Ends with 1 if anything differs, and says what.

    Example: `rtpd reconcile --receipts receipts.ndjson`

    Parameters
    ----------
    receipts
        File of receipts as `rtpd submit --receipts` writes it.
    complete
        The file has every receipt there is: what is stored without one is a difference.
    wait
        Seconds to wait until all that is accepted is stored and published.
    most
        Differences to list.
    json
        Print JSON, for programs.
    """
    settings = read_settings()
    addresses = addresses_of(settings)
    sides = Sides(addresses.database_url, addresses.redis_url, addresses.lake, settings.shards)
    await settle(sides, wait)
    cut = await windows(sides.database_url)
    with Progress(transient=True, disable=json) as bar:
        task = bar.add_task("comparing", total=len(cut))
        outcome = await asyncio.to_thread(
            compare, sides, cut, receipts, complete=complete, most=most, progress=lambda: bar.advance(task)
        )
    if json:
        print_json(outcome)
    else:
        print_table(
            "Reconciled",
            ("receipts", "receipted", "PostgreSQL", "lake", "differences"),
            [(outcome.receipts, outcome.receipted, outcome.stored, outcome.published, outcome.differing)],
        )
        if outcome.differing:
            rows = [(one.kind, one.id, one.version or "", one.detail or "") for one in outcome.differences]
            print_table("Differences", ("kind", "id", "version", "detail"), rows)
    return int(outcome.differing > 0)
