"""PostgreSQL's own client programs, run from their wheel."""

import subprocess

from rtpd.embedded.postgres import programs


class ProgramFailedError(RuntimeError):
    """A program of PostgreSQL failed; the message is its last line."""


def run_program(name: str, arguments: list[str]) -> None:
    """Runs pg_dump or pg_restore. Raises `ProgramFailedError` if it fails."""
    done = subprocess.run([programs() / name, *arguments], capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise ProgramFailedError(f"{name} failed: {lines[-1]}")
