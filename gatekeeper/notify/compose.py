"""A digest to a letter: which parts it has, and what stands in each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from gatekeeper.core.wording import plain
from gatekeeper.notify import words
from gatekeeper.notify.footer import footer
from gatekeeper.notify.letter import Entry, FigureCell, Letter, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import tzinfo

    from gatekeeper.core.digest.values import (
        Criterion,
        DealLine,
        Digest,
        Gap,
        Moving,
        RepGaps,
        Section,
    )

MOST_CRITERIA = 30
COMPARABLE = 2  # weeks; a single one shows no way it goes


@dataclass(frozen=True, slots=True)
class Style:
    """How one reader's letter is written.

    Attributes:
        link: Deal id to the page people open, "" for none.
        zone: Where the reader is.
        most: How many entries a list has at most.
    """

    link: Callable[[str], str]
    zone: tzinfo
    most: int = 10


def letter_of(digest: Digest, style: Style) -> Letter:
    """Write a digest in words; an empty one is a line and its footer."""
    today = words.day(digest.as_of.astimezone(style.zone))
    parts = () if digest.is_empty else with_content(_parts(digest, style))
    return Letter(
        subject=words.subject(digest, today),
        title=f"{words.TITLES[digest.audience]}, {today}",
        lead=words.lead(digest),
        warnings=words.warnings(digest),
        figures=() if digest.is_empty else _figures(digest),
        parts=parts,
        footer=footer(digest, parts, style.zone),
        whole=words.shortened(digest),
    )


def with_content(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Leave out the parts that have nothing to say."""
    return tuple(part for part in parts if part.entries or part.note)


def _figures(digest: Digest) -> tuple[FigureCell, ...]:
    headline = digest.headline
    figures = [
        FigureCell(label, f"{figure.now:,}", words.changed(figure))
        for label, figure in (
            ("Open deals", headline.open_deals),
            ("Deals with something missing", headline.failing_deals),
            ("Things missing", headline.open_violations),
        )
    ]
    stake = words.sums_changed(headline.at_stake, headline.at_stake_before)
    figures.append(FigureCell("At stake", words.sums(headline.at_stake), stake))
    if headline.waived:
        figures.append(FigureCell("Waived", f"{headline.waived:,}"))
    if headline.pending:
        figures.append(FigureCell("Still in grace", f"{headline.pending:,}"))
    return tuple(figures)


def _parts(digest: Digest, style: Style) -> Iterator[Part]:
    asks = tuple(_deal(each, style, with_fix=True) for each in digest.asks)
    yield Part("Please look at", asks)
    yield from _criteria(digest, style)
    yield _section("New", "opened", digest.new, style)
    yield _section("Open for more than two weeks", "open", digest.ageing, style)
    yield _section("Fixed", "fixed", digest.fixed, style)
    yield waivers_part(digest, style)
    yield _moving(digest, style)
    yield _reps(digest, style)
    yield trend_part(digest, style)


def _deal(line: DealLine, style: Style, when: str = "open", *, with_fix: bool) -> Entry:
    since = words.day(line.since.astimezone(style.zone))
    told = f"{when} since" if when == "open" else when
    about = (plain(line.owner, words.NAME), plain(line.stage, words.NAME))
    lines = [", ".join([*filter(None, about), f"{told} {since}"])]
    lines.append(words.listed(line.titles))
    if with_fix and line.fix:
        lines.append(f"To do: {plain(line.fix, words.SENTENCE)}")
    side = "" if line.amount is None else words.money(line.amount, line.currency)
    name = plain(line.name, words.NAME) or line.deal_id
    return Entry(name, style.link(line.deal_id), side, tuple(lines))


def _section(title: str, when: str, section: Section, style: Style) -> Part:
    shown = section.lines[: style.most]
    more = section.deals - len(shown)
    return Part(
        title,
        tuple(_deal(line, style, when, with_fix=False) for line in shown),
        note=(
            f"{words.counted(section.violations, 'thing')} on"
            f" {words.counted(section.deals, 'deal')}."
            if section.violations
            else ""
        ),
        more=f"and {words.counted(more, 'deal')} more" if more else "",
    )


def _criteria(digest: Digest, style: Style) -> Iterator[Part]:
    """List the rules in force, then those that are only observed."""
    in_force = [each for each in digest.criteria if not each.is_observed]
    yield _counts("What is missing, by criterion", "", in_force, style)
    observed = [each for each in digest.criteria if each.is_observed]
    note = "These rules are being tried out: they are counted, nobody is asked."
    yield _counts("Only observed", note if observed else "", observed, style)


def _counts(title: str, note: str, criteria: list[Criterion], style: Style) -> Part:
    shown = criteria[: min(MOST_CRITERIA, 3 * style.most)]
    longest = max((each.count for each in shown), default=0)
    more = len(criteria) - len(shown)
    return Part(
        title,
        tuple(_criterion(each, longest) for each in shown),
        note,
        f"and {words.counted(more, 'criterion')} more".replace("criterions", "criteria")
        if more
        else "",
    )


def _criterion(criterion: Criterion, longest: int) -> Entry:
    news = [
        f"{number:,} {what}"
        for number, what in ((criterion.new, "new"), (criterion.fixed, "fixed"))
        if number
    ]
    return Entry(
        plain(criterion.title, words.TITLE),
        side=f"{criterion.count:,}",
        lines=(", ".join(news),) if news else (),
        bar=round(100 * criterion.count / longest) if longest else 0,
    )


def waivers_part(digest: Digest, style: Style) -> Part:
    """List the waivers that end soon, and what each accepts here."""
    entries = tuple(
        Entry(
            plain(each.waiver, words.NAME),
            side=f"until {words.day(each.until)}",
            lines=(
                plain(each.words, words.SENTENCE),
                f"It covers {words.counted(each.violations, 'thing')} on"
                f" {words.counted(each.deals, 'deal')} here.",
            ),
        )
        for each in digest.waivers[: style.most]
    )
    more = len(digest.waivers) - len(entries)
    return Part(
        "Waivers that end within a week",
        entries,
        more=f"and {words.counted(more, 'waiver')} more" if more else "",
    )


def _moving(digest: Digest, style: Style) -> Part:
    all_of_them = digest.ready + len(digest.moving)
    shown = digest.moving[: style.most]
    more = len(digest.moving) - len(shown)
    return Part(
        "Expected to close within two weeks",
        tuple(_mover(each, style) for each in shown),
        note=f"{digest.ready:,} of {words.counted(all_of_them, 'deal')} ready."
        if all_of_them
        else "",
        more=f"and {words.counted(more, 'deal')} more" if more else "",
    )


def _mover(moving: Moving, style: Style) -> Entry:
    side = "" if moving.amount is None else words.money(moving.amount, moving.currency)
    about = (plain(moving.owner, words.NAME), plain(moving.stage, words.NAME))
    closes = f"closes {words.day(moving.close_on)}"
    name = plain(moving.name, words.NAME) or moving.deal_id
    return Entry(
        name,
        style.link(moving.deal_id),
        side,
        (
            ", ".join([*filter(None, about), closes]),
            *(
                [f"Still to do: {words.listed(moving.missing)}"]
                if moving.missing
                else []
            ),
            *([_untold(moving.untold)] if moving.untold else []),
        ),
    )


def _untold(number: int) -> str:
    """Say that it is not known whether a deal is ready."""
    noun = "criterion" if number == 1 else "criteria"
    return f"Cannot tell: {number:,} {noun} could not be read."


def _reps(digest: Digest, style: Style) -> Part:
    told = [each for each in digest.reps if each.gaps or each.too_few]
    shown = told[: 2 * style.most]
    more = len(told) - len(shown)
    return Part(
        "Where a colleague differs from the peers",
        tuple(map(_rep, shown)),
        more=f"and {words.counted(more, 'person')} more".replace("persons", "people")
        if more
        else "",
    )


def _rep(rep: RepGaps) -> Entry:
    lines = tuple(map(_gap, rep.gaps)) or ("Too few deals to compare.",)
    name = plain(rep.name, words.NAME)
    return Entry(name, side=words.counted(rep.deals, "open deal"), lines=lines)


def _gap(gap: Gap) -> str:
    failing, judged = gap.own
    return (
        f"{plain(gap.title, words.TITLE)}: missing on {failing:,} of {judged:,} deals"
        f" ({failing / judged:.0%}); peers {gap.peers:.0%}"
    )


def trend_part(digest: Digest, style: Style) -> Part:
    """Show the weeks, once there are two to compare."""
    trend = digest.trend
    if trend.weeks_seen < COMPARABLE:
        return Part("By stage, week by week")
    entries = tuple(
        Entry(
            plain(stage, words.NAME),
            lines=(" · ".join("-" if n is None else f"{n:,}" for n in counts),),
        )
        for stage, counts in islice(trend.stages.items(), 3 * style.most)
    )
    more = len(trend.stages) - len(entries)
    weeks = f"{words.day(trend.weeks[0])} to {words.day(trend.weeks[-1])}"
    note = f"Results that fail, at the end of each week from {weeks}."
    return Part(
        "By stage, week by week",
        entries,
        note,
        more=f"and {words.counted(more, 'stage')} more" if more else "",
        has_chart=True,
    )
