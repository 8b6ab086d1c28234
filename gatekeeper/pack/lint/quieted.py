"""Rules kept quiet by one that asks nobody (W311). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import Mode
from gatekeeper.pack.build.references import scalars
from gatekeeper.pack.lint.facts import Facts, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.pack.source.problems import Problem

_SO = {
    Mode.OBSERVE: "only observes: nobody hears of either",
    Mode.WARN: "only warns: nobody gets a task for either",
}


def quieted(facts: Sequence[Facts]) -> Iterator[Problem]:
    """Give the rules that fall silent without another one speaking in their place."""
    rules = {one.rule.id: one.rule for one in facts}
    for one in facts:
        for node in scalars(one.draft.table.get("suppressed_by")):
            louder = rules.get(node.text.strip())
            if louder is None or louder.mode.rank >= one.rule.mode.rank:
                continue
            mine, name = one.rule.mode.value, louder.id
            text = (
                f"while {name} is open on a deal it keeps {one.rule.id} quiet, and"
                f" {name} {_SO[louder.mode]}."
            )
            remedy = f"raise {name} to {mine}, or take it out here until then."
            yield warning(node.place, "W311", text, remedy)
