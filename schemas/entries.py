"""Accepted versions of declarations on their way into a frame."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from msgspec.structs import astuple

from schemas.declaration import Declaration
from schemas.operator import OperatorCard


class FleetLike(Protocol):
    """What a frame needs of a judged fleet; `validate.fleet.Fleet` is one."""

    @property
    def fleet_id(self) -> bytes | None: ...
    @property
    def plates(self) -> tuple[str, ...]: ...
    @property
    def plate_keys(self) -> tuple[str, ...]: ...
    @property
    def weights(self) -> tuple[str, ...]: ...


class CarriageLike(Protocol):
    """What a frame needs of a judged carriage; `validate.carriage.Carriage` is one."""

    @property
    def cabotage(self) -> bool: ...
    @property
    def international(self) -> bool: ...
    @property
    def goods(self) -> bool: ...
    @property
    def passengers(self) -> bool: ...


class JudgedLike(CarriageLike, Protocol):
    """What a frame needs of a judgement; `validate.judge.Judgement` is one."""

    @property
    def fleet(self) -> FleetLike: ...


class Entries:
    """Accepted versions on their way into a frame, column by column: one list entry for each version.

    `rows` are the declarations taken apart (`msgspec.structs.astuple`), instants microseconds since 1970,
    ids 16 bytes.
    """

    __slots__ = (
        "accepted_at",
        "cards",
        "carriages",
        "declaration_ids",
        "fleets",
        "rows",
        "submitted_at",
        "versions",
        "withdrawn",
    )

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.carriages: list[CarriageLike] = []
        self.fleets: list[FleetLike] = []
        self.cards: list[OperatorCard] = []
        self.declaration_ids: list[bytes] = []
        self.versions: list[int] = []
        self.withdrawn: list[bool] = []
        self.accepted_at: list[int] = []
        self.submitted_at: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    def extend(self, others: "Entries") -> None:
        """Adds all of others."""
        for name in Entries.__slots__:
            getattr(self, name).extend(getattr(others, name))

    def add(self, entry: "Entry") -> None:
        """Adds one version."""
        self.rows.append(astuple(entry.declaration))
        self.carriages.append(entry.judged)
        self.fleets.append(entry.judged.fleet)
        self.cards.append(entry.card)
        self.declaration_ids.append(entry.declaration_id)
        self.versions.append(entry.version)
        self.withdrawn.append(entry.withdrawn)
        self.accepted_at.append(entry.accepted_at)
        self.submitted_at.append(entry.submitted_at)

    def add_first(
        self,
        at: int,
        rows: Iterable[tuple[Any, ...]],
        carriages: Iterable[CarriageLike],
        fleets: Iterable[FleetLike],
        cards: Iterable[OperatorCard],
        declaration_ids: Iterable[bytes],
    ) -> None:
        """Adds the first versions of some declarations, accepted and submitted at `at`."""
        self.rows.extend(rows)
        self.carriages.extend(carriages)
        self.fleets.extend(fleets)
        self.cards.extend(cards)
        self.declaration_ids.extend(declaration_ids)
        added = len(self.rows) - len(self.versions)
        self.versions += [1] * added
        self.withdrawn += [False] * added
        self.accepted_at += [at] * added
        self.submitted_at += [at] * added


class Entry(NamedTuple):
    """One accepted version; instants in microseconds since 1970, id 16 bytes."""

    declaration: Declaration
    judged: JudgedLike
    card: OperatorCard
    declaration_id: bytes
    version: int
    withdrawn: bool
    accepted_at: int
    submitted_at: int
