"""Makes the typeface of copies and pages from Adobe's Source Sans 3: `python -m web.fonts FOLDER`.

FOLDER is the unpacked npm package `source-sans` (3.52). Kept are the letters of Latin, Greek and Cyrillic and
the features that print them well; dropped is the rest, which leaves a quarter of the size. The licence (OFL)
reserves the name Source for the original, so ours is called Posting Sans. Needs fonttools and brotli.
"""

import shutil
import sys
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FAMILY = "Posting Sans"
LETTERS = (
    "0020-007E 00A0-024F 0259 02BC 02C6-02DD 0300-0304 0306-030C 0326-0328 0370-03FF 0400-045F 0490-0491 "
    "1E00-1EFF 2010-2015 2018-201E 2020-2022 2026 2030 2032 2033 2039 203A 2044 20AC 2116 2122 2190-2193 "
    "2212 2260 2264 2265"
)
FEATURES = ["kern", "locl", "ccmp", "mark", "mkmk", "zero", "pnum"]
PRINT = Path("web/typeface")
SCREEN = Path("web/static/fonts")


def _letters() -> set[int]:
    ends = [[int(end, 16) for end in part.split("-")] for part in LETTERS.split()]
    return {code for pair in ends for code in range(pair[0], pair[-1] + 1)}


def _lean(font: TTFont, style: str) -> TTFont:
    options = subset.Options(hinting=False, layout_features=FEATURES, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=_letters())
    subsetter.subset(font)
    names = {1: FAMILY, 3: f"{FAMILY} {style}", 4: f"{FAMILY} {style}", 6: f"{FAMILY}-{style}".replace(" ", "")}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    for number in (16, 17):
        font["name"].removeNames(nameID=number)
    return font


def make(source: Path) -> None:
    """Writes the two weights that print (TTF) and the one file with all weights that shows (WOFF2)."""
    for style in ("Regular", "Semibold"):
        font = _lean(TTFont(source / "TTF" / f"SourceSans3-{style}.ttf"), style)
        font.save(PRINT / f"PostingSans-{style}.ttf")
    variable = BytesIO()
    instantiateVariableFont(TTFont(source / "VF" / "SourceSans3VF-Upright.ttf"), {"wght": (400, 700)}).save(variable)
    font = _lean(TTFont(variable), "Variable")
    font.flavor = "woff2"
    font.save(SCREEN / "posting-sans.woff2")
    for folder in (PRINT, SCREEN):
        shutil.copy(source / "LICENSE.md", folder / "OFL.txt")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
