"""The verdict at the roadside: pure functions over what was counted (domain.md 6.1). Words are data."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

VerdictCode = Literal["GREEN", "AMBER_DRIVER", "AMBER_PLATE", "RED_PERIOD", "RED_LATE", "NONE"]


class Reason(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One thing that the look-up found: a stable code, the rule, a text and the law behind it."""

    code: str
    rule: str
    text: str
    legal_reference: str | None = None


class Notice(Struct, frozen=True, rename="camel"):
    """What is always said, so that nobody is fined who needs no declaration."""

    text: str
    legal_reference: str


class Verdict(Struct, frozen=True, rename="camel"):
    """The answer in one word, its title, and the reasons, the deciding ones first."""

    code: VerdictCode
    title: str
    reasons: tuple[Reason, ...]


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
    legal_reference: str | None = None


class _Notice(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    legal_reference: str


class _Texts(Struct, frozen=True, forbid_unknown_fields=True):
    notice: _Notice
    verdict: tuple[_Kind, ...]
    reason: dict[str, _Wording]


_TEXTS = msgspec.toml.decode((files("reports") / "data" / "verdicts.toml").read_bytes(), type=_Texts)
NOTICE = Notice(_TEXTS.notice.text, _TEXTS.notice.legal_reference)


def judge(counts: Counts, *, plate_known: bool, unusual_for: str | None = None) -> Verdict:
    """Judges what was found. `unusual_for` is the country whose plates do not look like this one."""
    found = _found(counts, plate_known=plate_known, unusual_for=unusual_for)
    kind = next(kind for kind in _TEXTS.verdict if any(code in found for code in kind.reasons))
    order = list(_TEXTS.reason)
    codes = sorted(found, key=lambda code: (code not in kind.reasons, order.index(code)))
    return Verdict(kind.code, kind.title, tuple(_worded(code, found[code]) for code in codes))


def _found(counts: Counts, *, plate_known: bool, unusual_for: str | None) -> dict[str, Mapping[str, object]]:
    """Gives the reasons that apply with the values of their texts."""
    numbers = {
        "in_force": counts.covering,
        "begun_before": counts.begun_before,
        "other_driver": counts.other_driver if not counts.covering else 0,
        "expired": counts.expired,
        "future": counts.future,
        "withdrawn": counts.withdrawn,
        "driver_elsewhere": counts.driver_elsewhere,
        "plate_removed": counts.plate_removed,
        "other_vehicles": counts.other_vehicles if not counts.listed else 0,
    }
    found: dict[str, Mapping[str, object]] = {code: {"count": count} for code, count in numbers.items() if count}
    if counts.declared_after is not None:
        found["declared_after"] = {"instant": counts.declared_after.isoformat(timespec="seconds")}
    if not plate_known:
        found["plate_unknown"] = {}
    elif not (counts.listed or counts.plate_removed or counts.declared_after):
        found["other_host"] = {}
    if unusual_for is not None:
        found["plate_unusual"] = {"country": unusual_for}
    return found


def _worded(code: str, values: Mapping[str, object]) -> Reason:
    wording = _TEXTS.reason[code]
    return Reason(code, wording.rule, wording.text.format_map(values), wording.legal_reference)
