"""Pictures of pages for the README and the manuals, made by the tests that walk the pages.

`PICTURES=docs/pictures pytest -m browser` makes them; without the setting nothing is kept.
"""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.async_api import Page

#: Where pictures are kept, if they are wanted.
FOLDER = os.environ.get("PICTURES")
#: Pages have few colours: their most frequent ones are enough, and make a picture three times smaller.
_COLOURS = 256


async def keep(page: Page, name: str, *, full_page: bool = False) -> None:
    """Keeps a picture of what the browser shows as `<name>.png`."""
    if not FOLDER:
        return
    shown = Image.open(io.BytesIO(await page.screenshot(full_page=full_page))).convert("RGB")
    _with_fewer_colours(shown).save(Path(FOLDER) / f"{name}.png", optimize=True)


def _with_fewer_colours(shown: Image.Image) -> Image.Image:
    """Keeps the most frequent colours as they are, and takes the nearest of them for the others."""
    pixels = np.asarray(shown).reshape(-1, 3).astype(np.int32)
    colours, place, count = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-count)[:_COLOURS]]
    distances = ((colours[:, None, :] - kept[None, :, :]) ** 2).sum(axis=2)
    indices = distances.argmin(axis=1).astype(np.uint8)[place.reshape(-1)]
    small = Image.frombytes("P", shown.size, indices.tobytes())
    small.putpalette(kept.astype(np.uint8).tobytes())
    return small
