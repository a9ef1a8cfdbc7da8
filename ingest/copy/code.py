"""The QR code of a copy, drawn as one path with a stroke per run of dark modules."""

from functools import cache
from itertools import groupby
from typing import Any

import zxingcpp

#: Modules that are drawn from memory at once: there are few enough patterns of so many to keep them all.
_CHUNK = 12
#: A payload that ends in a signature looks like chance, so no mask is better than another; to weigh all eight, as
#: the norm wants it for texts, takes six times as long.
_MASK = 3


def svg(text: str) -> str:
    """Draws a QR code (error correction M, which survives a folded paper) as SVG, one unit a module, no margin."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=_MASK)
    image: Any = code.to_image(scale=1, add_quiet_zones=False)
    size, modules = image.shape[0], bytes(image)
    rows = (modules[start : start + size] for start in range(0, size * size, size))
    path = "".join(f"M0 {place}.5{_drawn(row)}" for place, row in enumerate(rows))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path stroke="#000" d="{path}"/></svg>'


def _drawn(row: bytes) -> str:
    return "".join([_strokes(row[start : start + _CHUNK]) for start in range(0, len(row), _CHUNK)])


@cache
def _strokes(modules: bytes) -> str:
    """Draws dark modules (zeros) and moves over light ones, from where the pen is."""
    runs = ((module, len(list(run))) for module, run in groupby(modules))
    return "".join(f"m{length} 0" if light else f"h{length}" for light, length in runs)
