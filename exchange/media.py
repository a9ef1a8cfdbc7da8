"""What a file is, told by its content and never by its name or by what the sender says."""

import codecs
import hashlib
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from exchange.catalogue import Signature, file_limits, media_of, signatures

_HEAD_BYTES = 64
_PIECE_BYTES = 1 << 20
_MOST_MEMBERS = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a file: its SHA-256, size and kind; None if it is of no kind that we take."""

    digest: bytes
    size: int
    kind: Signature | None


def examine(file: BinaryIO, document_type: str) -> Examined:
    """Digests a file and tells its kind among those that the document type takes."""
    digest, size, is_text = hashlib.sha256(), 0, True
    decoder = codecs.getincrementaldecoder("utf-8")()
    head = b""
    while piece := file.read(_PIECE_BYTES):
        head = head or piece[:_HEAD_BYTES]
        digest.update(piece)
        size += len(piece)
        is_text = is_text and _is_text(decoder, piece)
    is_text = is_text and _is_text(decoder, b"", final=True)
    taken = media_of(document_type)
    fitting = (kind for kind in signatures() if kind.media in taken and _fits(kind, head, file, is_text=is_text))
    return Examined(digest.digest(), size, next(fitting, None))


def safe_name(name: str) -> str:
    """Gives a file's name without folders and control characters, shortened; `file` if nothing is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    most = file_limits().name_characters
    if dot and len(clean) > most:
        clean = f"{stem[: most - len(suffix) - 1]}.{suffix}"
    return clean[:most] or "file"


def name_of_kind(name: str, kind: Signature) -> str:
    """Gives a name that ends as files of this kind do, so that nothing opens it as something else."""
    return name if name.lower().rpartition(".")[2] in kind.suffixes else f"{name}.{kind.suffixes[0]}"


def _fits(kind: Signature, head: bytes, file: BinaryIO, *, is_text: bool) -> bool:
    if not any(head.startswith(bytes.fromhex(start)) for start in kind.starts):
        return False
    if kind.text:
        return is_text
    return kind.holds is None or _holds(file, kind.holds)


def _holds(file: BinaryIO, member: str) -> bool:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return len(archive.namelist()) <= _MOST_MEMBERS and member in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _is_text(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        return _CONTROL.search(decoder.decode(piece, final)) is None
    except UnicodeDecodeError:
        return False
