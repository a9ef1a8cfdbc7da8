"""Control characters: refused at intake, because one of them fails a whole COPY and hides in every listing."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain

from msgspec import inspect

from schemas.declaration import WIRE_NAMES, DeclarationLine
from validate.problems import NOTHING, Found, problem

#: U+0000-1F, 7F-9F, the line and paragraph separators, and halves of surrogate pairs.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _texts() -> tuple[str, ...]:
    line = inspect.type_info(DeclarationLine)
    assert isinstance(line, inspect.StructType)
    return tuple(
        field.name
        for field in line.fields
        if isinstance(field.type, inspect.UnionType)
        and any(isinstance(kind, inspect.StrType) for kind in field.type.types)
    )


_TEXTS = _texts()


def is_suspicious(block: bytes) -> bool:
    """Tells whether a block of lines may hold a control character inside a string.

    Such a character comes as a backslash escape, or raw as DEL, C1 (C2 in UTF-8) or a separator (E2); below
    U+0020 the decoder refuses it raw. Costs a few scans of memory; a yes may be wrong, a no is not.
    """
    if b"\\" in block or b"\x7f" in block:
        return True
    return not block.isascii() and (b"\xc2" in block or b"\xe2" in block)


def control_characters(columns: Mapping[str, Sequence[str | None]]) -> list[Found]:
    """Refuses each text of a block of lines that has a control character; the lists are looked at elsewhere.

    `columns` are the fields' values by the fields' names. Gives what was found on each line, or an empty list.
    """
    texts = [columns[name] for name in _TEXTS]
    if "".join(filter(None, chain.from_iterable(texts))).isprintable():
        return []
    return [_in_line(line) for line in zip(*texts, strict=True)]


def _in_line(texts: tuple[str | None, ...]) -> Found:
    if "".join(filter(None, texts)).isprintable():
        return NOTHING
    return tuple(
        problem("control_character", "/" + WIRE_NAMES[name], character=named(found[0]))
        for name, text in zip(_TEXTS, texts, strict=True)
        if text is not None and (found := CONTROL.search(text))
    )


def named(character: str) -> str:
    """Names a character that cannot be shown, as U+0000."""
    return f"U+{ord(character):04X}"
