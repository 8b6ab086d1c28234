"""The ways to people put together: Slack, mail, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from gatekeeper.bootstrap.ground import Ground
    from gatekeeper.bootstrap.work import Work
    from gatekeeper.core.model import Person
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.roles import People
    from gatekeeper.flow.post import Post
    from gatekeeper.notify.email import Mailer
    from gatekeeper.notify.slack import SlackPost
    from gatekeeper.notify.ways import Ways
    from gatekeeper.ports import Crm
    from gatekeeper.settings import Settings

    ZoneOf = Callable[[Person], tzinfo]

NO_WAY = (
    "No way to send digests is set. By mail: GATEKEEPER_SMTP_URL and"
    " GATEKEEPER_MAIL_FROM. By Slack: GATEKEEPER_SLACK_TOKEN, and in people.yaml the"
    " member id of each reader (slack: U...)."
)


def why_no_way(settings: Settings) -> str:
    """Say what keeps every digest from being sent; "" where nothing does."""
    from gatekeeper.settings import required

    if settings.smtp_url is None:
        return "" if settings.slack_token is not None else NO_WAY
    try:
        required(settings, "mail_from")
    except SetupError as error:
        return str(error)
    return ""


def post_of(work: Work) -> Post:
    """Return what sending digests needs, as of now.

    Raises:
        SetupError: Neither mail nor Slack is set, or mail has no sender.
    """
    from gatekeeper.flow.post import Post

    services = work.services
    return Post(
        work.org,
        work.pack,
        work.outbox,
        ways_of(work.ground, work.services.crm, work.pack),
        services.clock.now(),
        services.stop_reason,
    )


def reach_of(ground: Ground, crm: Crm, pack: RulePack) -> Callable[[Person], str]:
    """Return what says why somebody cannot be sent anything.

    Before any way is set, addresses alone are looked at: what would be sent can be
    seen before anything can.
    """
    from gatekeeper.core.digest.roster import by_address

    if why_no_way(ground.settings):
        return by_address
    return ways_of(ground, crm, pack).why_not


def ways_of(ground: Ground, crm: Crm, pack: RulePack) -> Ways:
    """Return the ways to people that are set.

    Raises:
        SetupError: Neither mail nor Slack is set, or mail has no sender.
    """
    from gatekeeper.notify.ways import Ways

    if why := why_no_way(ground.settings):
        raise SetupError(why)
    people, usual = pack.people, pack.project.zone

    def zone_of(who: Person) -> tzinfo:
        return people.zone(who, usual)

    return Ways(_mail(ground, crm, zone_of), _slack(ground, crm, people, zone_of))


def _mail(ground: Ground, crm: Crm, zone_of: ZoneOf) -> Mailer | None:
    from gatekeeper.settings import required

    settings, paths = ground.settings, ground.paths
    if settings.smtp_url is None:
        return None
    from gatekeeper.notify.email import Mailer, server_at

    url, sender = required(settings, "smtp_url"), required(settings, "mail_from")
    server = server_at(url, settings.read_timeout_s, paths.ca_file)
    return Mailer(crm.org(), server, sender, crm.deal_url, zone_of)


def _slack(
    ground: Ground, crm: Crm, people: People, zone_of: ZoneOf
) -> SlackPost | None:
    token = ground.settings.slack_token
    if token is None:
        return None
    from gatekeeper.notify.slack import SlackPost

    secret = token.get_secret_value()
    return SlackPost(crm.org(), secret, people.slack, crm.deal_url, zone_of)
