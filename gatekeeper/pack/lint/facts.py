"""One rule as lint sees it: as written, as compiled, and its lines as checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule
    from gatekeeper.language.checker.state import Checked
    from gatekeeper.language.lint.atoms import Order
    from gatekeeper.language.lint.logic import Claim, Line, Question
    from gatekeeper.language.messages import Place
    from gatekeeper.language.scope import ParamSpec, Scope
    from gatekeeper.pack.build.checks import Checks
    from gatekeeper.pack.files.conditions import DraftLine
    from gatekeeper.pack.files.rules import DraftFile, DraftRule


Questions = tuple["Question", ...]
"""A claim as it is understood in each order of stages that a rule meets."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a rule.

    Attributes:
        claim: What it says; None where it is not always asked.
        is_top: It must hold whatever the other lines say.
        questions: Its claim in each order of stages; empty where there is none.
        parts: Every node of it as parsed.
    """

    draft: DraftLine
    checked: Checked
    claim: Line | None
    is_top: bool
    questions: Questions = ()
    parts: tuple[object, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.draft.scalar.place

    @property
    def saying(self) -> tuple[str, bool]:
        """What is equal for lines that say the same."""
        return self.checked.canonical, bool(self.claim and self.claim.blank_passes)


@dataclass(frozen=True, slots=True)
class Facts:
    """One enabled rule with everything lint asks about it.

    Attributes:
        require: Its claim; None where a part of it is not always asked.
        orders: The orders of stages in the pipelines that have the rule's stage.
        position: What is true of every deal the rule is asked of.
    """

    draft: DraftRule
    rule: Rule
    file: DraftFile
    checks: Checks
    require: Claim | None
    when: Claim | None
    unless: Claim | None
    require_lines: tuple[Asked, ...]
    when_lines: tuple[Asked, ...]
    unless_lines: tuple[Asked, ...]
    orders: tuple[Order, ...]
    position: tuple[Questions, ...]

    @property
    def scope(self) -> Scope:
        """What names mean in it."""
        return self.checks.scope

    @property
    def lines(self) -> tuple[Asked, ...]:
        """Every line of the rule."""
        return self.when_lines + self.unless_lines + self.require_lines

    @property
    def says_blank(self) -> bool:
        """Whether the rule itself says what empty counts as."""
        return self.draft.table.get("on_blank") is not None

    @property
    def id_place(self) -> Place:
        """Where its id stands."""
        node = self.draft.table.get("id")
        return node.place if isinstance(node, Scalar) else self.draft.table.place


def param_place(file: DraftFile, spec: ParamSpec) -> Place | None:
    """Return where a file declares a limit; None where another file does."""
    name, _, line = spec.place.rpartition(":")
    source = file.names.source
    if spec.name not in file.names.params or not source.path.endswith(name):
        return None
    row = int(line) - 1
    return source.at(row, max(source.lines[row].find(spec.name), 0), len(spec.name))


def warning(place: Place, code: str, text: str, remedy: str | None = None) -> Problem:
    """Return one finding."""
    return Problem(place, code, text, remedy, is_warning=True)
