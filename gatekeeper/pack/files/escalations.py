"""`escalate:` of a rule: what is different about a failure that has become worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Escalation
from gatekeeper.pack.build.compile import fingerprint
from gatekeeper.pack.files import rule_schema
from gatekeeper.pack.files.conditions import DraftCondition, read_condition
from gatekeeper.pack.files.values import must_be
from gatekeeper.pack.source.nodes import Scalar, Table
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.pack.build.compile import RuleCompiler
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader

_NOUN = Noun("an escalation", "this escalation")
_CHANGES = ("severity", "owed_by", "fix")


@dataclass(frozen=True, slots=True)
class DraftEscalation:
    """One entry as written."""

    table: Table
    part: rule_schema.EscalationPart
    when: DraftCondition


def read_escalations(
    reader: Reader, node: Node | None, currency: str
) -> tuple[DraftEscalation, ...]:
    """Read the entries of a rule; those that cannot be read are left out."""
    found: list[DraftEscalation] = []
    for entry in reader.entries(node, "escalate"):
        if not isinstance(entry, Table):
            reader.unfit(entry, "escalate", must_be("a list of entries with a when"))
            continue
        part = reader.part(rule_schema.EscalationPart, entry, _NOUN)
        when = read_condition(reader, entry.get("when"), "when", currency)
        if part is not None and not any(entry.key(key) for key in _CHANGES):
            text = "this escalation changes nothing."
            advice = "give it a severity, an owed_by or a fix of its own."
            reader.say(entry.place, "E202", text, advice)
        if part is not None and when is not None:
            found.append(DraftEscalation(entry, part, when))
    return tuple(found)


def compile_escalations(
    compiler: RuleCompiler, drafts: Iterable[DraftEscalation]
) -> Iterator[Escalation]:
    """Compile the entries; mistakes are noted in the compiler."""
    for draft in drafts:
        when, text = compiler.condition(draft.when)
        node = draft.table.get("fix")
        fix = compiler.message(node) if isinstance(node, Scalar) else None
        if when is not None:
            yield Escalation(
                when,
                draft.part.severity,
                draft.part.owed_by,
                fix,
                node.text if isinstance(node, Scalar) else "",
                fingerprint([text]),
            )
