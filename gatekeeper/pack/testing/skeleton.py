"""A test file to begin with: the cases one rule should have, answers left open. Pure.

Which value fails a line, and what is right then, is for the author to say: a test
that is filled in by the rule itself proves nothing.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from gatekeeper.core.model import STAGE
from gatekeeper.language.suggest import no_rule
from gatekeeper.pack.files.conditions import DraftLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.rules import DraftFile, DraftRule
    from gatekeeper.pack.load import Draft

_HAS_LIMIT = re.compile(r"\$\w|\d")
_TRUE_OF_ALL = {"is_closed", "is_won"}


def skeleton(draft: Draft, pack: RulePack, rule_id: str, today: date) -> str:
    """Return a test file for one rule.

    Raises:
        SetupError: There is no such rule.
    """
    rule = next((one for one in pack.rules if one.id == rule_id), None)
    found = _written(draft, rule_id)
    if rule is None or found is None:
        raise no_rule(rule_id, (one.id for one in pack.rules))
    file, written = found
    base = f"{rule_id.replace('-', '_')}_passes"
    lines = [*_head(file, rule, base, today), "cases:"]
    lines += _case(f"{rule_id} passes", base, None, "what should pass")
    if rule.when is not None or rule.unless is not None:
        note = "what leaves the rule out"
        lines += _case(f"{rule_id} does not apply", base, "", note)
    for text in _texts(written.require):
        lines += _line_cases(text, base)
    return "\n".join(lines) + "\n"


def _written(draft: Draft, rule_id: str) -> tuple[DraftFile, DraftRule] | None:
    for file, _ in draft.files:
        for rule in file.rules:
            if rule.id == rule_id:
                return file, rule
    return None


def _texts(condition: DraftCondition | None) -> list[str]:
    """Return the checks of a condition as they are written."""
    if condition is None:
        return []
    if isinstance(condition, DraftLine):
        return [" ".join(condition.scalar.text.split())]
    return [text for part in condition.parts for text in _texts(part)]


def _head(file: DraftFile, rule: Rule, base: str, today: date) -> Iterator[str]:
    name = posixpath.basename(file.names.source.path)
    yield from ("version: 1", "kind: test", f"rules: [../{name}]")
    yield f"as_of: {today.isoformat()} 09:00"
    yield from ("deals:", f"  {base}:")
    if file.pipeline_names:
        yield f"    pipeline: {_quoted(file.pipeline_names[0])}"
    yield f"    stage:                     # {_where(rule)}"
    history = _history(rule)
    names = rule.needs.fields | ({"created_on"} if history else set())
    for field in sorted(names - _TRUE_OF_ALL - {"stage", "pipeline"}):
        yield f"    {field}:"
    if history:
        yield "    history:                   # oldest first; what changed that day"
        cells = ", ".join(f"{field}: " for field in sorted(history))
        yield f"      # {today.isoformat()}: {{{cells}}}"
    for collection, fields in sorted(rule.needs.collections.items()):
        yield f"    {collection}:"
        if fields:
            cells = ", ".join(f"{field}: " for field in sorted(fields))
            yield f"      # - {{{cells}}}"


def _history(rule: Rule) -> frozenset[str]:
    """Return the fields whose past decides."""
    stages = rule.asked_when_leaving or rule.until_next_stage
    return rule.needs.history | ({STAGE} if stages else set())


def _where(rule: Rule) -> str:
    if rule.stage is None:
        return f"any; the rule is for {rule.reach.value}"
    words = {"exit": "a stage after", "while_in": "here", "entry": "from"}
    return f"{words[rule.position.value]} {rule.stage}"


def _line_cases(text: str, base: str) -> Iterator[str]:
    yield f"  # {text}"
    yield from _case(f"fails: {text}", base, "", "a value that is wrong")
    yield from _case(f"empty: {text}", base, "", "the field empty: ~")
    if _HAS_LIMIT.search(text):
        for where in ("at the limit", "just under", "just over"):
            yield from _case(f"{where}: {text}", base, "", f"a value {where}")


def _case(name: str, base: str, change: str | None, note: str) -> Iterator[str]:
    yield f"  - name: {_quoted(name)}"
    yield f"    deal: {base}"
    if change is not None:
        yield f"    change:                    # {note}"
    yield "    expect:                    # violations: [], or the rules that fail"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
