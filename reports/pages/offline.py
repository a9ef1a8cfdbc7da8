"""The page that works without a network: it keeps the officers' pack and answers from it (pack.js)."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from reports.pages.frame import framed
from reports.pages.roadside_visit import signed_in
from reports.roadside.asking import Ask
from reports.roadside.pack_shelf import MEDIA_TYPE
from reports.wording import notice
from validate.plates import LATIN, SEPARATORS
from web.choice import language_of
from web.pages import HEADERS

if TYPE_CHECKING:
    from reports.app import Parts

_WORKER = Path(__file__).parent / "static" / "offline_worker.js"


@get("/roadside/offline")
async def offline(request: Ask) -> Response[str]:
    """The page that a device keeps. It is the same for everybody: no name and no form's token stand in it."""
    parts: Parts = request.app.state.parts
    key = (await parts.packs.public_key()).public_bytes_raw()
    shown = {
        "key": base64.b64encode(key).decode(),
        "latin": {chr(letter): latin for letter, latin in LATIN.items()},
        "separators": "".join(sorted(SEPARATORS)),
        "notice": notice(language_of(request)),
    }
    return framed(request, None, "offline.html", shown)


@get("/roadside/pack")
async def download(request: Ask) -> Response[bytes]:
    """The pack of the officer's state."""
    who, _ = await signed_in(request)
    content = await who.parts.packs.pack(who)
    await who.log("pack", who.host, "READ", None)
    return Response(content, media_type=MEDIA_TYPE, headers=HEADERS)


@get("/roadside/offline_worker.js")
async def worker() -> Response[bytes]:
    """The script that answers for the roadside's pages while there is no network."""
    headers = {**HEADERS, "cache-control": "no-cache", "service-worker-allowed": "/roadside"}
    return Response(_WORKER.read_bytes(), media_type="text/javascript; charset=utf-8", headers=headers)


HANDLERS: list[HTTPRouteHandler] = [offline, download, worker]
