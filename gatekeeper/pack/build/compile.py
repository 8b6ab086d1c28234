"""Drafted conditions to compiled ones, with what they read and their fingerprints."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Group, Quorum
from gatekeeper.core.pack import Needs
from gatekeeper.language.compiler.line import (
    CheckError,
    choices_of,
    compile_line,
    message_template,
)
from gatekeeper.language.forbid import forbidding, texts_of
from gatekeeper.pack.files.conditions import DraftCondition, DraftLine, problem_at
from gatekeeper.pack.files.words import BlankWord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.model import Condition, Line, Message
    from gatekeeper.language.compiler.line import Checked
    from gatekeeper.language.messages import Message as Finding
    from gatekeeper.pack.build.checks import Checks
    from gatekeeper.pack.source.nodes import Scalar
    from gatekeeper.pack.source.read import Reader

# What a fingerprint is made of: nested lists of texts.
Canonical = str | list["Canonical"]
_AS_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


@dataclass(slots=True)
class RuleCompiler:
    """Compiles the conditions of one rule and gathers what they rest on.

    Attributes:
        checks: What its lines mean.
        params: Names of the parameters that its lines and texts use.
        uses_undecided: A parameter without a value stands in one of its lines.
        maps: Lines that hold where the parameters chosen by a field have a value.
    """

    reader: Reader
    checks: Checks
    needs: Needs = field(default_factory=Needs)
    params: set[str] = field(default_factory=set)
    uses_undecided: bool = False
    is_broken: bool = False
    maps: list[Line] = field(default_factory=list)

    def condition(
        self, draft: DraftCondition | None, blank: BlankWord | None = None
    ) -> tuple[Condition | None, Canonical]:
        """Compile a condition; None where there is none or it has mistakes.

        Args:
            draft: As written.
            blank: What an empty answer counts as; None for a condition that says
                whether something is asked at all.
        """
        if draft is None:
            return None, ""
        if isinstance(draft, DraftLine):
            return self._line(draft, blank)
        if draft.quorum is Quorum.ALL and len(draft.parts) == 1:
            return self.condition(draft.parts[0], blank)
        compiled = [self.condition(part, blank) for part in draft.parts]
        parts = tuple(part for part, _ in compiled if part is not None)
        canonical: Canonical = [
            draft.quorum.value,
            str(draft.count),
            *(text for _, text in compiled),
        ]
        if len(parts) != len(compiled) or not parts:
            self.is_broken = True
            return None, canonical
        return Group(draft.quorum, parts, draft.count), canonical

    def _line(
        self, draft: DraftLine, blank: BlankWord | None
    ) -> tuple[Line | None, Canonical]:
        when, when_text = self.condition(draft.when)
        checked = self._checked(draft)
        if checked is None or not self._may_forbid(draft, checked):
            self.is_broken = True
            return None, ""
        self.needs |= checked.needs
        self.params |= checked.params
        self.uses_undecided |= checked.uses_undecided
        self.maps.extend(choices_of(checked, when))
        on_blank = draft.on_blank or blank or BlankWord.FAIL
        line = self._compiled(draft, checked, on_blank, when)
        logic: Canonical = [checked.canonical, on_blank, when_text]
        return line, [*logic, [*draft.forbid]] if draft.forbid else logic

    def _compiled(
        self,
        draft: DraftLine,
        checked: Checked,
        on_blank: BlankWord,
        when: Condition | None,
    ) -> Line:
        blank_passes = on_blank is BlankWord.PASS
        fix = self.message(draft.fix) if draft.fix else None
        if draft.test and not (draft.title or draft.forbid or fix or when):
            return self.checks.plain(draft.test, blank_passes=blank_passes)
        line = compile_line(
            checked,
            blank_passes=blank_passes,
            title=draft.title,
            fix=fix,
            when=when,
        )
        return forbidding(line, checked, draft.forbid) if draft.forbid else line

    def _may_forbid(self, draft: DraftLine, checked: Checked) -> bool:
        """Refuse phrases for a check that reads no text (E430)."""
        if not draft.forbid or texts_of(checked):
            return True
        self.reader.say(
            draft.scalar.place,
            "E430",
            f'"forbid" is about a text of the deal; {checked.text} reads none.',
            "put it beside a check such as: next_step is filled",
        )
        return False

    def _checked(self, draft: DraftLine) -> Checked | None:
        if draft.test is None:
            return None
        try:
            checked = self.checks.of(draft.test)
        except CheckError as error:
            self._note(draft.scalar, error.mistakes)
            return None
        if checked.warnings:
            self._note(draft.scalar, checked.warnings)
        return checked

    def _note(self, scalar: Scalar, found: Iterable[Finding]) -> None:
        problems = [problem_at(scalar, each) for each in found]
        for problem in problems:
            self.reader.note(problem)

    def message(self, scalar: Scalar) -> Message | None:
        """Read a text with `{placeholders}`; None where one is not understood."""
        try:
            template = message_template(scalar.text, self.checks.scope)
        except CheckError as error:
            self._note(scalar, error.mistakes)
            self.is_broken = True
            return None
        self.needs |= template.needs
        self.params |= template.params
        return template.filled


def fingerprint(canonical: Canonical) -> str:
    """Return 16 hex digits over nested texts."""
    text = _AS_JSON(canonical)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
