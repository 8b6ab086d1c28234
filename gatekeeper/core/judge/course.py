"""A pipeline as its rules see it: where each sits, and which gate it guards.

Pure. Worked out once per pipeline, so that judging a deal looks nothing up by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE, Path
from gatekeeper.core.model import Mode
from gatekeeper.core.pack import Position, Reach

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Pipeline, Stage
    from gatekeeper.core.model import Condition
    from gatekeeper.core.pack import Rule, RulePack


@dataclass(frozen=True, slots=True)
class Seat:
    """A rule where it sits in one pipeline.

    Attributes:
        at: Place of its stage; None for a rule of every stage, and where the pipeline
            lacks the stage.
        rank: How many stages with a place in the order come before its own.
        stage: The stage at that place.
        path: What its stage is in the course of a deal.
        is_plain: Only its own conditions decide whether it is asked.
    """

    rule: Rule
    at: int | None = None
    rank: int = 0
    stage: Stage | None = None
    path: Path = Path.MAIN
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """A pipeline, its rules and its gates in order.

    Attributes:
        pipeline: None where the CRM shows none of that name.
        ranks: Per place in the pipeline how many stages with a place in the order
            come before it.
        seats: Its rules, in the order of the pack.
        at_once: Those that can be asked before the supported stage is known.
        asking: The others, that read it; they guard no gate.
        first: Its first open stage; None where it has none.
        gates: Per gate the open stage behind it, and what guards it.
        starts: Places at which deals may be created, each with its condition.
    """

    pipeline: Pipeline | None
    ranks: tuple[int, ...]
    seats: tuple[Seat, ...]
    at_once: tuple[Seat, ...]
    asking: tuple[Seat, ...]
    first: str | None = None
    gates: tuple[tuple[str, tuple[Seat, ...]], ...] = ()
    starts: tuple[tuple[int, Condition], ...] = ()

    @staticmethod
    def of(name: str, pack: RulePack) -> Course:
        """Lay out one pipeline."""
        rules = pack.rules_of(name)
        pipeline = pack.pipelines.get(name)
        stages = pipeline.stages if pipeline else ()
        ranks = tuple(
            sum(each.path is not Path.SIDE for each in stages[:place])
            for place in range(len(stages))
        )
        starts = _starts(name, pack)
        last_start = max((at for at, _ in starts), default=0)
        seats = tuple(_seat(rule, pipeline, ranks, last_start) for rule in rules)
        course = [
            stage.name
            for stage in stages
            if not stage.is_closed and stage.path is not Path.SIDE
        ]
        counted = [seat for seat in seats if _counts(seat.rule, pack)]
        return Course(
            pipeline,
            ranks,
            seats,
            tuple(seat for seat in seats if not _reads_support(seat)),
            tuple(seat for seat in seats if _reads_support(seat)),
            course[0] if course else None,
            tuple(
                (
                    entered,
                    tuple(each for each in counted if _guards(each, left, entered)),
                )
                for left, entered in pairwise(course)
            ),
            starts,
        )


def _seat(
    rule: Rule, pipeline: Pipeline | None, ranks: tuple[int, ...], last_start: int
) -> Seat:
    is_plain = rule.off_until is None and not rule.undecided
    is_plain = is_plain and rule.suspend_when is None
    at = None
    if pipeline is not None and rule.stage is not None:
        at = pipeline.position(rule.stage)
    if pipeline is None or at is None:
        return Seat(rule, is_plain=is_plain)
    stage = pipeline.stages[at]
    is_plain = is_plain and stage.path is Path.MAIN and at >= last_start
    return Seat(rule, at, ranks[at], stage, stage.path, is_plain)


def _starts(name: str, pack: RulePack) -> tuple[tuple[int, Condition], ...]:
    pipeline = pack.pipelines.get(name)
    if pipeline is None:
        return ()
    found = (
        (pipeline.position(start.stage), start.when)
        for start in pack.starts.get(name, ())
    )
    return tuple((at, when) for at, when in found if at is not None)


def _counts(rule: Rule, pack: RulePack) -> bool:
    """Whether the supported stage follows from the rule too (language A11)."""
    if rule.is_optional:
        return False
    return pack.project.supported_stage == "all" or rule.mode is Mode.ENFORCE


def _reads_support(seat: Seat) -> bool:
    """Whether a rule asks which stage the deal's gates support."""
    return SUPPORTED_STAGE in seat.rule.needs.fields


def _guards(seat: Seat, left: str, entered: str) -> bool:
    """Whether the rule is a criterion of the gate between two stages."""
    rule = seat.rule
    if rule.position is Position.EXIT:
        return rule.reach is not Reach.STAGE or _same(rule.stage, left)
    return (
        rule.position is Position.ENTRY
        and rule.reach is Reach.STAGE
        and _same(rule.stage, entered)
    )


def _same(name: str | None, stage: str) -> bool:
    return name is not None and name.casefold() == stage.casefold()
