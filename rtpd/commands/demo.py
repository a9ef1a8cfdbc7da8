"""`rtpd demo`: demo data in the running system, and lines to paste."""

import os
import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from rich.console import Console

from rtpd.addresses import addresses_of
from rtpd.demo import Demo, example, load_demo
from rtpd.output import Json, print_json
from rtpd.settings import Settings, read_settings

#: What a second terminal must be told if it is not the default.
_TOLD = ("home", "ingest_host", "ingest_port", "reports_host", "reports_port")


async def demo(*, json: Json = False) -> None:
    """Load demo data into the running system, once, and say what to try.

    Example: `RTPD_DEMO_DECLARATIONS=1000 rtpd demo`
    """
    settings = read_settings()
    made = await load_demo(settings, addresses_of(settings), Console(quiet=json))
    if json:
        print_json(made)
    else:
        print(hints(made, settings))


def hints(made: Demo, settings: Settings) -> str:
    """Gives lines that work when they are pasted into another terminal in the same folder."""
    rtpd = _program()
    officer = f"curl -s -H 'Authorization: Bearer {made.officer_token}'"
    operator = f"curl -s -H 'x-api-key: {made.api_key}' -H 'x-operator-id: {made.operator_id}'"
    body = shlex.quote(msgspec.json.encode(example(made)).decode())
    lines = [
        "An officer in France looks up a vehicle that is declared:",
        f"  {officer} '{_lookup(settings, made, made.plate or '')}'",
        "",
        f"The officers' pages, among them the desk: {settings.reports_url}/desk, with the token that stands above.",
        "",
        "An operator submits one declaration, and two seconds later the officer finds it:",
        f"  {operator} -H 'content-type: application/json' -d {body} {settings.ingest_url}/declarations/submit",
        f"  {officer} '{_lookup(settings, made, example(made).plates_heavy[0])}'",
        "",
        "What is queued, stored and published:",
        f"  {rtpd} status",
        "Judge a file without submitting it; one line in ten is wrong:",
        f"  {rtpd} generate --count 1000 --errors 0.1 | {rtpd} validate - --country PL",
        "A million more, and the proof that none is lost or doubled:",
        f"  {rtpd} generate --count 1000000 | {rtpd} submit - && {rtpd} reconcile",
    ]
    if told := _environment(settings):
        lines = ["In the other terminal first:", f"  export {told}", "", *lines]
    return "\n" + "\n".join(lines) + "\n"


def _lookup(settings: Settings, made: Demo, plate: str) -> str:
    return f"{settings.reports_url}/lookup?{urlencode({'plate': plate, 'host': made.host})}"


def _environment(settings: Settings) -> str:
    defaults = read_settings({})
    values = {name: getattr(settings, name) for name in _TOLD}
    return " ".join(
        f"RTPD_{name.upper()}={shlex.quote(str(value))}"
        for name, value in values.items()
        if value != getattr(defaults, name)
    )


def _program() -> str:
    """How to call `rtpd` from the working folder."""
    if shutil.which("rtpd"):
        return "rtpd"
    here = Path(sys.executable).parent / "rtpd"
    relative = os.path.relpath(here)
    return shlex.quote(str(here) if relative.startswith("..") else relative)
