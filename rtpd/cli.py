"""The command line `rtpd`. Each command's module is imported only when the command is called."""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.metadata import version

from cyclopts import App, CycloptsError

from rtpd.settings import SettingsError, read_settings

_COMMANDS = {
    "up": "Run everything: servers, intake, reports and workers.",
    "restart": "Restart what runs, one process after the other, refusing nothing.",
    "ingest": "Run intake, the operators' side.",
    "worker": "Run one worker: drain or lake.",
    "reports": "Run reports, the authorities' side.",
    "migrate": "Bring the database to the schema of this release.",
    "demo": "Load demo data into the running system and say what to try.",
    "generate": "Write realistic declarations as NDJSON.",
    "submit": "Submit a file of declarations.",
    "import-rtpd": "Pull drivers, vehicles and declarations from RTPD or another OpenRTPD.",
    "validate": "Judge a file of declarations without a server.",
    "lookup": "Ask, as an officer, whether a vehicle is covered.",
    "verify-qr": "Say whether the code on a driver's copy is genuine.",
    "status": "Show queue, stores and processes.",
    "republish": "Make the lake anew from PostgreSQL.",
    "backup": "Copy PostgreSQL and the lake, as of one moment, into a folder.",
    "restore": "Fill an empty home from a backup.",
    "erase": "Remove one driver's declarations on order, with a certificate.",
    "reconcile": "Prove that receipts, PostgreSQL and the lake hold the same.",
    "settings": "Show every setting, its value and where it comes from.",
}
_GROUPS = {
    "operator": "Operators and their keys.",
    "officer": "Officers and their tokens.",
    "authority": "The directory of authorities.",
    "simulate": "Simulated work of authorities, for demonstrations.",
    "bench": "Measure what the system holds and what it costs.",
    "checks": "Patterns over the whole repository: hints, never verdicts.",
    "figures": "Performance indicators, facts and figures.",
    "pack": "The officers' pack: look-ups without coverage.",
    "register": "National registers that the checks compare with.",
}


def build(called: str | None) -> App:
    """Builds the command line; the command that is `called` shows its own docstring as help, not the summary."""
    app = App(
        name="rtpd",
        help="Posting declarations: takes them in, stores them, and answers the officer at the roadside.",
        version=lambda: version("openrtpd"),
        help_format="markdown",
        suppress_keyboard_interrupt=False,
    )
    for names, attribute in ((_COMMANDS, None), (_GROUPS, "app")):
        for name, summary in names.items():
            module = name.replace("-", "_")
            target = f"rtpd.commands.{module}:{attribute or module}"
            app.command(target, name=name, help=None if name == called else summary)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Gives its exit code: 0, 1 for what it found wrong, 2 for an error, 130 for Ctrl-C."""
    arguments = sys.argv[1:] if arguments is None else arguments
    called = next(iter(arguments), None)
    known = _COMMANDS | _GROUPS
    if called and not called.startswith("-") and called not in known:
        close = get_close_matches(called, known, n=1)
        return _fail(f"no command '{called}'" + (f"; did you mean {close[0]}?" if close else "; see rtpd --help"))
    try:
        code = build(called)(
            arguments,
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except CycloptsError as error:
        return _fail(f"{' '.join(str(error).split())} See `rtpd {called} --help`.")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 0
    except Exception as error:
        if _debugging():
            raise
        return _fail(" ".join(str(error).split()) or (error.__doc__ or type(error).__name__).split("\n")[0])
    return code if isinstance(code, int) else 0


def _debugging() -> bool:
    try:
        return read_settings().debug
    except SettingsError:
        return False


def _fail(text: str) -> int:
    sys.stderr.write(f"rtpd: {text}\n")
    return 2
