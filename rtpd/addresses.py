"""Where a running system is found: in the settings, or in what `rtpd up` wrote into the home."""

from pathlib import Path

import msgspec
from msgspec import Struct

from rtpd.settings import Settings


class NothingRunsError(RuntimeError):
    """No system runs in this home, and the settings name none."""


class Addresses(Struct, frozen=True):
    """PostgreSQL (postgresql://), Redis (redis:// or unix://) and the lake (a folder or s3://)."""

    database_url: str
    redis_url: str
    lake: str


class RunningProcess(Struct, frozen=True):
    """One process that `rtpd up` supervises."""

    name: str
    pid: int
    starts: int


class Running(Struct, frozen=True):
    """What `rtpd up` writes to `<home>/running.json` while it runs."""

    addresses: Addresses
    processes: list[RunningProcess]


def running_file(home: Path) -> Path:
    """Gives the file that tells what runs in a home."""
    return home / "running.json"


def read_running(home: Path) -> Running | None:
    """Gives what runs in a home, None if `rtpd up` does not run there."""
    try:
        return msgspec.json.decode(running_file(home).read_bytes(), type=Running)
    except FileNotFoundError:
        return None


def lake_folder(settings: Settings) -> str:
    """Gives the lake as an absolute folder or the address that is set."""
    lake = settings.lake or str(settings.home / "lake")
    return lake if "://" in lake else str(Path(lake).expanduser().absolute())


def addresses_of(settings: Settings) -> Addresses:
    """Gives the addresses of the running system: each one from the settings, else from `rtpd up` in the home.

    Raises `NothingRunsError` if an address is in neither.
    """
    if settings.database_url and settings.redis_url:
        return Addresses(settings.database_url, settings.redis_url, lake_folder(settings))
    running = read_running(settings.home)
    if running is None:
        raise NothingRunsError(
            f"nothing runs in {settings.home}: start it with `rtpd up`, "
            "or set RTPD_HOME, or RTPD_DATABASE_URL and RTPD_REDIS_URL"
        )
    return Addresses(
        settings.database_url or running.addresses.database_url,
        settings.redis_url or running.addresses.redis_url,
        lake_folder(settings) if settings.lake else running.addresses.lake,
    )
