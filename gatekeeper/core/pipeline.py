"""Pipelines and their stages in order. Pure, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Path(StrEnum):
    """What a stage is in the course of a deal (language A23)."""

    MAIN = "main"
    OPTIONAL = "optional"  # it may be skipped
    SIDE = "side"  # it has no place in the order


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the rules: one or several consecutive stages of the CRM.

    Attributes:
        values: The CRM's own values (ids or API names) that it covers.
        is_excluded: Deals in it are held against nothing.
        id: The CRM's id of the stage, which stays when its label changes.
        former: Labels it had before; rules may still use them.
    """

    name: str
    values: tuple[str, ...]
    is_closed: bool = False
    is_won: bool = False
    path: Path = Path.MAIN
    is_excluded: bool = False
    id: str = ""
    former: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pipeline:
    """Stages in order: open ones, then won, then lost."""

    name: str
    stages: tuple[Stage, ...]

    def __hash__(self) -> int:
        return hash(self.name)

    def position(self, name: str) -> int | None:
        """Return the place of the stage that has this name, or once had it, or None.

        Case does not count. A name in use goes before a former one.
        """
        return self._by_name.get(name.casefold())

    def position_of_value(self, value: str) -> int | None:
        """Return the place of the stage that covers a CRM's stage value, or None."""
        return self.places.get(value)

    def has_order(self, place: int | None) -> bool:
        """Whether there is a stage at a place that comes before or after others."""
        return place is not None and place not in self.sides

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of the stage that covers each of the CRM's stage values."""
        return {
            value: at
            for at, stage in reversed(tuple(enumerate(self.stages)))
            for value in stage.values
        }

    @cached_property
    def sides(self) -> frozenset[int]:
        """Places of the stages that have none in the order."""
        stages = enumerate(self.stages)
        return frozenset(at for at, stage in stages if stage.path is Path.SIDE)

    @cached_property
    def lost(self) -> frozenset[int]:
        """Places of the stages in which a deal is lost."""
        stages = enumerate(self.stages)
        return frozenset(
            at for at, each in stages if each.is_closed and not each.is_won
        )

    @cached_property
    def _by_name(self) -> dict[str, int]:
        last_first = tuple(enumerate(self.stages))[::-1]
        former = {
            old.casefold(): at for at, stage in last_first for old in stage.former
        }
        return former | {stage.name.casefold(): at for at, stage in last_first}
