"""Styles, script and typeface: served by ourselves, under names that change when they do."""

import hashlib
from functools import cache
from pathlib import Path

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.static_files import create_static_files_router

#: For styles and scripts only: a page has a form's token beside what was typed, which its compressed size would betray.
COMPRESSED = DefineMiddleware(CompressionMiddleware, config=CompressionConfig("gzip", minimum_size=1_000))
STATIC = Path(__file__).parent / "static"
_YEAR = 365 * 86_400


@cache
def asset(name: str) -> str:
    """Gives the address of a static file, with a digest of its content."""
    digest = hashlib.blake2s((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?{digest}"


def static_files() -> Router:
    """Makes the route of the static files; browsers keep them for a year."""
    return create_static_files_router(
        path="/static",
        directories=[STATIC],
        cache_control=CacheControlHeader(max_age=_YEAR, immutable=True, public=True),
        middleware=[COMPRESSED],
        name="static",
    )
