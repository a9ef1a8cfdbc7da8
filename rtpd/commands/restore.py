"""`rtpd restore`: fills an empty home from a backup."""

from pathlib import Path

from rtpd.embedded.servers import EmbeddedServers
from rtpd.output import Json, print_json
from rtpd.postgres_programs import run_program
from rtpd.settings import read_settings
from store.backup import restore as fill


async def restore(folder: Path, *, json: Json = False) -> None:
    """Fill an empty home (or the database and lake that the settings name) from a backup.

    Every file is checked against the backup's manifest first. Then start the system: `rtpd up`.

    Example: `RTPD_HOME=/srv/openrtpd rtpd restore /backups/2026-11-23`

    Parameters
    ----------
    folder
        The backup, as `rtpd backup` wrote it.
    json
        Print the manifest as JSON.
    """
    servers = EmbeddedServers(read_settings())
    addresses = servers.start()
    try:
        manifest = await fill(addresses.database_url, Path(addresses.lake), folder, run_program)
    finally:
        servers.stop()
    if json:
        print_json(manifest)
    else:
        print(f"{manifest.declarations:,} versions and {len(manifest.files):,} files of the lake are restored")
