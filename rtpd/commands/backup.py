"""`rtpd backup`: PostgreSQL and the lake as of one moment, in one folder."""

from pathlib import Path

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json
from rtpd.postgres_programs import run_program
from rtpd.settings import read_settings
from store.backup import backup as write_backup


async def backup(folder: Path, *, json: Json = False) -> None:
    """Copy PostgreSQL and the lake, as of one moment, into a new folder; everything goes on meanwhile.

    What is accepted and not stored yet stays in the journal (Redis), which this does not copy.

    Example: `rtpd backup /backups/2026-11-23`

    Parameters
    ----------
    folder
        Where the backup goes; it must be empty or not exist.
    json
        Print the manifest as JSON.
    """
    addresses = addresses_of(read_settings())
    manifest = await write_backup(addresses.database_url, Path(addresses.lake), folder, run_program)
    if json:
        print_json(manifest)
    else:
        print(f"{manifest.declarations:,} versions and {len(manifest.files):,} files of the lake are in {folder}")
