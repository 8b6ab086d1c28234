"""A digest as a message of Slack, and what became of it.

The day it is for stands in the message's metadata. Before it is sent the conversation
is looked through for it; where its history may not be read, a message that may have
arrived is never repeated (product section 7).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.people import address_of
from gatekeeper.core.wording import plain
from gatekeeper.errors import SetupError
from gatekeeper.notify.blocks import blocks_of, escaped
from gatekeeper.notify.breaker import Breaker
from gatekeeper.notify.compose import Style
from gatekeeper.notify.render import as_letter, only_to
from gatekeeper.ports import Delivery, Line, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, tzinfo

    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.model import Person

API = "https://slack.com/api/"
EVENT = "gatekeeper_digest"
MOST_ENTRIES = 5
LOOKED_THROUGH = 50
"""Messages of the conversation; a day's digest is among the latest."""

BUSY = 429
BROKEN = 500
_OURS = frozenset(
    {
        *("account_inactive", "invalid_auth", "missing_scope", "not_authed"),
        *("ratelimited", "service_unavailable", "token_expired", "token_revoked"),
    }
)
"""Errors that a person mends or that pass; the message itself is not refused."""

_PERHAPS = frozenset({"fatal_error", "internal_error", "request_timeout"})
"""Errors that do not say whether the message was posted."""

_WORD = re.compile(r"[a-z][a-z0-9_]*")
"""How Slack's errors look; anything else is no answer of Slack's."""


@dataclass(slots=True)
class SlackPost:
    """Implements `ports.Notifier` for those who read in Slack.

    Once Slack could not be reached, or takes no more, all further messages of this
    performance are put off.

    Attributes:
        members: Address in lower case to the member id of Slack.
        url_of: Deal id to the page people open.
        zone_of: Where a person is.
        api: Where Slack's Web API is.
    """

    org: str
    token: str = field(repr=False)
    members: Mapping[str, str]
    url_of: Callable[[str], str]
    zone_of: Callable[[Person], tzinfo]
    api: str = API
    timeout_s: int = 30
    _breaker: Breaker = field(default_factory=Breaker, init=False, repr=False)

    def why_not(self, who: Person) -> str:
        """Say why that person gets nothing by Slack."""
        is_member = address_of(who) in self.members
        return "" if is_member else "has no member id of Slack in people.yaml"

    def write(self, digest: AnyDigest, day: date) -> str:
        """Return the message, the same text for the same digest and day.

        Raises:
            SetupError: people.yaml names no member of Slack for the person.
        """
        who = digest.who
        if why := self.why_not(who):
            raise SetupError(f"{plain(who.name, 80)} {why}.")
        link = only_to(self.url_of("0"), self.url_of)
        letter = as_letter(digest, Style(link, self.zone_of(who), MOST_ENTRIES))
        payload = {"slot": self._slot(digest, day)}
        message_of = {
            "user": self.members[address_of(who)],
            "text": escaped(letter.subject),
            "blocks": blocks_of(letter),
            "metadata": {"event_type": EVENT, "event_payload": payload},
        }
        return json.dumps(message_of, ensure_ascii=False, sort_keys=True)

    def send(self, content: str) -> Outcome:
        """Post it, unless it is there already or Slack is known to be out of reach."""
        return self._breaker.guard(lambda: self._sent(content))

    def _slot(self, digest: AnyDigest, day: date) -> str:
        # What managers get has no kind in its slot: it is older than the others.
        audience = digest.audience
        kind = () if audience is Audience.MANAGER else (audience.value,)
        slot = "\x1f".join((self.org, digest.who.id, day.isoformat(), *kind))
        return hashlib.sha256(slot.encode()).hexdigest()[:32]

    def _sent(self, content: str) -> Outcome:
        from slack_sdk.errors import SlackApiError  # noqa: PLC0415  start-up time

        message = json.loads(content)
        client = self._client()
        try:
            opened = client.conversations_open(users=message.pop("user"))
            channel = opened["channel"]["id"]
            is_there = _is_there(client, channel, message["metadata"])
        except SlackApiError as error:
            return Outcome(_settled(error), _said(error), _line(error))
        except (OSError, HTTPException) as error:
            return Outcome(Delivery.LATER, _network(error), Line.DOWN)
        if is_there:
            return Outcome(Delivery.SENT, "it was there already")
        return _posted(client, channel, message, may_look=is_there is not None)

    def _client(self) -> WebClient:
        from slack_sdk import WebClient  # noqa: PLC0415  start-up time

        return WebClient(
            self.token, base_url=self.api, timeout=self.timeout_s, retry_handlers=[]
        )


def _is_there(
    client: WebClient, channel: str, metadata: Mapping[str, object]
) -> bool | None:
    """Look for a message by its metadata; None where the history may not be read."""
    from slack_sdk.errors import SlackApiError  # noqa: PLC0415  start-up time

    try:
        history = client.conversations_history(
            channel=channel, limit=LOOKED_THROUGH, include_all_metadata=True
        )
    except SlackApiError as error:
        if _code(error) == "missing_scope":
            return None
        raise
    messages = history.get("messages") or []
    return any(each.get("metadata") == metadata for each in messages)


def _posted(
    client: WebClient, channel: str, message: Mapping[str, object], *, may_look: bool
) -> Outcome:
    from slack_sdk.errors import SlackApiError  # noqa: PLC0415  start-up time

    try:
        client.api_call(
            "chat.postMessage",
            json={
                **message,
                "channel": channel,
                "link_names": False,
                "unfurl_links": False,
                "unfurl_media": False,
            },
        )
    except SlackApiError as error:
        if not _is_open(error):
            return Outcome(_settled(error), _said(error), _line(error))
        said = _said(error)
    except (OSError, HTTPException) as error:
        said = _network(error)
    else:
        return Outcome(Delivery.SENT, "ok")
    if may_look:
        return Outcome(Delivery.UNKNOWN, said, Line.BROKEN)
    why = f"{said}; it may have arrived, and Slack's history may not be read"
    return Outcome(Delivery.REFUSED, why, Line.BROKEN)


def _is_open(error: SlackApiError) -> bool:
    """Whether the message may have been posted all the same."""
    code = _code(error)
    return _status(error) >= BROKEN or code in _PERHAPS or not _WORD.fullmatch(code)


def _settled(error: SlackApiError) -> Delivery:
    """Judge an answer that says that nothing was posted."""
    passes = _status(error) == BUSY or _status(error) >= BROKEN
    is_ours = _code(error) in _OURS
    return Delivery.LATER if passes or is_ours or _is_open(error) else Delivery.REFUSED


def _line(error: SlackApiError) -> Line:
    """Tell what keeps everybody's message out from what is one message's fault."""
    if _status(error) == BUSY or _code(error) in _OURS:
        return Line.DOWN
    return Line.BROKEN if _is_open(error) else Line.FINE


def _said(error: SlackApiError) -> str:
    return plain(f"{_status(error)} {_code(error)}", 200)


def _status(error: SlackApiError) -> int:
    return int(getattr(error.response, "status_code", 0) or 0)


def _code(error: SlackApiError) -> str:
    """Return Slack's word for it; a page in place of an answer has none."""
    body = getattr(error.response, "data", error.response)
    return (
        str(body.get("error", "")) if isinstance(body, dict) else "no answer of Slack"
    )


def _network(error: Exception) -> str:
    return plain(f"{type(error).__name__}: {error}", 200)
