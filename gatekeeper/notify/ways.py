"""The ways to people there are: Slack for those who read there, mail for all others.

Either may be missing. Whoever no way leads to is told, by name, where one is put.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.wording import plain
from gatekeeper.errors import SetupError
from gatekeeper.ports import Delivery, Outcome

if TYPE_CHECKING:
    from datetime import date

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.model import Person
    from gatekeeper.ports import Notifier

NO_MAIL = (
    "reads no Slack that people.yaml knows of, and mail is not set up: give a member id"
    " (slack: U...), or set GATEKEEPER_SMTP_URL and GATEKEEPER_MAIL_FROM"
)


@dataclass(frozen=True, slots=True)
class Ways:
    """Implements `ports.Notifier` by whichever way leads to a person.

    Attributes:
        mail: None where no mail server is set.
        slack: None where no Slack is.
    """

    mail: Notifier | None = None
    slack: Notifier | None = None

    def why_not(self, who: Person) -> str:
        """Say why no way leads to that person."""
        if self._by_slack(who):
            return ""
        return NO_MAIL if self.mail is None else self.mail.why_not(who)

    def write(self, digest: AnyDigest, day: date) -> str:
        """Return what is sent, the one way or the other.

        Raises:
            SetupError: No way leads to that person.
        """
        way = self.slack if self._by_slack(digest.who) else self.mail
        if way is None:
            raise SetupError(f"{plain(digest.who.name, 80)} {NO_MAIL}.")
        return way.write(digest, day)

    def send(self, content: str) -> Outcome:
        """Send it the way it was written for; only Slack's messages are JSON."""
        is_slack = content.startswith("{")
        way = self.slack if is_slack else self.mail
        if way is None:
            setting = "GATEKEEPER_SLACK_TOKEN" if is_slack else "GATEKEEPER_SMTP_URL"
            return Outcome(Delivery.LATER, f"written for a way without {setting}")
        return way.send(content)

    def _by_slack(self, who: Person) -> bool:
        return self.slack is not None and not self.slack.why_not(who)
