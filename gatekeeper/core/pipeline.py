"""Pipelines and their stages in order. Pure, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


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


@dataclass(frozen=True, slots=True)
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
        return _order_of(self)[0].get(name.casefold())

    def position_of_value(self, value: str) -> int | None:
        """Return the place of the stage that covers a CRM's stage value, or None."""
        return _order_of(self)[1].get(value)

    def has_order(self, place: int | None) -> bool:
        """Whether there is a stage at a place that comes before or after others."""
        return place is not None and place not in self.sides

    @property
    def sides(self) -> frozenset[int]:
        """Places of the stages that have none in the order."""
        return _order_of(self)[2]


_Order = tuple[dict[str, int], dict[str, int], frozenset[int]]


@lru_cache(maxsize=64)
def _order_of(pipeline: Pipeline) -> _Order:
    """Return places by name, by value, and those outside the order."""
    last_first = list(enumerate(pipeline.stages))[::-1]
    former = {name.casefold(): at for at, stage in last_first for name in stage.former}
    return (
        former | {stage.name.casefold(): at for at, stage in last_first},
        {value: at for at, stage in last_first for value in stage.values},
        frozenset(at for at, stage in last_first if stage.path is Path.SIDE),
    )
