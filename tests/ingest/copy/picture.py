"""Pictures of copies, as a scanner sees them."""

import re

import numpy as np
import pypdfium2


def modules_of(svg: str, pixels: int = 4) -> np.ndarray:
    """Paints the strokes of a QR code's SVG, with the quiet zone that a page has around it."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    picture = np.full((size, size), 255, np.uint8)
    for row, line in re.findall(r"M0 (\d+)\.5([^M\"]*)", svg):
        pen = 0
        for moved, drawn in re.findall(r"m(\d+) 0|h(\d+)", line):
            picture[int(row), pen : pen + int(drawn or 0)] = 0
            pen += int(moved or drawn)
    return np.pad(picture, 4, constant_values=255).repeat(pixels, 0).repeat(pixels, 1)


def pages_of(pdf: bytes, dpi: int = 100) -> list[np.ndarray]:
    """Draws the pages of a PDF in grey."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72, grayscale=True).to_numpy().copy() for page in document]


def words_of(pdf: bytes) -> list[str]:
    """Reads the text of each page of a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]
