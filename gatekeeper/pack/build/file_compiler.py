"""The rules of one file to rules that run, with what its stages say of them all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.core.model import Group, Mode, Quorum
from gatekeeper.core.pack import Needs, Position, Reach
from gatekeeper.core.renames import first_name
from gatekeeper.pack.build.compile import Canonical, RuleCompiler, fingerprint
from gatekeeper.pack.files.escalations import compile_escalations
from gatekeeper.pack.files.names import short_place
from gatekeeper.pack.files.rule_values import Conditions, blank_word, make_rule
from gatekeeper.pack.source.nodes import Scalar

if TYPE_CHECKING:
    from gatekeeper.core.model import Condition
    from gatekeeper.core.pack import Rule
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage
    from gatekeeper.pack.source.read import Reader


@dataclass(frozen=True, slots=True)
class Shared:
    """A condition that several rules have in common.

    Attributes:
        condition: None where none is written, or it has mistakes.
        logic: Its canonical text; "" where none is written.
    """

    condition: Condition | None = None
    logic: Canonical = ""
    needs: Needs = field(default_factory=Needs)
    uses_undecided: bool = False


_NONE = Shared()


@dataclass(slots=True)
class FileCompiler:
    """Compiles one file; what its rules have in common is compiled once."""

    reader: Reader
    file: DraftFile
    scope: Scope
    _shared: dict[int, Shared] = field(default_factory=dict, init=False)

    def shared(
        self, draft: DraftCondition | None, stage: DraftStage | None = None
    ) -> Shared:
        """Compile a condition of the file or of one of its stages."""
        if draft is None:
            return _NONE
        known = self._shared.get(id(draft))
        if known is None:
            compiler = RuleCompiler(self.reader, self._scope_at(stage))
            condition, logic = compiler.condition(draft)
            undecided = compiler.uses_undecided
            known = Shared(condition, logic, compiler.needs, undecided)
            self._shared[id(draft)] = known
        return known

    def compile_shared(self) -> None:
        """Compile what no rule of the file may have, so that its mistakes show."""
        self.shared(self.file.suspend_when)
        for stage in self.file.stages:
            for draft in (stage.start_when, stage.when, stage.unless):
                self.shared(draft, stage)

    def _scope_at(self, stage: DraftStage | None) -> Scope:
        """Return what names mean at a stage, "this stage" included."""
        if stage is None or stage.reach is not Reach.STAGE:
            return self.scope
        return replace(self.scope, stage=stage.word)

    def rule(self, draft: DraftRule, terms: Canonical) -> tuple[Rule, Scalar] | None:
        """Compile one rule; None where it has mistakes or is disabled.

        Args:
            draft: The rule as written.
            terms: What stages say of where it applies, for its fingerprint.
        """
        compiler = RuleCompiler(self.reader, self._scope_at(draft.home))
        logic, conditions = self._conditions(draft, compiler)
        id_node, part = draft.table.get("id"), draft.part
        if part is None or not isinstance(id_node, Scalar) or conditions is None:
            return None
        if not part.enabled or self._asks_itself(draft, id_node, conditions.needs):
            return None
        rule = make_rule(draft, part, self.file.defaults, conditions)
        undecided = compiler.uses_undecided or self._is_undecided(draft)
        return replace(
            rule,
            pipelines=self._pipelines(),
            undecided=undecided,
            mode=Mode.OBSERVE if undecided else rule.mode,
            logic=fingerprint([self._position(rule, terms), *logic]),
            place=short_place(id_node),
        ), id_node

    def _conditions(
        self, draft: DraftRule, compiler: RuleCompiler
    ) -> tuple[list[Canonical], Conditions | None]:
        require, require_text = compiler.condition(
            draft.require, blank_word(draft, self.file)
        )
        when, when_text = compiler.condition(draft.when)
        unless, unless_text = compiler.condition(draft.unless)
        choices = list(compiler.maps)
        escalate = tuple(compile_escalations(compiler, draft.escalate))
        written = draft.table.get("fix")
        fix = compiler.message(written) if isinstance(written, Scalar) else None
        suspend, stage_when, stage_unless = self._around(draft)
        logic = [
            require_text,
            _both(stage_when.logic, when_text),
            _both(stage_unless.logic, unless_text),
        ]
        if compiler.is_broken or require is None or fix is None:
            return logic, None
        needs = compiler.needs | suspend.needs | stage_when.needs | stage_unless.needs
        return logic, Conditions(
            require,
            _joined(Quorum.ALL, *choices, stage_when.condition, when),
            _joined(Quorum.ANY, stage_unless.condition, unless),
            fix,
            needs,
            escalate,
            suspend.condition,
        )

    def _around(self, draft: DraftRule) -> tuple[Shared, Shared, Shared]:
        """Return what the file and the stage say beside the rule's own conditions."""
        home = draft.home
        return (
            self.shared(self.file.suspend_when),
            self.shared(home.when, home),
            self.shared(home.unless, home),
        )

    def _is_undecided(self, draft: DraftRule) -> bool:
        return any(each.uses_undecided for each in self._around(draft))

    def _position(self, rule: Rule, terms: Canonical) -> Canonical:
        return [
            rule.position.value,
            rule.reach.value,
            first_name(rule.stage or "", self.scope.pipelines.values()),
            [*sorted(self.file.pipeline_names)],
            str(rule.include_lost),
            *(["asked when leaving"] if rule.asked_when_leaving else []),
            *(["until the next stage"] if rule.until_next_stage else []),
            *([terms] if terms else []),
        ]

    def _pipelines(self) -> tuple[str, ...]:
        """Return the CRM's names of the pipelines, or as written where not known."""
        named = self.file.pipeline_names
        return (tuple(self.scope.pipelines) or named) if named else ()

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
