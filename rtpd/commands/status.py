"""`rtpd status`: queue, stores and processes of the running system."""

from pathlib import Path

from rtpd.addresses import addresses_of, read_running
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from rtpd.status import Status, read_status


async def status(*, json: Json = False) -> int:
    """Show what waits in the queue, what is stored and published, and what runs.

    Ends with 1 if something needs a person: a server that does not answer, a disk without room, dead letters, a
    process that is down.

    Example: `rtpd status --json`
    """
    settings = read_settings()
    running = read_running(settings.home)
    addresses = addresses_of(settings)
    home = settings.home
    folders = [home, home / "postgres", home / "redis", *([] if "://" in addresses.lake else [Path(addresses.lake)])]
    found = await read_status(addresses, settings.shards, running.processes if running else [], folders)
    if json:
        print_json(found)
    else:
        _print(found)
    return int(bool(found.trouble))


def _print(found: Status) -> None:
    print_table(
        "Queue",
        ("shard", "declarations", "frames", "pending", "oldest s", "dead letters"),
        [
            (row.shard, row.declarations, row.frames, row.pending, _seconds(row.oldest_s), row.dead_letters)
            for row in found.queue
        ],
    )
    if store := found.store:
        age = _seconds(store.oldest_unpublished_s)
        print_table(
            "PostgreSQL",
            ("declarations", "batches", "unpublished", "oldest unpublished s", "MB"),
            [(store.declarations, store.batches, store.unpublished_batches, age, store.bytes >> 20)],
        )
    print_table(
        "Lake" if found.snapshot is None else f"Lake, snapshot {found.snapshot}",
        ("table", "rows", "files", "MB"),
        [(table.name, table.rows, table.files, table.bytes >> 20) for table in found.lake],
    )
    print_table(
        "Processes",
        ("process", "pid", "starts", "memory MB"),
        [
            (row.name, row.pid, row.starts, "down" if row.memory_mb is None else row.memory_mb)
            for row in found.processes
        ],
    )
    print_table(
        "Disks", ("folder", "free MB", "MB"), [(disk.folder, disk.free >> 20, disk.size >> 20) for disk in found.disks]
    )
    for trouble in found.trouble:
        print(f"! {trouble}")


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"
