"""The verdict at the roadside: pure functions over what was counted (domain.md 6.1). Reasons are codes;
`reports/wording.py` words them."""

from datetime import datetime
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

VerdictCode = Literal["GREEN", "AMBER_DRIVER", "AMBER_PLATE", "RED_PERIOD", "RED_LATE", "NONE"]


class Verdict(Struct, frozen=True):
    """The answer in one word, and the codes of its reasons, the deciding ones first."""

    code: VerdictCode
    reasons: tuple[str, ...]


class Counts(Struct, frozen=True, kw_only=True, rename="camel"):
    """What was found of one vehicle for one host, by how it stood at the instant.

    `covering` are in force and, if a driver was named, that driver's; the last fields are of the same operators'
    declarations that do not name the vehicle.
    """

    covering: int = 0
    other_driver: int = 0
    future: int = 0
    expired: int = 0
    withdrawn: int = 0
    begun_before: int = 0
    plate_removed: int = 0
    driver_elsewhere: int = 0
    other_vehicles: int = 0
    declared_after: datetime | None = None

    @property
    def listed(self) -> int:
        """Declarations that name the vehicle."""
        return self.covering + self.other_driver + self.future + self.expired + self.withdrawn

    def __add__(self, other: "Counts") -> "Counts":
        after = [found for found in (self.declared_after, other.declared_after) if found is not None]
        mine, theirs = msgspec.structs.asdict(self), msgspec.structs.asdict(other)
        sums = {name: mine[name] + theirs[name] for name in mine if name != "declared_after"}
        return Counts(**sums, declared_after=min(after, default=None))


class _Kind(Struct, frozen=True, forbid_unknown_fields=True):
    code: VerdictCode
    title: str
    reasons: tuple[str, ...]


class _Wording(Struct, frozen=True, forbid_unknown_fields=True):
    rule: str
    text: str
    counts: str | None = None
    article: str | None = None


class _Notice(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    article: str


class _Law(Struct, frozen=True, forbid_unknown_fields=True):
    text: str


class _Texts(Struct, frozen=True, forbid_unknown_fields=True):
    law: _Law
    notice: _Notice
    verdict: tuple[_Kind, ...]
    reason: dict[str, _Wording]


#: Verdicts and reasons with their English texts; `reports/wording.py` says them in other languages.
TEXTS = msgspec.toml.decode((files("reports") / "data" / "verdicts.toml").read_bytes(), type=_Texts)


def judge(counts: Counts, *, plate_known: bool, plate_unusual: bool = False) -> Verdict:
    """Judges what was found; an unusual plate does not look like those of its country."""
    found = _found(counts, plate_known=plate_known, plate_unusual=plate_unusual)
    kind = next(kind for kind in TEXTS.verdict if any(code in found for code in kind.reasons))
    deciding = [code for code in TEXTS.reason if code in found and code in kind.reasons]
    others = [code for code in TEXTS.reason if code in found and code not in kind.reasons]
    return Verdict(kind.code, (*deciding, *others))


def _found(counts: Counts, *, plate_known: bool, plate_unusual: bool) -> set[str]:
    """Gives the reasons that apply."""
    found = {code for code, wording in TEXTS.reason.items() if wording.counts and getattr(counts, wording.counts)}
    if counts.covering:
        found.discard("other_driver")
    if counts.listed:
        found.discard("other_vehicles")
    if counts.declared_after is not None:
        found.add("declared_after")
    if not plate_known:
        found.add("plate_unknown")
    elif not (counts.listed or counts.plate_removed or counts.declared_after):
        found.add("other_host")
    if plate_unusual:
        found.add("plate_unusual")
    return found
