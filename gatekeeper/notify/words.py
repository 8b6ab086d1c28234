"""A digest's sentences: values to the words of a letter. Pure.

Money, days and counts are formatted here and nowhere after. Texts from the CRM come
out on one line, without what cannot be seen, and cut.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from gatekeeper.core.digest.recipients import StandIn
    from gatekeeper.core.digest.values import Amounts, Digest, Figure, Truth
    from gatekeeper.core.pack import Deprecation

NAME = 80
TITLE = 120
SENTENCE = 240
LONG = 500  # a sentence with its remedy, which is no use cut
MOST_TITLES = 3

TITLES = {
    Audience.MANAGER: "Your team's deals",
    Audience.OWNER: "Your deals",
    Audience.LEADERSHIP: "All deals",
}
WHOSE = {
    Audience.MANAGER: " of your team",
    Audience.OWNER: " of yours",
    Audience.LEADERSHIP: "",
}
PIPELINE = {
    Audience.MANAGER: "Pipeline",
    Audience.OWNER: "Your deals",
    Audience.LEADERSHIP: "All deals",
}
"""How a subject begins, so that who has several can tell them apart."""

_COMMANDS = {
    Audience.MANAGER: "gatekeeper violations --manager {who} --all",
    Audience.OWNER: "gatekeeper violations --manager {who} --all",
    Audience.LEADERSHIP: "gatekeeper violations --all",
    Audience.REVOPS: "gatekeeper digest --json",
}
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_@-]*")
"""What may stand in a command as it is: an address is text from the CRM."""

MOST_INSTEAD = 3
MOST_DAYS = 5


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular for one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def day(moment: date) -> str:
    """Write a day."""
    return f"{moment.day} {moment:%b %Y}"


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency; cents only where there are some."""
    digits = 0 if amount == amount.to_integral_value() else 2
    return f"{amount:,.{digits}f} {plain(currency, 3)}".strip()


def sums(amounts: Amounts) -> str:
    """Write sums of several currencies beside each other; they are never added."""
    known = [money(amount, code) for code, amount in amounts.items() if amount]
    return ", ".join(known) or "no amount known"


def changed(figure: Figure) -> str:
    """Say what changed since the digest before."""
    match figure.change:
        case None:
            return ""
        case 0:
            return "unchanged"
        case more if more > 0:
            return f"{more:,} more"
        case less:
            return f"{-less:,} fewer"


def sums_changed(now: Amounts, before: Amounts | None) -> str:
    """Say what sums were before, where they were others."""
    if before is None:
        return ""
    return "unchanged" if now == before else f"was {sums(before)}"


def listed(titles: Sequence[str], most: int = MOST_TITLES) -> str:
    """Write what is missing in one line, cut after some."""
    shown = [plain(each, TITLE) for each in titles[:most]]
    more = len(titles) - len(shown)
    return "; ".join([*shown, *([f"and {more} more"] if more else [])])


def bounded(sentences: Iterable[str], most: int) -> tuple[str, ...]:
    """Return the first sentences, each of bounded length, and how many more."""
    every = list(sentences)
    shown = tuple(plain(each, SENTENCE) for each in every[:most])
    more = len(every) - len(shown)
    return (*shown, f"and {more} more of these") if more else shown


def lead(digest: Digest) -> str:
    """Say in one sentence how the deals stand.

    "Nothing is missing" is said of a complete reading only (promises D2).
    """
    headline, whose = digest.headline, WHOSE[digest.audience]
    if headline.failing_deals.now:
        return (
            f"{counted(headline.failing_deals.now, 'deal')}{whose}"
            f" {'lacks' if headline.failing_deals.now == 1 else 'lack'} something;"
            f" at stake: {sums(headline.at_stake)}."
        )
    deals = counted(headline.open_deals.now, "open deal")
    if digest.observed:
        partly = "" if digest.truth.is_whole else " Not everything could be seen."
        return (
            f"Nobody is asked for anything on the {deals}{whose}; rules that are only"
            f" observed found {counted(digest.observed, 'thing')}.{partly}"
        )
    if not digest.truth.is_whole:
        return (
            f"Nothing was found missing on the {deals}{whose}, but not everything"
            " could be seen: this is no all-clear."
        )
    return f"Nothing is missing on the {deals}{whose}."


def warnings(digest: Digest) -> tuple[str, ...]:
    """Say why this is not the whole truth, or not meant for this reader."""
    truth = digest.truth
    said = [*_late(truth), *bounded(map(_instead, digest.instead_of), MOST_INSTEAD)]
    if not truth.is_complete:
        problems = " ".join(bounded(truth.problems, 2))
        said.append(f"The last run was partial. {problems}".strip())
    if truth.held:
        said.append(
            f"Held until a person decides: {counted(len(truth.held), 'point')}."
            f" {' '.join(bounded(truth.held, 2))}"
        )
    if truth.cannot_tell:
        said.append(
            f"{counted(truth.cannot_tell, 'result')} could not be told: these count"
            " neither as met nor as missing."
        )
    return tuple(said)


def _instead(each: StandIn) -> str:
    """Say in whose place the reader is told, and why."""
    return f"You are told in place of {plain(each.name, NAME)}, who {each.why}."


def leaving(rule_id: str, said: Deprecation) -> str:
    """Say that a rule still runs though it is on its way out."""
    until = f" until {day(said.remove_after)}" if said.remove_after else ""
    instead = f"; {said.replaced_by} replaces it" if said.replaced_by else ""
    return f"{rule_id} is deprecated and still runs{until}{instead}."


def shortened(digest: Digest) -> str:
    """Say how to see everything, where lists were cut."""
    command = _COMMANDS[digest.audience]
    who = next(filter(_PLAIN.fullmatch, (digest.who.email or "", digest.who.id)), "")
    if "{who}" in command and not who:
        command = _COMMANDS[Audience.LEADERSHIP]
    return f"The lists above are shortened. All of it: {command.format(who=who)}"


def _late(truth: Truth) -> list[str]:
    """Say that it is late, and on which days there was none."""
    said = (
        ["This digest is late: it could not be sent earlier."] if truth.is_late else []
    )
    if days := truth.days_without:
        shown = ", ".join(map(day, days[-MOST_DAYS:]))
        more = f" and {len(days) - MOST_DAYS} days before" if days[MOST_DAYS:] else ""
        said.append(f"There was none on {shown}{more}; this one covers it.")
    return said


def subject(digest: Digest, today: str) -> str:
    """Name the day's news; no text from the CRM is in it."""
    partial = "" if digest.truth.is_complete else ", partial reading"
    headline, named = digest.headline, PIPELINE[digest.audience]
    if not headline.failing_deals.now:
        found = (
            f"{digest.observed:,} observed, nobody is asked"
            if digest.observed
            else "nothing found missing"
        )
        return f"{named} {today}: {found}{partial}"
    new = f", {digest.new.violations:,} new" if digest.new.violations else ""
    return (
        f"{named} {today}:"
        f" {counted(headline.failing_deals.now, 'deal')} to look at{new}{partial}"
    )
