"""`rtpd lookup`: what an officer at the roadside asks, from the command line."""

import sys
from datetime import datetime

import httpx
import msgspec
from rich.console import Console
from rich.padding import Padding

from reports.answer import FoundDeclaration, LookupAnswer
from rtpd.caller import officer_token
from rtpd.output import Json, print_table
from rtpd.settings import read_settings

_COLOURS = {"GREEN": "green", "AMBER": "yellow", "RED": "red", "NONE": "blue"}
_COLUMNS = ("number", "standing", "period", "plate", "operator", "driver")


class LookupRefusedError(RuntimeError):
    """Reports did not answer the look-up."""


def lookup(
    plate: str,
    /,
    *,
    host: str,
    country: str | None = None,
    at: datetime | None = None,
    driver: str | None = None,
    purpose: str | None = None,
    limit: int = 20,
    token: str | None = None,
    url: str | None = None,
    json: Json = False,
) -> None:
    """Ask whether a vehicle is covered in a host state, now or at another moment.

    The token is that of RTPD_OFFICER_TOKEN, else the demo's.

    Example: `rtpd lookup "PO 1AB23" --host FR --purpose "A6, km 112"`

    Parameters
    ----------
    plate
        The number plate in any spelling.
    host
        The Member State in which the vehicle is checked.
    country
        The country of registration, if it is known.
    at
        The moment as of which to answer, as in 2026-11-20T14:05:00+01:00; local time without an offset.
    driver
        The driver's name.
    purpose
        Why you look; it is logged.
    limit
        Declarations to show.
    token
        An officer's token to use instead.
    url
        Address of reports; by default that of the settings.
    """
    settings = read_settings()
    asked = {
        "plate": plate,
        "host": host,
        "country": country,
        "at": at.astimezone().isoformat() if at else None,
        "driver": driver,
        "purpose": purpose,
        "limit": limit,
    }
    body = _ask(url or settings.reports_url, officer_token(settings, token), asked)
    if json:
        sys.stdout.write(body.decode() + "\n")
    else:
        _print(msgspec.json.decode(body, type=LookupAnswer))


def _ask(url: str, token: str, asked: dict[str, str | int | None]) -> bytes:
    try:
        response = httpx.get(
            f"{url}/lookup",
            params={name: value for name, value in asked.items() if value is not None},
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
            trust_env=False,
        )
    except httpx.TransportError as error:
        raise LookupRefusedError(f"nothing answers at {url} ({type(error).__name__}); is it running?") from error
    if response.is_success:
        return response.content
    try:
        detail = msgspec.json.decode(response.content)["detail"]
    except (msgspec.DecodeError, KeyError, TypeError):
        detail = response.reason_phrase
    raise LookupRefusedError(f"{response.status_code} {detail}")


def _print(answer: LookupAnswer) -> None:
    console = Console()
    colour = _COLOURS[answer.verdict.partition("_")[0]]
    console.print(f"[bold {colour}]{answer.verdict}[/]  {answer.title}")
    for reason in answer.reasons:
        law = f" ({reason.legal_reference})" if reason.legal_reference else ""
        console.print(Padding(f"{reason.text}{law}", (0, 0, 0, 2)), markup=False)
    if answer.declarations:
        shown = f"{len(answer.declarations)} of {answer.total} declarations for {answer.host}"
        print_table(shown, _COLUMNS, [_row(declaration) for declaration in answer.declarations])
    console.print(answer.notice.text, style="dim", markup=False)


def _row(declaration: FoundDeclaration) -> tuple[object, ...]:
    names = (declaration.driver_first_name, declaration.driver_last_name)
    return (
        declaration.declaration_number + (f" version {declaration.version}" if declaration.version > 1 else ""),
        declaration.standing,
        f"{declaration.start_date} {declaration.end_date}",
        declaration.vehicle.plate,
        declaration.operator.name if declaration.operator else declaration.operator_country,
        " ".join(name for name in names if name),
    )
