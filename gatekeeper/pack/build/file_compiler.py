"""The rules of one file to rules that run, with what its stages say of them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.model import Group, Quorum
from gatekeeper.core.pack import Needs, Position, Reach
from gatekeeper.core.renames import first_name
from gatekeeper.pack.build.compile import Canonical, RuleCompiler
from gatekeeper.pack.files.escalations import compile_escalations
from gatekeeper.pack.files.names import short_place
from gatekeeper.pack.files.rule_values import (
    Conditions,
    Setting,
    blank_word,
    make_rule,
)
from gatekeeper.pack.source.nodes import Scalar

if TYPE_CHECKING:
    from gatekeeper.core.model import Condition
    from gatekeeper.core.pack import Rule
    from gatekeeper.pack.build.checks import Checks
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage
    from gatekeeper.pack.source.read import Reader


@dataclass(frozen=True, slots=True)
class Shared:
    """A condition that several rules have in common.

    Attributes:
        condition: None where none is written, or it has mistakes.
        logic: Its canonical text; "" where none is written.
        params: Names of the parameters that it uses.
    """

    condition: Condition | None = None
    logic: Canonical = ""
    needs: Needs = field(default_factory=Needs)
    params: frozenset[str] = frozenset()
    uses_undecided: bool = False


_NONE = Shared()


@dataclass(slots=True)
class FileCompiler:
    """Compiles one file; what its rules have in common is compiled once.

    Attributes:
        params: By rule, the names of the parameters that it rests on.
    """

    reader: Reader
    file: DraftFile
    checks: Checks
    params: dict[str, frozenset[str]] = field(default_factory=dict, init=False)
    _shared: dict[int, Shared] = field(default_factory=dict, init=False)

    def shared(
        self, draft: DraftCondition | None, stage: DraftStage | None = None
    ) -> Shared:
        """Compile a condition of the file or of one of its stages."""
        if draft is None:
            return _NONE
        known = self._shared.get(id(draft))
        if known is None:
            compiler = RuleCompiler(self.reader, self.checks_at(stage))
            condition, logic = compiler.condition(draft)
            known = Shared(
                condition,
                logic,
                compiler.needs,
                frozenset(compiler.params),
                compiler.uses_undecided,
            )
            self._shared[id(draft)] = known
        return known

    def compile_shared(self) -> None:
        """Compile what no rule of the file may have, so that its mistakes show."""
        self.shared(self.file.suspend_when)
        for stage in self.file.stages:
            for draft in (stage.start_when, stage.when, stage.unless):
                self.shared(draft, stage)

    def checks_at(self, stage: DraftStage | None) -> Checks:
        """Return what lines mean at a stage, "this stage" included."""
        if stage is None or stage.reach is not Reach.STAGE:
            return self.checks
        return self.checks.at(stage.word)

    def rule(self, draft: DraftRule, terms: Canonical) -> tuple[Rule, Scalar] | None:
        """Compile one rule; None where it has mistakes or is disabled.

        Args:
            draft: The rule as written.
            terms: What stages say of where it applies, for its fingerprint.
        """
        conditions = self._conditions(draft)
        id_node, part = draft.table.get("id"), draft.part
        if part is None or not isinstance(id_node, Scalar) or conditions is None:
            return None
        if not part.enabled or self._asks_itself(draft, id_node, conditions.needs):
            return None
        setting = Setting(
            self._first_stage(draft),
            self.file.pipeline_names,
            self._pipelines(),
            terms,
            short_place(id_node),
        )
        defaults = self.file.defaults
        return make_rule(draft, part, defaults, conditions, setting), id_node

    def _conditions(self, draft: DraftRule) -> Conditions | None:
        compiler = RuleCompiler(self.reader, self.checks_at(draft.home))
        blank = blank_word(draft, self.file)
        require, require_text = compiler.condition(draft.require, blank)
        when, when_text = compiler.condition(draft.when)
        unless, unless_text = compiler.condition(draft.unless)
        choices = list(compiler.maps)
        escalate = tuple(compile_escalations(compiler, draft.escalate))
        written = draft.table.get("fix")
        fix = compiler.message(written) if isinstance(written, Scalar) else None
        around = suspend, stage_when, stage_unless = self._around(draft)
        if compiler.is_broken or require is None or fix is None:
            return None
        needs = compiler.needs
        for shared in around:
            needs |= shared.needs
        used = (compiler.params, *(shared.params for shared in around))
        self.params[draft.id] = frozenset().union(*used)
        undecided = any(shared.uses_undecided for shared in around)
        return Conditions(
            require,
            _joined(Quorum.ALL, *choices, stage_when.condition, when),
            _joined(Quorum.ANY, stage_unless.condition, unless),
            fix,
            needs,
            [
                require_text,
                _both(stage_when.logic, when_text),
                _both(stage_unless.logic, unless_text),
            ],
            escalate,
            suspend.condition,
            undecided=undecided or compiler.uses_undecided,
        )

    def _around(self, draft: DraftRule) -> tuple[Shared, Shared, Shared]:
        """Return what the file and the stage say beside the rule's own conditions."""
        home = draft.home
        return (
            self.shared(self.file.suspend_when),
            self.shared(home.when, home),
            self.shared(home.unless, home),
        )

    def _first_stage(self, draft: DraftRule) -> str:
        """Return a rule's stage by the name the CRM gave it first."""
        if draft.reach is not Reach.STAGE:
            return ""
        return first_name(draft.home.word, self.checks.scope.pipelines.values())

    def _pipelines(self) -> tuple[str, ...]:
        """Return the CRM's names of the pipelines, or as written where not known."""
        named = self.file.pipeline_names
        return (tuple(self.checks.scope.pipelines) or named) if named else ()

    def _asks_itself(self, draft: DraftRule, id_node: Scalar, needs: Needs) -> bool:
        """Refuse a gate that asks what follows from the gates (E429, language A27)."""
        reads_support = SUPPORTED_STAGE in needs.fields
        if not reads_support or draft.position is Position.WHILE_IN:
            return False
        text = (
            f"{id_node.text} reads supported_stage(), which follows from the exit and"
            " entry criteria and cannot be part of one."
        )
        remedy = 'put the rule under "while_in" of a stage or of every stage.'
        self.reader.say(id_node.place, "E429", text, remedy)
        return True


def _both(of_stage: Canonical, own: Canonical) -> Canonical:
    return ["at the stage", of_stage, own] if of_stage else own


def _joined(quorum: Quorum, *conditions: Condition | None) -> Condition | None:
    parts = tuple(each for each in conditions if each is not None)
    if len(parts) > 1:
        return Group(quorum, parts)
    return parts[0] if parts else None
