"""Where the servers' sockets lie: in the home if its path is short enough for a socket's name."""

import hashlib
import os
import tempfile
from pathlib import Path

#: The kernel takes names of 107 bytes; the longest one in the folder is PostgreSQL's lock beside its socket.
_LONGEST_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


class ForeignFolderError(RuntimeError):
    """The folder for sockets belongs to someone else."""


def socket_folder(home: Path) -> Path:
    """Gives the folder `run` in the home, or a short one of ours under the folder for temporary files.

    It is not made here. Raises `ForeignFolderError` if the short one is there already and not ours.
    """
    folder = home / "run"
    if len(os.fsencode(folder)) <= _LONGEST_FOLDER:
        return folder
    digest = hashlib.blake2b(os.fsencode(home), digest_size=6).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"rtpd-{os.geteuid()}-{digest}"
    if folder.is_symlink() or (folder.exists() and os.geteuid() not in (0, folder.stat().st_uid)):
        raise ForeignFolderError(f"{folder} is not ours; set RTPD_HOME to a shorter path")
    return folder
