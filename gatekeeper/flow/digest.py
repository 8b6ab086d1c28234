"""The digests of one night, made from stored runs; nothing is judged anew.

The CRM is asked for its people only; what it says of deals is what the last run saw.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.context import rates_in
from gatekeeper.core.digest.build import Night
from gatekeeper.core.digest.lines import Scales
from gatekeeper.core.digest.moving import titles_in_force
from gatekeeper.core.digest.picture import Before, Picture, Week
from gatekeeper.core.digest.roster import by_address, roster_of
from gatekeeper.core.model import Outcome
from gatekeeper.core.notices import NoticeKind, said
from gatekeeper.core.people import Directory
from gatekeeper.errors import SetupError
from gatekeeper.ports import WITHOUT_END

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.digest.recipients import Roster
    from gatekeeper.core.digest.values import Moving, Share
    from gatekeeper.core.model import Person, Violation
    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Archive, Crm, RunRow

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Desk:
    """What digests are made from.

    Attributes:
        schema: Names the open stages and their order.
    """

    archive: Archive
    crm: Crm
    pack: RulePack
    schema: CrmSchema

    @property
    def org(self) -> str:
        """Whose deals these are."""
        return self.crm.org()


def roster_about(
    desk: Desk, reach: Callable[[Person], str] = by_address, *, all_owners: bool = False
) -> Roster:
    """Return who is told of the last run, and who is not.

    Only people and counts are read, which is little beside making the digests.

    Args:
        desk: Where the run is stored.
        reach: Says why somebody cannot be sent anything; "" where they can.
        all_owners: Call the owners too, whether or not people.yaml asks for it.

    Raises:
        SetupError: What the last run read is not kept any more.
    """
    newest = desk.archive.last_told(desk.org)
    stored = _deals_kept(desk, newest) if newest else {}
    closed = _closed_stages(desk.schema)
    deals: Counter[str] = Counter()
    for (owner, stage), number in stored.items():
        deals[owner] += 0 if stage in closed else number
    people = desk.pack.people
    readers = people.digests
    if all_owners:
        readers = replace(readers, owners=True)
    return roster_of(Directory(desk.crm.people(), people), deals, readers, reach)


def night_of(desk: Desk) -> Night:
    """Read everything the digests about the last run are made of.

    Raises:
        SetupError: No run has kept track yet.
    """
    last, earlier = runs_told(desk)
    before = _before(desk, last, earlier)
    violations: defaultdict[str, list[Violation]] = defaultdict(list)
    after = before[0].number if before else None
    for each in desk.archive.standing(desk.org, after):
        violations[each.owner_id or ""].append(each)
    moving: defaultdict[str, list[Moving]] = defaultdict(list)
    for deal in desk.archive.moving(desk.org, last.number):
        moving[deal.owner_id or ""].append(deal)
    project = desk.pack.project
    return Night(
        picture=_picture(desk, last, earlier),
        before=before[1] if before else None,
        directory=Directory(desk.crm.people(), desk.pack.people),
        scales=Scales(rates_in(project.currency, desk.crm.rates())),
        titles=titles_in_force(desk.pack),
        violations=violations,
        moving=moving,
    )


def runs_told(desk: Desk) -> tuple[RunRow, Sequence[RunRow]]:
    """Return the last run that kept track, and the earlier ones of its eight weeks."""
    newest = desk.archive.last_told(desk.org)
    if newest is None:
        message = (
            "No run has kept track yet, so there is nothing to tell. Start with:"
            " gatekeeper run"
        )
        raise SetupError(message)
    since = newest.as_of - timedelta(weeks=WEEKS)
    told = desk.archive.told_runs(desk.org, since)
    return newest, [row for row in told if row.number < newest.number]


def _before(
    desk: Desk, last: RunRow, earlier: Sequence[RunRow]
) -> tuple[RunRow, Before] | None:
    """Return the last run of an earlier day, which the digest before told of."""
    zone = desk.pack.project.zone
    today = local_date(last.as_of, zone)
    for row in reversed(earlier):
        if local_date(row.as_of, zone) < today:
            rules = _rules(last if row.pack == last.pack else row)
            return row, Before(row.as_of, rules, _open_deals(desk, row))
    return None


def _picture(desk: Desk, last: RunRow, earlier: Sequence[RunRow]) -> Picture:
    verdicts = desk.archive.verdicts(desk.org, last.number)
    untold: Counter[str] = Counter()
    judged: defaultdict[str, dict[str, Share]] = defaultdict(dict)
    for (owner, rule, outcome), results in verdicts.items():
        if outcome == Outcome.CANNOT_TELL:
            untold[owner] += results
        elif outcome in (Outcome.PASS, Outcome.FAIL):
            failing, of = judged[owner].get(rule, (0, 0))
            lost = results if outcome == Outcome.FAIL else 0
            judged[owner][rule] = (failing + lost, of + results)
    return Picture(
        run_id=last.id,
        as_of=last.as_of,
        audit_head=desk.archive.audit_head(desk.org),
        today=local_date(last.as_of, desk.pack.project.zone),
        is_complete=last.report.get("complete") is True,
        problems=_problems(last),
        held=_texts(last, NoticeKind.HELD),
        rules=_rules(last),
        leaving={
            rule.id: rule.deprecated
            for rule in desk.pack.rules
            if rule.deprecated is not None
        },
        open_deals=_open_deals(desk, last) or {},
        cannot_tell=untold,
        judged=judged,
        stages=_open_stages(desk.schema),
        weeks=_weeks(desk, last, earlier),
    )


def _deals_kept(desk: Desk, row: RunRow) -> Mapping[tuple[str, str], int]:
    """Return what a run read; nothing kept is not the same as no deals.

    Raises:
        SetupError: The run read deals, and they are not kept any more.
    """
    deals = desk.archive.deals(desk.org, row.number)
    if deals is None and row.deals:
        message = (
            f"What run {row.id} read is not kept any more, so nobody can be told of it."
            " Make a new one: gatekeeper run"
        )
        raise SetupError(message)
    return deals or {}


def _open_deals(desk: Desk, row: RunRow) -> Mapping[str, int] | None:
    """Count the deals of each owner that stand in an open stage."""
    deals = desk.archive.deals(desk.org, row.number)
    if deals is None:
        return None
    closed = _closed_stages(desk.schema)
    counts: Counter[str] = Counter()
    for (owner, stage), number in deals.items():
        if stage not in closed:
            counts[owner] += number
    return counts


def _weeks(desk: Desk, last: RunRow, earlier: Sequence[RunRow]) -> tuple[Week, ...]:
    """Return what failed on the last run of each of the last weeks, oldest first."""
    today = local_date(last.as_of, desk.pack.project.zone)
    latest: dict[int, RunRow] = {}
    for row in (*earlier, last):
        day = local_date(row.as_of, desk.pack.project.zone)
        latest[(today - day).days // 7] = row
    return tuple(
        Week(
            today - timedelta(weeks=ago),
            _failing(desk, latest[ago]) if ago in latest else None,
        )
        for ago in reversed(range(WEEKS))
    )


def _failing(desk: Desk, row: RunRow) -> Mapping[str, Mapping[str, int]]:
    failing: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (owner, stage), results in desk.archive.failing(desk.org, row.number).items():
        failing[owner][stage] = results
    return failing


def _open_stages(schema: CrmSchema) -> tuple[str, ...]:
    closed = _closed_stages(schema)
    names = [
        stage.name
        for pipeline in schema.pipelines
        for stage in pipeline.stages
        if stage.name not in closed
    ]
    return tuple(dict.fromkeys(names))


def _closed_stages(schema: CrmSchema) -> frozenset[str]:
    """Return the labels of stages that are closed in every pipeline that has them."""
    stages = [stage for pipeline in schema.pipelines for stage in pipeline.stages]
    still_open = {stage.name for stage in stages if not stage.is_closed}
    return frozenset({stage.name for stage in stages if stage.is_closed} - still_open)


def _problems(row: RunRow) -> tuple[str, ...]:
    """Say why not everything may be there, of a run that cannot say it itself too."""
    if row.status in WITHOUT_END:
        return ("It did not come to its end: tasks may not be as told here.",)
    return _texts(row, NoticeKind.PARTIAL)


def _texts(row: RunRow, kind: NoticeKind) -> tuple[str, ...]:
    return tuple(each.text for each in said(row.report, kind))


def _rules(row: RunRow) -> str:
    """Return what the rules of a run are called: their revision, else their hash."""
    return (row.revision or row.pack)[:12]
