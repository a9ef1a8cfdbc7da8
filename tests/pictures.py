"""Pictures of pages for the README and the manuals, made by the tests that walk the pages.

`PICTURES=docs/pictures pytest -m browser` makes them; without the setting nothing is kept.
"""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

#: Where pictures are kept, if they are wanted.
FOLDER = os.environ.get("PICTURES")
#: Pages have few colours: as many as these are enough, and make a picture three times smaller.
_COLOURS = 256


async def keep(page: Page, name: str, *, full_page: bool = False) -> None:
    """Keeps a picture of what the browser shows as `<name>.png`."""
    if not FOLDER:
        return
    shown = Image.open(io.BytesIO(await page.screenshot(full_page=full_page))).convert("RGB")
    small = shown.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(Path(FOLDER) / f"{name}.png", optimize=True)
