"""The variables that conditions ask about, and what makes a value filled. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum, auto
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.functions import SKIPS_EMPTY
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.fingerprint import render

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal


class Domain(StrEnum):
    """What kind of samples a variable has."""

    FILLED = auto()
    NUMBER = auto()
    DAY = auto()
    FROM_TODAY = auto()
    COUNT = auto()
    WORD = auto()
    STAGE = auto()
    FLAG = auto()
    FREE = auto()  # true or false
    UNKNOWABLE = auto()  # true, false or unknown


class Variable(NamedTuple):
    """Something a deal may have one way or another; `subject` tells which.

    A tuple, because it is the key of every sample: that of a dataclass is worked out
    anew at each look.
    """

    domain: Domain
    subject: str

    @property
    def kin(self) -> str:
        """What it shares with the variables it is not independent of."""
        if self.domain is not Domain.COUNT:
            return f"{self.domain}: {self.subject}"
        return f"{self.domain}: {self.subject.partition(' where ')[0]}"


Truth = Callable[[Mapping[Variable, object]], "bool | None"]


def as_truth(value: object) -> bool | None:
    """Read a sample of a free variable."""
    return None if value is None else bool(value)


def joined(truths: Sequence[Truth], *, wanted: bool) -> Truth:
    """Join truths: all of them (`wanted`), or one of them (not `wanted`)."""

    def truth(sample: Mapping[Variable, object]) -> bool | None:
        answer: bool | None = wanted
        for each in truths:
            one = each(sample)
            if one is None:
                answer = None
            elif one is not wanted:
                return one
        return answer

    return truth


def counted(truths: Sequence[Truth], count: int) -> Truth:
    """Say whether at least so many truths hold."""

    def truth(sample: Mapping[Variable, object]) -> bool | None:
        answers = [each(sample) for each in truths]
        if sum(answer is True for answer in answers) >= count:
            return True
        may_be = sum(answer is not False for answer in answers)
        return None if may_be >= count else False

    return truth


def denied(of: Truth) -> Truth:
    """Turn a truth round; unknown stays unknown."""

    def truth(sample: Mapping[Variable, object]) -> bool | None:
        answer = of(sample)
        return None if answer is None else not answer

    return truth


def between(numbers: list[Decimal]) -> list[Decimal]:
    """Return the numbers, one between each two, and one beyond each end."""
    ordered = sorted(numbers)
    middles = [(a + b) / 2 for a, b in pairwise(ordered)]
    return [*ordered, *middles, ordered[0] - 1, ordered[-1] + 1] if ordered else []


def is_count(value: typed.Value) -> bool:
    """Whether it is a number of rows: whole and not below zero."""
    return isinstance(value, typed.Aggregate) and value.function == "count"


def rows_key(rows: typed.Rows) -> str:
    """Name rows; those of a `where` begin with the name of all of them."""
    where = f" where {render(rows.where)}" if rows.where is not None else ""
    return f"{rows.collection}{where}"


def subject_of(value: typed.Value) -> str:
    """Name what a variable is about."""
    if isinstance(value, typed.Aggregate) and value.function == "count":
        return rows_key(value.rows)
    if isinstance(value, typed.Field):
        return f"{value.collection or 'deal'}.{value.name}"
    return render(value)


def needed_by(value: typed.Value) -> set[str]:
    """Return what must be filled so that the value is."""
    match value:
        case typed.Constant() | typed.Moment():
            return set()
        case typed.Aggregate(function="count" | "sum"):
            return set()
        case typed.Arithmetic(left=left, right=right, operator=sign) if sign != "/":
            return needed_by(left) | needed_by(right)
        case typed.Function(name=name, arguments=arguments) if name not in SKIPS_EMPTY:
            return set().union(*map(needed_by, arguments))
    return {subject_of(value)}


def sides_of(test: typed.Test) -> tuple[typed.Value, ...]:
    """Return the values without which a condition is unknown, where that is plain."""
    match test:
        case typed.TextMatch(value=value) | typed.InPeriod(value=value):
            return (value,)
        case typed.Compare(left=left, right=right) if Kind.MULTI_PICKLIST not in {
            left.kind,
            right.kind,
        }:
            return (left, right)
    return ()
