"""The copy as a PDF: tagged, archivable, typeset by typst from `copy.typ` with a compiler that stays warm."""

import threading
from importlib.resources import as_file, files
from typing import Any

import msgspec
import typst
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.copy.code import svg
from ingest.copy.document import Copy
from ingest.copy.seal import live_address, seal
from ingest.copy.wording import plate_groups, sections
from schemas.languages import labels

#: Readable by machines for blind readers (PDF/UA-1) and in fifty years (PDF/A-2a).
_STANDARDS: "typst.PDFStandards" = ["a-2a", "ua-1"]
#: The title stands last: what is set before the content takes part in the styles of all of it, and typst would lay
#: out anew what it has from the copy before, such as the operator's lines and a fleet's plates.
_MAIN = b"""#import "/copy.typ": render
#let copy = json("copy.json")
#render(copy)
#set document(title: copy.title + " " + copy.number)
#metadata(none)
"""


class Typesetter:
    """Makes copies, one at a time; it holds its lock and no GIL meanwhile, so several run side by side.

    `key` signs what the QR code holds; `base_url` (scheme and host) is where live copies are shown.
    """

    def __init__(self, key: Ed25519PrivateKey, base_url: str) -> None:
        self._key = key
        self._base_url = base_url
        self._lock = threading.Lock()
        with as_file(files("ingest.copy")) as folder, as_file(files("web") / "typeface") as typeface:
            fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(typeface)])
            self._compiler = typst.Compiler(root=folder, font_paths=fonts)

    def pdf(self, copy: Copy, language: str) -> bytes:
        """Gives the PDF of a copy in one language (a code of `LANGUAGES`); the same copy gives the same bytes."""
        # The content comes as a file, not in `sys_inputs`: a change of those makes typst build its whole
        # standard library anew, which takes as long as a page.
        sources = {"main": _MAIN, "copy.json": msgspec.json.encode(self._content(copy, language))}
        made_at = int(copy.accepted_at.timestamp())
        try:
            return self._compiled(sources, made_at, _STANDARDS)
        except typst.TypstError:  # a letter that no font of ours has: the standards forbid the box in its place
            return self._compiled(sources, made_at, [])

    def _compiled(self, sources: dict[str, bytes], made_at: int, standards: "typst.PDFStandards") -> bytes:
        with self._lock:
            # the stubs know no sources in memory
            pdf = self._compiler.compile(sources, format="pdf", pdf_standards=standards, timestamp=made_at)  # type: ignore[type-var]
        assert isinstance(pdf, bytes)  # only pictures come as lists, and only files as None
        return pdf

    def _content(self, copy: Copy, language: str) -> dict[str, Any]:
        words = labels(language)["copy"]
        address = live_address(self._base_url, seal(copy, self._key))
        host = self._base_url.partition("://")[2].rstrip("/")
        return {
            "lang": language,
            "title": words["title"],
            "legal": words["legal"],
            "notice": words["withdrawn"] if copy.withdrawn else None,
            "number": copy.number,
            "version": words["version"].format(version=copy.version),
            "page": words["page"],
            "sections": [
                (section.heading, [(line.number, line.label, line.value) for line in section.lines])
                for section in sections(copy, language)
            ],
            "code": svg(address),
            "address": address,
            "check": f"{words['check_at'].format(host=host)}. {words['check_how']}",
            "plates-title": words["plates"],
            "total": words["plates_total"].format(count=len(copy.plates)),
            "plates": [(group.heading, group.plates) for group in plate_groups(copy, language)],
        }
