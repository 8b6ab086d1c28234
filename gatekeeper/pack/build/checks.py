"""Lines held against the names of their file, each different one once. Pure.

Many rules of a pack ask the same, and lint asks again what the compiler asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.messages import CheckError

if TYPE_CHECKING:
    from gatekeeper.core.model import Line
    from gatekeeper.language.checker.state import Checked
    from gatekeeper.language.scope import Scope
    from gatekeeper.language.tree import syntax


@dataclass(frozen=True, slots=True)
class Checks:
    """What the lines of one file mean; those of one stage where `scope` has one.

    A line is known by its tree, which lines of one text have in common (see
    `Reader.parsed`).

    Attributes:
        base: What the lines mean where no overlay is; of those that use none of
            `changed` it holds here.
        changed: Names of the parameters that have another value than there.
    """

    scope: Scope
    base: Checks | None = None
    changed: frozenset[str] = frozenset()
    _known: dict[int, tuple[syntax.Test, Checked | CheckError]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _plain: dict[tuple[int, bool], Line] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _stages: dict[str, Checks] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def at(self, stage: str) -> Checks:
        """Return what lines mean at a stage."""
        known = self._stages.get(stage)
        if known is None:
            base = None if self.base is None else self.base.at(stage)
            scope = replace(self.scope, stage=stage)
            known = self._stages[stage] = Checks(scope, base, self.changed)
        return known

    def of(self, test: syntax.Test) -> Checked:
        """Check a line.

        Raises:
            CheckError: With every mistake found.
        """
        known = self._known.get(id(test))
        if known is None:
            checked = self._of_base(test) or self._checked(test)
            known = self._known[id(test)] = (test, checked)
        _, checked = known
        if isinstance(checked, CheckError):
            raise CheckError(checked.mistakes)
        return checked

    def plain(self, test: syntax.Test, *, blank_passes: bool) -> Line:
        """Compile a line that says nothing beside its check.

        Raises:
            CheckError: As for `of`.
        """
        key = id(test), blank_passes
        line = self._plain.get(key)
        if line is None:
            if self.base is not None and self._of_base(test):
                line = self.base.plain(test, blank_passes=blank_passes)
            else:
                line = compile_line(self.of(test), blank_passes=blank_passes)
            self._plain[key] = line
        return line

    def _of_base(self, test: syntax.Test) -> Checked | None:
        """Return what holds without an overlay, where nothing of it is another here."""
        if self.base is None:
            return None
        try:
            checked = self.base.of(test)
        except CheckError:
            return None
        return checked if checked.params.isdisjoint(self.changed) else None

    def _checked(self, test: syntax.Test) -> Checked | CheckError:
        try:
            return check(test, self.scope)
        except CheckError as error:
            return error
