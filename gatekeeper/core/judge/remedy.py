"""What to do about a failure: what its lines say, and what its rule says.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.core.context import Context
    from gatekeeper.core.judge.escalation import Terms
    from gatekeeper.core.model import Deal, Finding


def remedy(
    terms: Terms, findings: Iterable[Finding], deal: Deal, context: Context
) -> str:
    """Say what to do: each remedy of a failing line once, then that of the rule.

    The rule's own is left out where every failing line has one; what an escalation
    puts in its place never is.
    """
    told = list(_by_line(findings))
    fixes = [each for each in told if each]
    if not told or len(fixes) < len(told) or terms.has_other_fix:
        fixes.append(terms.fix(deal, context))
    return " ".join(dict.fromkeys(fixes))


def _by_line(findings: Iterable[Finding]) -> Iterator[str | None]:
    """Give the remedy of each failing line, None for one without."""
    for finding in findings:
        if finding.standing is Standing.NOT_MET:
            within = list(_by_line(finding.parts))
            yield from within if any(within) else [finding.fix]
