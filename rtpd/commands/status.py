"""`rtpd status`: queue, stores and processes of the running system."""

from rtpd.addresses import addresses_of, read_running
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from rtpd.status import Status, read_status


async def status(*, json: Json = False) -> int:
    """Show what waits in the queue, what is stored and published, and what runs.

    Ends with 1 if there are dead letters, or if a process is down.

    Example: `rtpd status --json`
    """
    settings = read_settings()
    running = read_running(settings.home)
    found = await read_status(addresses_of(settings), settings.shards, running.processes if running else [])
    if json:
        print_json(found)
    else:
        _print(found)
    dead = any(shard.dead_letters for shard in found.queue)
    down = any(process.memory_mb is None for process in found.processes)
    return int(dead or down)


def _print(found: Status) -> None:
    print_table(
        "Queue",
        ("shard", "declarations", "frames", "pending", "oldest s", "dead letters"),
        [
            (row.shard, row.declarations, row.frames, row.pending, _seconds(row.oldest_s), row.dead_letters)
            for row in found.queue
        ],
    )
    store = found.store
    print_table(
        "PostgreSQL",
        ("declarations", "batches", "unpublished", "oldest unpublished s", "MB"),
        [
            (
                store.declarations,
                store.batches,
                store.unpublished_batches,
                _seconds(store.oldest_unpublished_s),
                store.bytes >> 20,
            )
        ],
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


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"
