"""What is odd about a pack that has no mistakes: warnings with their place. Pure.

Asks for a pack that compiles. What needs history or live deals is asked elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.language.checker import check
from gatekeeper.language.checker_state import CheckError
from gatekeeper.language.lint_lines import Written, counted, findings, settled
from gatekeeper.language.lint_logic import Claim, Line, Lines
from gatekeeper.language.scope import Scope
from gatekeeper.pack.conditions import DraftCondition, DraftLine, problem_at
from gatekeeper.pack.lint_facts import Asked, Facts
from gatekeeper.pack.lint_order import order_of
from gatekeeper.pack.lint_pack import pack_findings
from gatekeeper.pack.lint_rules import rule_findings
from gatekeeper.pack.problems import Problem, in_order
from gatekeeper.pack.read import Reader
from gatekeeper.pack.rule_values import blank_word
from gatekeeper.pack.stages import pipelines_of, rule_pipelines
from gatekeeper.pack.words import BlankWord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gatekeeper.core.catalogue import CrmSchema, Pipeline
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.rules import DraftFile
    from gatekeeper.pack.uses import Vocabulary

ONCE = frozenset({"W402"})
"""Findings about a field: said where it is first used, not at every use."""


def lint(
    draft: Draft,
    pack: RulePack,
    schema: CrmSchema | None,
    ignored: Collection[str] = (),
) -> list[Problem]:
    """Return every warning, sorted by file and place.

    Args:
        draft: The pack as written.
        pack: The same, compiled without a mistake.
        schema: The CRM's description, where it is at hand.
        ignored: Codes that are not asked for.
    """
    facts = [
        one
        for file, words in draft.files
        for one in _facts(draft, file, words, pack, schema)
    ]
    problems = [problem for one in facts for problem in _lines(one)]
    problems += [problem for one in facts for problem in rule_findings(one)]
    problems += pack_findings(draft, facts)
    wanted = in_order(each for each in problems if each.code not in ignored)
    return list(_once(wanted))


def _once(problems: list[Problem]) -> Iterator[Problem]:
    said: set[tuple[str, str]] = set()
    for problem in problems:
        key = (problem.code, problem.text)
        if problem.code not in ONCE or key not in said:
            yield problem
        said.add(key)


def _facts(
    draft: Draft,
    file: DraftFile,
    words: Vocabulary,
    pack: RulePack,
    schema: CrmSchema | None,
) -> Iterator[Facts]:
    scope = _scope(draft, file, words, schema)
    compiled = {rule.id: rule for rule in pack.rules}
    for drafted in file.rules:
        rule = compiled.get(drafted.id)
        if rule is not None:
            require, require_lines = _read(
                drafted.require, scope, blank_word(drafted, file)
            )
            when, when_lines = _read(drafted.when, scope, None)
            _, unless_lines = _read(drafted.unless, scope, None)
            yield Facts(
                drafted,
                rule,
                file,
                scope,
                require=require,
                when=when,
                require_lines=tuple(require_lines),
                when_lines=tuple(when_lines),
                unless_lines=tuple(unless_lines),
                orders=order_of(file, scope, rule),
            )


def _scope(
    draft: Draft, file: DraftFile, words: Vocabulary, schema: CrmSchema | None
) -> Scope:
    project, pipelines = draft.project, dict[str, "Pipeline"]()
    crm = project.crm if project else "salesforce"
    if schema is not None and project is not None:
        reader = Reader()
        found = rule_pipelines(reader, project, draft.project_table, schema)
        pipelines = dict(pipelines_of(reader, file.pipelines, found, crm))
    return Scope(
        draft.catalogue,
        schema,
        pipelines,
        words.params,
        words.defines,
        crm=crm,
        currency=project.currency if project else "USD",
    )


def _read(
    condition: DraftCondition | None,
    scope: Scope,
    blank: BlankWord | None,
    *,
    is_top: bool = True,
) -> tuple[Claim | None, list[Asked]]:
    """Read a condition as a claim and its lines; `is_top`: each of them must hold."""
    match condition:
        case None:
            return None, []
        case DraftLine():
            asked = _asked(condition, scope, blank, is_top=is_top)
            return (asked.claim if asked else None), [asked] if asked else []
    is_all = condition.quorum is Quorum.ALL
    read = [
        _read(part, scope, blank, is_top=is_top and is_all) for part in condition.parts
    ]
    claims = tuple(claim for claim, _ in read if claim is not None)
    lines = [line for _, found in read for line in found]
    whole = Lines(condition.quorum, claims, condition.count)
    return (whole if len(claims) == len(read) else None), lines


def _asked(
    line: DraftLine, scope: Scope, blank: BlankWord | None, *, is_top: bool
) -> Asked | None:
    if line.test is None:
        return None
    try:
        checked = check(line.test, scope)
    except CheckError:
        return None
    passes = (line.on_blank or blank) is BlankWord.PASS
    claim = Line(checked.test, passes) if line.when is None else None
    return Asked(line, checked, claim, is_top=is_top)


def _lines(facts: Facts) -> Iterator[Problem]:
    """Give the findings of each line, in the light of the others."""
    everywhere = [each for each in facts.lines if each.is_top]
    tests = [each.draft.test for each in everywhere if each.draft.test is not None]
    filled = frozenset[str]().union(*map(settled, tests))
    rows = frozenset[str]().union(*map(counted, tests))
    for each in facts.lines:
        if each.draft.test is None:
            continue
        own = each.draft.on_blank
        written = Written(
            each.draft.test,
            each.checked,
            facts.scope,
            splits=each.is_top and each in facts.require_lines,
            says_blank=own is not None or facts.says_blank,
            filled=filled | _guards(each, facts),
            counted=rows,
        )
        for message in findings(written):
            yield replace(problem_at(each.draft.scalar, message), is_warning=True)


def _guards(asked: Asked, facts: Facts) -> frozenset[str]:
    """Return the fields that a line's own `when` settles."""
    _, lines = _read(asked.draft.when, facts.scope, None)
    tests = [each.draft.test for each in lines if each.draft.test is not None]
    return frozenset[str]().union(*map(settled, tests))
