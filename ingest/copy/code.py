"""The QR code of a copy, drawn as one stroke per run of dark modules."""

import re
from typing import Any

import zxingcpp

_DARK = re.compile(rb"\x00+")


def svg(text: str) -> str:
    """Draws a QR code (error correction M, which survives a folded paper) as SVG, one unit a module, no margin."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image: Any = code.to_image(scale=1, add_quiet_zones=False)
    size, modules = image.shape[0], bytes(image)
    strokes = "".join(
        f"M{run.start()} {row}.5H{run.end()}"
        for row in range(size)
        for run in _DARK.finditer(modules[row * size : (row + 1) * size])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path stroke="#000" d="{strokes}"/></svg>'
    )
