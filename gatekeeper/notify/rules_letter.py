"""The letter to those who write the rules: what does not work, and what to do. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.rules import Drift, Tally, Trouble
from gatekeeper.core.wording import plain
from gatekeeper.notify import words
from gatekeeper.notify.compose import (
    trend_part,
    waivers_part,
    with_content,
)
from gatekeeper.notify.footer import footer
from gatekeeper.notify.letter import Entry, FigureCell, Letter, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.digest.recipients import Untold
    from gatekeeper.core.digest.rules import RulesDigest
    from gatekeeper.core.digest.values import Digest
    from gatekeeper.notify.compose import Style

TROUBLES: dict[Trouble, tuple[str, str]] = {
    Trouble.CANNOT_RUN: (
        "Rules that cannot run",
        "No deal could be told by them. Look with: gatekeeper validate",
    ),
    Trouble.ALWAYS_FAILS: (
        "Rules that fail on nearly every deal",
        "A rule nobody meets is wrong, or was never introduced.",
    ),
    Trouble.ALWAYS_WAIVED: (
        "Rules that are always waived",
        "Where every case is an exception, the exception is the rule.",
    ),
    Trouble.NEVER_FAILS: (
        "Rules that never fail",
        "Nothing fails them now, and nothing did on the runs looked back at.",
    ),
    Trouble.ASKS_NOBODY: (
        "Rules that are asked of no deal",
        "No deal is where they would bind, or a parameter has no value yet.",
    ),
}


_EXPECTED = {
    Audience.MANAGER: "For the team",
    Audience.OWNER: "For own deals",
    Audience.LEADERSHIP: "For leadership",
    Audience.REVOPS: "For RevOps",
    None: "Own deals",
}
"""Of whose deals such a reader was to be told."""


def rules_letter(digest: RulesDigest, style: Style) -> Letter:
    """Write it in words: troubles first, and one line where there is none."""
    today = words.day(digest.as_of.astimezone(style.zone))
    parts = with_content(_parts(digest, style))
    return Letter(
        subject=_subject(digest, today),
        title=f"How the rules do, {today}",
        lead=_lead(digest),
        warnings=words.warnings(_without_held(digest.whole)),
        figures=_figures(digest),
        parts=parts,
        footer=footer(_for_revops(digest.whole), parts, style.zone),
        whole=words.shortened(_for_revops(digest.whole)),
    )


def _for_revops(whole: Digest) -> Digest:
    return replace(whole, audience=Audience.REVOPS)


def _without_held(whole: Digest) -> Digest:
    """Leave out what is held: it has a part of its own, in full."""
    return replace(whole, truth=replace(whole.truth, held=()))


def _subject(digest: RulesDigest, today: str) -> str:
    news = [
        words.counted(number, noun)
        for number, noun in (
            (digest.troubled, "rule"),
            (_news(digest), "change"),
            (len(digest.whole.truth.held), "held point"),
            (len(digest.untold), "unreached reader"),
        )
        if number
    ]
    said = f"{', '.join(news)} to look at" if news else "nothing to look at"
    return f"Rules {today}: {said}"


def _news(digest: RulesDigest) -> int:
    return sum(each.is_new for each in digest.drift)


def _lead(digest: RulesDigest) -> str:
    rules = words.counted(len(digest.tallies), "rule")
    deals = words.counted(digest.whole.headline.open_deals.now, "open deal")
    held = f"{rules} {_was(len(digest.tallies))} held against {deals}"
    if digest.troubled:
        return f"{held}; {digest.troubled} of them need a look."
    return f"{held}. Each did its work."


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _figures(digest: RulesDigest) -> tuple[FigureCell, ...]:
    headline = digest.whole.headline
    counts = (
        ("Open deals", headline.open_deals),
        ("Deals with something missing", headline.failing_deals),
        ("Things missing", headline.open_violations),
    )
    cells = [FigureCell(n, f"{f.now:,}", words.changed(f)) for n, f in counts]
    untold = digest.whole.truth.cannot_tell
    return (*cells, FigureCell("Cannot tell", f"{untold:,}"))


def _parts(digest: RulesDigest, style: Style) -> Iterator[Part]:
    held = digest.whole.truth.held
    yield _sentences("Held until a person decides", held, style)
    yield _listed(
        "Whom no digest reaches",
        "Nobody is told in their place until this is mended.",
        tuple(map(_untold, digest.untold)),
        style,
    )
    for trouble, (title, note) in TROUBLES.items():
        found = digest.of(trouble)
        yield _listed(title, note, tuple(map(_rule, found)), style)
    yield _listed(
        "What the rules name and the CRM does not show",
        "Their lines are cannot tell: nothing is opened or closed by them.",
        tuple(map(_drift, digest.drift)),
        style,
    )
    yield _sentences("The run also said", digest.said, style)
    yield waivers_part(digest.whole, style)
    yield trend_part(digest.whole, style)


def _listed(title: str, note: str, entries: tuple[Entry, ...], style: Style) -> Part:
    shown = entries[: style.most]
    more = len(entries) - len(shown)
    return Part(
        title, shown, note if entries else "", more=f"and {more} more" if more else ""
    )


def _sentences(title: str, said: tuple[str, ...], style: Style) -> Part:
    return _listed(title, "", tuple(map(_sentence, said)), style)


def _sentence(said: str) -> Entry:
    """Write a sentence under what it is about, where it begins by saying so."""
    about, _, rest = said.partition(": ")
    if not rest or len(about) > words.NAME:
        return Entry(plain(said, words.LONG))
    return Entry(plain(about, words.NAME), lines=(plain(rest, words.LONG),))


def _rule(tally: Tally) -> Entry:
    counts = (
        (tally.failing, "fail"),
        (tally.passing, "pass"),
        (tally.untold, "cannot tell"),
        (tally.waived, "waived"),
    )
    said = ", ".join(f"{number:,} {what}" for number, what in counts if number)
    return Entry(
        plain(tally.title, words.TITLE),
        side=tally.mode.value,
        lines=(f"{plain(tally.rule_id, words.NAME)}: {said or 'no deal'}",),
    )


def _untold(untold: Untold) -> Entry:
    return Entry(
        plain(untold.name, words.NAME),
        side=words.counted(untold.open_deals, "open deal"),
        lines=(
            f"{_EXPECTED[untold.audience]}: {plain(untold.why, words.SENTENCE)}.",
            f"To do: {plain(untold.remedy, words.SENTENCE)}.",
        ),
    )


def _drift(drift: Drift) -> Entry:
    said, side = drift.notice, "new" if drift.is_new else ""
    text = plain(f"{said.code}: {said.text}", words.LONG)
    return Entry(plain(said.place, words.NAME), side=side, lines=(text,))
