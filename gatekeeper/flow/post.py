"""Send the night's digests: each once, whatever happened to the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from gatekeeper.core.calendar import local_date
from gatekeeper.core.digest.recipients import Audience
from gatekeeper.errors import SetupError
from gatekeeper.ports import NO_BUSINESS_DAY, Delivery, Posted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.model import Person
    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Notifier, Outbox

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 2
"""How often a letter may leave whose arrival is not known."""


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs.

    Attributes:
        now: The moment that decides whose day it is.
        stop_reason: Says why nothing may leave now, or "".
    """

    org: str
    pack: RulePack
    outbox: Outbox
    notifier: Notifier
    now: datetime
    stop_reason: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What this sending did for one person.

    Attributes:
        audience: The kind of digest.
        is_new: Something left; otherwise `why` says why nothing did.
        is_settled: Nothing more will be sent to that person for that day.
    """

    who: Person
    day: date
    delivery: Delivery | None
    is_new: bool
    why: str = ""
    is_settled: bool = True
    audience: Audience = Audience.MANAGER


def send_digests(digests: Iterable[AnyDigest], post: Post) -> Iterator[Sent]:
    """Send each digest whose person works today and has not had one.

    A person's failure stops nobody else. Before anything leaves it is noted as
    unknown, so that a crash is what it is: one more attempt with the same bytes.
    """
    for digest in digests:
        day, why = _day_of(digest.who, post)
        if why:
            delivery = known.delivery if (known := _known(digest, day, post)) else None
            yield _told(_left(digest, day, delivery, why))
        else:
            yield send_digest(digest, day, post)


def send_digest(digest: AnyDigest, day: date, post: Post) -> Sent:
    """Send the one digest of its kind that a person has for a day, unless it was."""
    known = _known(digest, day, post)
    delivery = known.delivery if known else None
    if why := _settled(known):
        return _told(_left(digest, day, delivery, why))
    if why := post.stop_reason():
        return _told(replace(_left(digest, day, delivery, why), is_settled=False))
    if known is None:
        try:
            content = post.notifier.write(digest, day)
        except SetupError as error:
            return _told(_left(digest, day, None, str(error)))
        known = Posted(
            digest.who.id,
            day,
            Delivery.LATER,
            digest.as_of,
            content=content,
            audience=digest.audience,
        )
    return _told(_tried(digest.who, known, post))


def _known(digest: AnyDigest, day: date, post: Post) -> Posted | None:
    return post.outbox.posted(post.org, digest.who.id, day, digest.audience)


def _left(digest: AnyDigest, day: date, delivery: Delivery | None, why: str) -> Sent:
    """Return what is told of a digest that did not leave."""
    return Sent(
        digest.who,
        day,
        delivery,
        is_new=False,
        why=why,
        audience=digest.audience,
    )


def _told(sent: Sent) -> Sent:
    log.info(
        "digest_posted" if sent.is_new else "digest_not_posted",
        delivery=sent.delivery.value if sent.delivery else "",
        day=sent.day.isoformat(),
        audience=sent.audience.value,
    )
    return sent


def _tried(who: Person, known: Posted, post: Post) -> Sent:
    """Note that it may leave, let it, and note what became of it."""
    leaving = replace(known, delivery=Delivery.UNKNOWN, tried=known.tried + 1)
    post.outbox.keep(post.org, leaving)
    outcome = post.notifier.send(known.content)
    # What certainly did not arrive was no attempt.
    tried = known.tried if outcome.delivery is Delivery.LATER else leaving.tried
    told = replace(
        leaving,
        delivery=outcome.delivery,
        detail=outcome.detail,
        tried=tried,
        content="" if outcome.delivery.is_known else known.content,
    )
    post.outbox.keep(post.org, told)
    is_settled = bool(_settled(told))
    return Sent(
        who,
        known.day,
        outcome.delivery,
        is_new=True,
        why=outcome.detail,
        is_settled=is_settled,
        audience=known.audience,
    )


def was_sent(known: Posted | None) -> bool:
    """Whether a letter arrived, as far as anybody knows."""
    return known is not None and known.delivery is Delivery.SENT


def _settled(known: Posted | None) -> str:
    """Say why nothing more may leave for that day; "" where something may."""
    if known is None:
        return ""
    if known.delivery.is_known:
        return f"already {known.delivery.value}"
    if known.tried >= MOST_ATTEMPTS:
        return "it may have arrived, and was repeated once"
    if not known.content:
        return "its text went when a person was erased"
    return ""


def _day_of(who: Person, post: Post) -> tuple[date, str]:
    """Return the day it is where a person works, and why none is sent on it."""
    people, project = post.pack.people, post.pack.project
    day = local_date(post.now, people.zone(who, project.zone))
    calendar = people.calendar(who, project.calendar)
    return day, "" if calendar.is_business_day(day) else NO_BUSINESS_DAY
