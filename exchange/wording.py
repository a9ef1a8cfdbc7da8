"""The catalogue in a reader's language: what can be asked and answered, and every code with its text."""

from functools import cache

from msgspec import Struct

from exchange.catalogue import codes, document_types, media_of, modules
from exchange.procedures import deadlines, procedures
from exchange.texts import table
from exchange.view import Said, said


class Question(Struct, frozen=True):
    """A question of a module's set, and how it is answered."""

    code: str
    text: str
    answer: str


class Group(Struct, frozen=True):
    """Questions that belong together."""

    code: str
    text: str
    questions: list[Question]


class Field(Struct, frozen=True):
    """A field of a module's form."""

    code: str
    text: str
    required: bool


class Document(Struct, frozen=True):
    """A document type, the kinds of files that it takes, and where the duty stands."""

    code: str
    text: str
    media: list[str]
    source: str


class ModuleWording(Struct, frozen=True):
    """A module of the exchange."""

    code: str
    text: str
    legal: str
    procedures: list[Said]
    fields: list[Field]
    groups: list[Group]
    documents: list[Document]


class DeadlineWording(Struct, frozen=True):
    """A deadline as the act or IMI has it."""

    procedure: str
    module: str
    kind: str
    text: str
    unit: str
    count: int
    calendar: str
    urgent: bool
    source: str


class Catalogue(Struct, frozen=True):
    """Everything that a desk chooses from."""

    language: str
    modules: list[ModuleWording]
    answers: dict[str, list[Said]]
    reasons: dict[str, list[Said]]
    ratings: dict[str, list[Said]]
    alerts: dict[str, list[Said]]
    states: list[Said]
    moves: list[Said]
    competences: list[Said]
    deadlines: list[DeadlineWording]


@cache
def catalogue(reader: str) -> Catalogue:
    """Words the whole catalogue in a language."""

    def coded(name: str, kinds: dict[str, list[str]]) -> dict[str, list[Said]]:
        return {kind: [said(name, code, reader) for code in listed] for kind, listed in kinds.items()}

    known = codes()
    states = dict.fromkeys(state for one in procedures().values() for state in one.states)
    moves = dict.fromkeys(move for one in procedures().values() for move in one.moves)
    return Catalogue(
        reader,
        [_module(name, reader) for name in modules()],
        coded("answer", known.answer),
        coded("reason", known.reason),
        coded("rating", {name: known.rating[name] for name in ("timeliness", "effort")}),
        coded("alert", known.alert),
        [said("state", state, reader) for state in states],
        [said("move", move, reader) for move in moves],
        [said("competence", code, reader) for code in table(reader, "competence")],
        [
            DeadlineWording(
                one.procedure,
                one.module,
                one.kind,
                table(reader, "date")[one.kind],
                one.unit,
                one.count,
                one.calendar,
                one.urgent,
                one.source,
            )
            for one in deadlines()
        ],
    )


def _module(name: str, reader: str) -> ModuleWording:
    module, texts = modules()[name], table(reader, "question")
    return ModuleWording(
        name,
        table(reader, "module")[name],
        module.legal,
        [said("procedure", one, reader) for one in module.procedures],
        [Field(code, table(reader, "field")[code], required) for code, required in module.form.items()],
        [
            Group(
                group, table(reader, "group")[group], [Question(code, texts[code], kind) for code, kind in held.items()]
            )
            for group, held in module.groups.items()
        ],
        [
            Document(one.code, table(reader, "document")[one.code], media_of(one.code), one.source)
            for one in document_types().values()
            if name in one.modules
        ],
    )
