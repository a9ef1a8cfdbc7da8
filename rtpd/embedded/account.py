"""PostgreSQL refuses to run as root: as root, it runs under an account of its own."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "rtpd"


class NoAccountError(RuntimeError):
    """There is no account under which PostgreSQL could run."""


@dataclass(frozen=True, slots=True)
class Account:
    """The ids under which an embedded server runs."""

    user: int
    group: int


def account_for(data: Path) -> Account | None:
    """Gives the account for a server whose data lie in `data`, None if it is the one we run as.

    As root it is the owner of the folder if that exists already, else the system account `rtpd`, which is
    made when it is missing. Raises `NoAccountError` if it cannot be made, or the folder is not ours.
    """
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise NoAccountError(f"{data} belongs to another account; run as that one or set RTPD_HOME")
        return None
    if owner and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _system_account()


def give(path: Path, account: Account | None) -> None:
    """Makes a private folder of the account, and lets the account pass (not read) the folders above it."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if account:
        os.chown(path, account.user, account.group)
        let_pass(path)


def let_pass(path: Path) -> None:
    """Lets every account pass through the folders above `path`; nothing becomes readable by it."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXGRP | stat.S_IXOTH)


def let_read(tree: Path) -> None:
    """Lets every account read and run what its owner may below `tree`, as after an install with umask 077."""
    let_pass(tree)
    for path in (tree, *tree.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        wanted = mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6
        if wanted != mode and not path.is_symlink():
            path.chmod(wanted)


def _system_account() -> Account:
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        if not shutil.which("useradd"):
            raise NoAccountError(
                f"PostgreSQL does not run as root, and there is neither an account '{NAME}' nor `useradd` "
                "to make it; run as an ordinary user, or set RTPD_DATABASE_URL"
            ) from None
        nologin = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin") or "/bin/false"
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", nologin, NAME],
            check=True,
            capture_output=True,
        )
        entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid)
