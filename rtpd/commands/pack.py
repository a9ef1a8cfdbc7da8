"""`rtpd pack`: the officers' pack, a signed file for places without coverage."""

import asyncio
import re
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cyclopts import App
from msgspec import Struct

from reports.roadside.pack import PackAnswer, PackCode, read
from reports.roadside.pack_build import build as build_pack
from rtpd.addresses import addresses_of
from rtpd.commands.verify_qr import own_key, public_keys
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from schemas.codes import POSTING_COUNTRIES, country
from store.service_keys import service_key
from validate.plates import plate_key
from validate.seal import SealedCopy, verify

app = App(name="pack", help="The officers' pack: look-ups without coverage.")


class HostUnknownError(ValueError):
    """This is no country to which drivers are posted."""


class Built(Struct, frozen=True, rename="camel"):
    """A pack that was written."""

    file: str
    host: str
    day: date
    declarations: int
    plates: int
    bytes: int
    bytes_per_declaration: float


class CodeFound(Struct, frozen=True, rename="camel"):
    """A genuine code, and what the pack says of its declaration."""

    copy: SealedCopy
    pack: PackCode


@app.command
def build(*, host: str, day: date | None = None, file: Path | None = None, json: Json = False) -> None:
    """Write the pack of one host state for one day, signed with the service's key.

    Example: `rtpd pack build --host FR --day 2026-11-24`

    Parameters
    ----------
    host: The host state whose officers carry it.
    day: The day for which it is made; today without it.
    file: Where to write; `officers-FR-2026-11-24.rtpdpack` here by default.
    """
    code, when = country(host.upper()), day or datetime.now(UTC).date()
    if code not in POSTING_COUNTRIES:
        raise HostUnknownError(f"nobody is posted to {code}; hosts are {' '.join(POSTING_COUNTRIES)}")
    addresses, target = addresses_of(read_settings()), file or Path(f"officers-{code}-{when}.rtpdpack")
    key = asyncio.run(_private_key(addresses.database_url))
    content = build_pack(addresses.database_url, addresses.lake, code, when, key)
    target.write_bytes(content)
    pack = read(content, [key.public_key()])
    each = round(len(content) / max(pack.declarations, 1), 2)
    built = Built(str(target), code, when, pack.declarations, pack.plates, len(content), each)
    if json:
        print_json(built)
    else:
        print(
            f"{target}  {built.bytes:,} bytes for {built.declarations:,} declarations of {built.plates:,} vehicles, "
            f"{each} bytes a declaration"
        )


@app.command
def lookup(
    plate: str,
    /,
    *,
    file: Path,
    on: date | None = None,
    licence: str | None = None,
    key: Path | None = None,
    json: Json = False,
) -> int:
    """Ask a pack about a plate or the code on a driver's copy; no network is needed with --key.

    Ends with 1 unless the verdict is GREEN, or the code stands as it was sealed.

    Example: `rtpd pack lookup "PO 1AB23" --file officers-FR-2026-11-24.rtpdpack --key keys.pem`

    Parameters
    ----------
    plate: The number plate in any spelling, or what a QR code holds.
    file: The pack.
    on: The day of the control; the pack's own without it.
    licence: The number of the driver's driving licence, to narrow the answer.
    key: File with the service's public keys; without it, the key of the running system.
    """
    keys = public_keys(key.read_bytes()) if key else [asyncio.run(own_key())]
    pack = read(file.read_bytes(), keys)
    if len(plate) > 60:
        copy = verify(plate, keys)
        found = CodeFound(copy, pack.look_up_code(copy))
        print_json(found) if json else _tell_code(found)
        return int(not found.pack.found or bool(found.pack.outdated))
    plain = re.sub("[^A-Z0-9]", "", licence.upper()) if licence else None
    answer = pack.look_up(plate_key(plate).key, on, plain)
    print_json(answer) if json else _tell(answer)
    return int(answer.verdict != "GREEN")


def _tell(answer: PackAnswer) -> None:
    counts = answer.counts
    rows: list[tuple[str, object]] = [
        ("verdict", f"{answer.verdict}  {answer.title}"),
        ("in force", counts.covering),
        ("in force, other driver", counts.other_driver),
        ("begin later", counts.future),
        ("expired", counts.expired),
        ("withdrawn", counts.withdrawn),
        ("operators from", " ".join(answer.operator_countries)),
        ("as of", f"{answer.built_at:%d/%m/%Y %H:%M} UTC"),
    ]
    print_table(f"{answer.plate_key} in {answer.host}", ("field", "value"), rows)
    print(answer.notice.text)


def _tell_code(found: CodeFound) -> None:
    state = "newer version exists" if found.pack.outdated else "as sealed" if found.pack.found else "not in the pack"
    print(f"Genuine: {found.copy.number}, version {found.copy.version}; {state}.")


async def _private_key(database_url: str) -> Ed25519PrivateKey:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool:
        return Ed25519PrivateKey.from_private_bytes(await service_key(pool, "receipt"))
