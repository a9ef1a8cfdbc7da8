"""GET /changelog, and the headers by which an address says that it will go (RFC 9745, RFC 8594)."""

import re
import sys
from collections.abc import Sequence
from datetime import UTC, date
from email.utils import format_datetime
from itertools import groupby

import msgspec

from ingest.http import Request
from ingest.intake import Intake
from ingest.paging import day
from schemas import __version__
from schemas.changes import CHANGES, Change, Changes, Deprecated

Header = tuple[bytes, bytes]
_encode = msgspec.json.Encoder().encode
_PARAMETER = re.compile(r"\{[^}]*\}")
PREAMBLE = """# Changes to the operators' API

What programs can see, newest first; the same as JSON at `GET /changelog`. An address that is to go answers with the
headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) for at least six months, and stands here.
"""


class Changelog(msgspec.Struct, rename="camel"):
    """The changes since a day, newest first, and what is to go."""

    version: str
    items: list[Change]
    deprecated: list[Deprecated]


async def read_changelog(_intake: Intake, request: Request) -> None:
    """Handles GET /changelog, with `?since=` the changes from that day on."""
    since = day(request.parameters(), "since") or date.min
    items = [one for one in CHANGES.change if one.day >= since]
    await request.answer_unless_known(_encode(Changelog(__version__, items, CHANGES.deprecated)))


def plain(path: str) -> str:
    """Gives a path with its parameters unnamed, so that all ways of naming them are alike."""
    return _PARAMETER.sub("{}", path)


def headers_of(method: str, path: str, deprecated: Sequence[Deprecated] = CHANGES.deprecated) -> tuple[Header, ...]:
    """Gives the headers with which a method of an address says that it will go; none if it will stay."""
    for one in deprecated:
        if (one.method, plain(one.path)) == (method, plain(path)):
            links = ['</changelog>; rel="deprecation"; type="application/json"']
            links += [f'<{one.instead}>; rel="successor-version"'] if one.instead else []
            return (
                (b"deprecation", b"@%d" % int(one.since.timestamp())),
                (b"sunset", format_datetime(one.sunset.astimezone(UTC), usegmt=True).encode()),
                (b"link", ", ".join(links).encode()),
            )
    return ()


def as_markdown(changes: Changes = CHANGES) -> str:
    """Writes docs/api-changelog.md."""
    parts = [PREAMBLE]
    if changes.deprecated:
        rows = [
            f"| `{one.method} {one.path}` | {one.since:%Y-%m-%d} | {one.sunset:%Y-%m-%d} | {one.instead or ''} |"
            for one in changes.deprecated
        ]
        heading = ["| Route | Deprecated | Gone | Instead |", "|---|---|---|---|"]
        parts.append("\n".join(["## What is to go", "", *heading, *rows, ""]))
    for on, some in groupby(changes.change, lambda one: one.day):
        told = [f"- **{one.kind}** {one.text} ({', '.join(f'`{route}`' for route in one.routes)})" for one in some]
        parts.append("\n".join([f"## {on}", "", *told, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
