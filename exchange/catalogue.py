"""What exchanges are about, as data: modules with their questions and forms, document types, codes (domain.md 4.2)."""

from functools import cache
from importlib.resources.abc import Traversable

import msgspec
from msgspec import Struct

from schemas.codes import DATA

_FOLDER = DATA / "exchange"


class Module(Struct, frozen=True, forbid_unknown_fields=True, rename={"groups": "group"}):
    """One module of the exchange: its legal basis, procedures, form and questions by group.

    `fields` end in `!` where they must be filled in; `escalation` is the question that an unanswered request for
    documents leads to.
    """

    legal: str
    competence: str
    procedures: list[str]
    fields: list[str]
    groups: dict[str, dict[str, str]]
    escalation: str | None = None

    @property
    def questions(self) -> dict[str, str]:
        """Every question, code to the kind of its answer."""
        return {code: kind for questions in self.groups.values() for code, kind in questions.items()}

    @property
    def form(self) -> dict[str, bool]:
        """The form's fields, each with whether it must be filled in."""
        return {name.rstrip("!"): name.endswith("!") for name in self.fields}


class DocumentType(Struct, frozen=True, forbid_unknown_fields=True):
    """A type of document: where it may be asked for, what its files may be. `attached` is never asked for."""

    code: str
    modules: list[str]
    media: str
    source: str
    attached: bool = False


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """How the content of a file tells its kind: the bytes it starts with, a member of the archive, text."""

    media: str
    type: str
    suffixes: list[str]
    starts: list[str]
    holds: str | None = None
    text: bool = False


class FileLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """How large and how many files may be, and how long their names."""

    megabytes: int
    request_megabytes: int
    files: int
    name_characters: int

    @property
    def bytes(self) -> int:
        """The most bytes of one file."""
        return self.megabytes << 20


class _Documents(Struct, forbid_unknown_fields=True):
    limits: FileLimits
    media: dict[str, list[str]]
    document: list[DocumentType]
    signature: list[Signature]


class Codes(Struct, frozen=True, forbid_unknown_fields=True):
    """The codes that content may have, by what they say."""

    reason: dict[str, list[str]]
    answer: dict[str, list[str]]
    rating: dict[str, list[str]]
    alert: dict[str, list[str]]


@cache
def modules() -> dict[str, Module]:
    """Reads all modules by name."""
    return {name: msgspec.toml.decode(text, type=Module) for name, text in _texts(_FOLDER / "modules").items()}


@cache
def document_types() -> dict[str, DocumentType]:
    """Reads all document types by code."""
    return {one.code: one for one in _documents().document}


@cache
def codes() -> Codes:
    """Reads the codes."""
    return msgspec.toml.decode((_FOLDER / "codes.toml").read_bytes(), type=Codes)


def file_limits() -> FileLimits:
    """Gives the limits of files."""
    return _documents().limits


def signatures() -> list[Signature]:
    """Gives the kinds of files, the surest sign first."""
    return _documents().signature


def media_of(document_type: str) -> list[str]:
    """Gives the kinds of files that a document type takes."""
    return _documents().media[document_types()[document_type].media]


def documents_of(module: str) -> list[DocumentType]:
    """Gives the document types that may be asked for in a module."""
    return [one for one in document_types().values() if module in one.modules and not one.attached]


@cache
def _documents() -> _Documents:
    return msgspec.toml.decode((_FOLDER / "documents.toml").read_bytes(), type=_Documents)


def _texts(folder: Traversable) -> dict[str, bytes]:
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): file.read_bytes() for file in sorted(files, key=lambda file: file.name)}
