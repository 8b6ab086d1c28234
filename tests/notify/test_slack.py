"""Slack: the same content, harmless, once; what is known is never sent again."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from gatekeeper.core.model import Person
from gatekeeper.errors import SetupError
from gatekeeper.notify.blocks import LONGEST_TEXT, MOST_BLOCKS, blocks_of
from gatekeeper.notify.letter import Entry, Letter, Part
from gatekeeper.notify.slack import SlackPost
from gatekeeper.notify.ways import Ways
from gatekeeper.ports import Delivery, Outcome
from tests.notify.digests import BEA, a_full_digest, an_empty_digest, url_of
from tests.notify.test_render import HARM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.digest.rules import AnyDigest

DAY = date(2026, 11, 20)
MEMBER = "U024BE7LH"
SLACK_HARM = [
    *HARM,
    "<!channel>",
    "<!here|here>",
    "<@U024BE7LH>",
    "<https://evil.example|Acme>",
    "Acme|evil>",
    "&lt;!channel&gt;",
]


@dataclass
class Slack:
    """Slack's Web API on this machine: keeps what is posted, answers as told.

    Attributes:
        answers: Method to the status and body it gives in place of doing it; "lost"
            posts the message and cuts the connection.
        keeps: What is posted is kept although the answer says otherwise.
    """

    url: str = ""
    calls: list[str] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, Any] | str]] = field(default_factory=dict)
    keeps: bool = False

    def answer(self, method: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.calls.append(method)
        told = self.answers.get(method)
        if method == "chat.postMessage" and (told is None or self.keeps):
            self.posted.append(body)
        if told is not None:
            return told
        match method:
            case "conversations.open":
                return 200, {"ok": True, "channel": {"id": f"D-{body['users']}"}}
            case "conversations.history":
                return 200, {"ok": True, "messages": self.posted}
            case _:
                return 200, {"ok": True, "ts": "1"}


@pytest.fixture
def slack() -> Iterator[Slack]:
    service = Slack()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_json = "json" in self.headers["Content-Type"]
            forms = {name: value[0] for name, value in parse_qs(text).items()}
            body = json.loads(text) if is_json else forms
            assert self.headers["Authorization"] == "Bearer xoxb-canary"
            status, answer = service.answer(self.path.rpartition("/")[2], body)
            if answer == "lost":
                self.close_connection = True
                return
            is_page = isinstance(answer, str) and answer.startswith("<")
            whole = (answer if is_page else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(whole)))
            self.send_header("Retry-After", "30")
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/api/"
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


def a_post(slack: Slack) -> SlackPost:
    return SlackPost(
        "sf:00D",
        "xoxb-canary",
        {BEA.email or "": MEMBER},
        url_of,
        lambda _who: UTC,
        slack.url,
        timeout_s=5,
    )


def message(slack: Slack, digest: AnyDigest | None = None) -> dict[str, Any]:
    written = a_post(slack).write(digest or a_full_digest(), DAY)
    found: dict[str, Any] = json.loads(written)
    return found


def texts(value: object) -> Iterator[dict[str, Any]]:
    """Every text object of a message."""
    if isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield value
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def refused(error: str, status: int = 200) -> tuple[int, dict[str, Any]]:
    return status, {"ok": False, "error": error}


def test_a_digest_arrives_once_however_often_it_is_sent(slack: Slack) -> None:
    post = a_post(slack)
    content = post.write(a_full_digest(), DAY)

    first, second = post.send(content), post.send(content)

    assert (first, second.delivery) == (
        Outcome(Delivery.SENT, "ok"),
        Delivery.SENT,
    )
    (arrived,) = slack.posted
    assert arrived["channel"] == f"D-{MEMBER}"
    assert second.detail == "it was there already"


def test_the_same_digest_and_day_give_the_same_text(slack: Slack) -> None:
    post = a_post(slack)

    assert post.write(a_full_digest(), DAY) == post.write(a_full_digest(), DAY)
    assert post.write(a_full_digest(), DAY) != post.write(
        a_full_digest(), date(2026, 11, 23)
    )


@pytest.mark.parametrize(
    "part",
    [
        "Please look at",
        "What is missing, by criterion",
        "Open for more than two weeks",
        "Waivers that end within a week",
        "Expected to close within two weeks",
        "Where a colleague differs from the peers",
    ],
)
def test_it_says_what_the_mail_says(slack: Slack, part: str) -> None:
    assert part in {each["text"] for each in texts(message(slack))}


def test_an_empty_digest_is_a_line(slack: Slack) -> None:
    blocks = message(slack, an_empty_digest())["blocks"]

    assert [each["type"] for each in blocks] == ["header", "section", "context"]
    assert "Nothing is missing" in blocks[1]["text"]["text"]


@pytest.mark.promise("S14")
@pytest.mark.parametrize("harm", SLACK_HARM)
def test_no_name_is_read_as_a_sign_of_slack(slack: Slack, harm: str) -> None:
    told = message(slack, a_full_digest(harm))
    hosts = set()

    for each in texts(told):
        if each["type"] == "mrkdwn":
            assert each["verbatim"] is True
            for sign in each["text"].split("<")[1:]:
                link, bar, _head = sign.partition(">")[0].partition("|")
                assert bar
                hosts.add(link.split("/")[2])
        assert not set("\r\u202e\u202c") & set(each["text"])
    assert hosts == {"acme.my.salesforce.com"}
    assert not set("<>") & set(told["text"])


@pytest.mark.promise("S14")
def test_slack_looks_up_no_names_and_unfolds_no_links(slack: Slack) -> None:
    a_post(slack).send(a_post(slack).write(a_full_digest(), DAY))

    (arrived,) = slack.posted
    for switch in ("link_names", "unfurl_links", "unfurl_media"):
        assert arrived[switch] is False


def test_a_message_stays_within_what_slack_takes(slack: Slack) -> None:
    told = message(slack, a_full_digest("A very long name of a deal " * 20))

    assert len(told["blocks"]) <= MOST_BLOCKS
    assert all(0 < len(each["text"]) <= LONGEST_TEXT for each in texts(told))
    headers = [each for each in told["blocks"] if each["type"] == "header"]
    assert all(len(each["text"]["text"]) <= 150 for each in headers)


@pytest.mark.promise("F34")
def test_lists_without_room_are_named_with_where_all_of_it_is() -> None:
    """Title and lead are two blocks, each list four, and the two last of fifty stay."""
    parts = tuple(
        Part(f"List {number}", (Entry("Acme"),), "Some.") for number in range(1, 15)
    )
    letter = Letter("Deals", "Deals", "Many.", parts=parts, whole="All of it: ask")

    blocks = blocks_of(letter)

    headers = [each["text"] for each in blocks if each["type"] == "header"]
    assert [e["text"] for e in headers if isinstance(e, dict)][-1] == "List 11"
    (said,) = [e["text"] for e in texts(blocks) if e["text"].startswith("No room")]
    assert said == "No room is left for: List 12, List 13, List 14.\nAll of it: ask"


@pytest.mark.promise("F33")
@pytest.mark.parametrize(
    ("method", "answer", "delivery"),
    [
        ("chat.postMessage", refused("ratelimited", 429), Delivery.LATER),
        ("chat.postMessage", refused("invalid_auth"), Delivery.LATER),
        ("chat.postMessage", refused("channel_not_found"), Delivery.REFUSED),
        ("chat.postMessage", refused("internal_error", 500), Delivery.UNKNOWN),
        ("chat.postMessage", (503, "busy"), Delivery.UNKNOWN),
        ("chat.postMessage", (502, "<html>Bad gateway</html>"), Delivery.UNKNOWN),
        ("chat.postMessage", (200, "<html>Log in here</html>"), Delivery.UNKNOWN),
        ("conversations.open", (200, "<html>Log in here</html>"), Delivery.LATER),
        ("conversations.open", (502, "<html>Bad gateway</html>"), Delivery.LATER),
        ("chat.postMessage", refused("fatal_error"), Delivery.UNKNOWN),
        ("chat.postMessage", (200, "lost"), Delivery.UNKNOWN),
        ("conversations.open", refused("ratelimited", 429), Delivery.LATER),
        ("conversations.open", refused("user_not_found"), Delivery.REFUSED),
        ("conversations.open", refused("internal_error", 500), Delivery.LATER),
        ("conversations.open", (200, "lost"), Delivery.LATER),
        ("conversations.history", refused("ratelimited", 429), Delivery.LATER),
    ],
)
def test_what_slack_answers_decides_whether_it_is_sent_again(
    slack: Slack, method: str, answer: tuple[int, Any], delivery: Delivery
) -> None:
    slack.answers[method] = answer
    post = a_post(slack)

    outcome = post.send(post.write(a_full_digest(), DAY))

    assert outcome.delivery is delivery, outcome
    assert "xoxb-canary" not in outcome.detail
    assert slack.calls.count("chat.postMessage") <= 1


@pytest.mark.promise("F33")
def test_what_arrived_without_an_answer_is_found_and_not_posted_again(
    slack: Slack,
) -> None:
    slack.answers["chat.postMessage"], slack.keeps = (200, "lost"), True
    post = a_post(slack)
    content = post.write(a_full_digest(), DAY)
    assert post.send(content).delivery is Delivery.UNKNOWN
    slack.answers.clear()

    again = post.send(content)

    assert again == Outcome(Delivery.SENT, "it was there already")
    assert len(slack.posted) == 1


@pytest.mark.promise("F33")
def test_where_the_history_may_not_be_read_nothing_is_posted_twice(
    slack: Slack,
) -> None:
    slack.answers["conversations.history"] = refused("missing_scope")
    slack.answers["chat.postMessage"] = (200, "lost")
    post = a_post(slack)

    outcome = post.send(post.write(a_full_digest(), DAY))

    assert outcome.delivery is Delivery.REFUSED
    assert outcome.delivery.is_known
    assert "may have arrived" in outcome.detail


def test_without_the_right_to_look_it_is_posted_all_the_same(slack: Slack) -> None:
    slack.answers["conversations.history"] = refused("missing_scope")
    post = a_post(slack)

    assert post.send(post.write(a_full_digest(), DAY)).delivery is Delivery.SENT


def test_a_server_that_is_not_there_is_tried_later(slack: Slack) -> None:
    post = replace(a_post(slack), api="http://127.0.0.1:1/api/")

    outcome = post.send(post.write(a_full_digest(), DAY))

    assert outcome.delivery is Delivery.LATER


def test_who_has_no_member_id_is_told_where_to_put_one(slack: Slack) -> None:
    digest = a_full_digest(who=Person("005C", "Cal Chief", "cal@acme.example"))

    with pytest.raises(SetupError, match=r"Cal Chief has no member id .* people.yaml"):
        a_post(slack).write(digest, DAY)


@dataclass
class Letters:
    """A way by mail that keeps what it sends."""

    sent: list[str] = field(default_factory=list)

    def why_not(self, who: Person) -> str:
        return "" if who.email else "has no address"

    def write(self, digest: AnyDigest, day: date) -> str:
        return f"To: {digest.who.email}, {day}"

    def send(self, content: str) -> Outcome:
        self.sent.append(content)
        return Outcome(Delivery.SENT)


def test_each_reads_where_people_yaml_says(slack: Slack) -> None:
    mail = Letters()
    ways = Ways(mail, a_post(slack))
    cal = a_full_digest(who=Person("005C", "Cal Chief", "cal@acme.example"))

    for digest in (a_full_digest(), cal):
        assert ways.send(ways.write(digest, DAY)).delivery is Delivery.SENT

    assert mail.sent == ["To: cal@acme.example, 2026-11-20"]
    assert len(slack.posted) == 1


def test_the_token_is_in_no_text_about_it(slack: Slack) -> None:
    assert "xoxb-canary" not in repr(a_post(slack))
