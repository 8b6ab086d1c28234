"""What those who write the rules are told of the last run; nothing is judged anew."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gatekeeper.core.digest.rules import RulesDigest, drifted, tallies
from gatekeeper.core.model import Outcome
from gatekeeper.core.notices import NoticeKind, notices_in, said
from gatekeeper.flow.digest import runs_told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.digest.build import Night
    from gatekeeper.core.digest.recipients import Untold
    from gatekeeper.core.model import Person
    from gatekeeper.flow.digest import Desk
    from gatekeeper.ports import RunRow


def rules_digest(
    desk: Desk, night: Night, who: Person, untold: tuple[Untold, ...] = ()
) -> RulesDigest:
    """Make it for one person, about all deals.

    Args:
        desk: Where the runs are stored.
        night: What the digests of that night are made of.
        who: Whom it is for.
        untold: Whom no digest reaches.

    Raises:
        SetupError: No run has kept track yet.
    """
    violations = [each for lot in night.violations.values() for each in lot]
    last, earlier = runs_told(desk)
    since = night.before.as_of if night.before else None
    before = [row for row in earlier if row.as_of == since]
    return RulesDigest(
        whole=night.of(who, night.owners, frozenset()),
        tallies=tallies(
            desk.pack.rules, _results(desk, last), violations, _failed(desk, earlier)
        ),
        drift=drifted(
            said(last.report, NoticeKind.DRIFT),
            said((before[0] if before else last).report, NoticeKind.DRIFT),
        ),
        said=tuple(
            each.sentence
            for each in notices_in(last.report)
            if each.kind in (NoticeKind.STOPPED, NoticeKind.NOTE)
        ),
        untold=untold,
    )


def _results(desk: Desk, row: RunRow) -> Counter[tuple[str, str]]:
    """Count the results of a run by rule and outcome."""
    found: Counter[tuple[str, str]] = Counter()
    verdicts = desk.archive.verdicts(desk.org, row.number)
    for (_, rule_id, outcome), deals in verdicts.items():
        found[rule_id, outcome] += deals
    return found


def _failed(desk: Desk, rows: Sequence[RunRow]) -> frozenset[str]:
    """Return the rules that failed some deal on one of some runs."""
    weekly = {row.as_of.isocalendar()[:2]: row for row in rows}
    return frozenset(
        rule_id
        for row in weekly.values()
        for (_, rule_id, outcome) in desk.archive.verdicts(desk.org, row.number)
        if outcome == Outcome.FAIL
    )
