"""Nobody waits for a server that is down; one bad letter takes nobody down with it."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.model import Person
from gatekeeper.notify.breaker import Breaker
from gatekeeper.notify.email import Mailer, server_at
from gatekeeper.notify.ways import Ways
from gatekeeper.ports import Delivery, Line, Outcome
from tests.builders import ORG
from tests.notify.digests import BEA, a_full_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2026, 11, 20)
SENT = Outcome(Delivery.SENT)
DOWN = Outcome(Delivery.LATER, "TimeoutError: timed out", Line.DOWN)
BROKEN = Outcome(Delivery.UNKNOWN, "closed", Line.BROKEN)
REFUSED = Outcome(Delivery.REFUSED, "550 no such user")


def tried(*outcomes: Outcome) -> list[Outcome]:
    """What comes of one attempt after the other, and of a last one that would work."""
    breaker, waiting = Breaker(), [*outcomes, SENT]
    return [breaker.guard(lambda: waiting.pop(0)) for _ in range(len(waiting))]


@pytest.mark.promise("F33")
def test_after_a_server_was_not_there_nobody_else_waits_for_it() -> None:
    *_, last = tried(DOWN)

    assert last == Outcome(
        Delivery.LATER, "not tried: TimeoutError: timed out", Line.DOWN
    )


@pytest.mark.promise("F33")
@pytest.mark.parametrize(
    ("outcomes", "delivery"),
    [
        ([BROKEN, BROKEN, BROKEN], Delivery.LATER),
        ([BROKEN, BROKEN], Delivery.SENT),
        ([BROKEN, BROKEN, REFUSED, BROKEN, BROKEN], Delivery.SENT),
        ([REFUSED] * 9, Delivery.SENT),
    ],
    ids=["three in a row", "two", "never three in a row", "refused is no line's fault"],
)
def test_a_line_that_breaks_off_is_down_once_it_did_three_times_in_a_row(
    outcomes: list[Outcome], delivery: Delivery
) -> None:
    assert tried(*outcomes)[-1].delivery is delivery


@dataclass
class Mute:
    """A mail server that takes connections and never says a word."""

    listening: socket.socket
    taken: list[socket.socket] = field(default_factory=list)

    def take(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.taken.append(connection)


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute(socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=server.take, daemon=True)
    thread.start()
    yield server
    server.listening.shutdown(socket.SHUT_RDWR)
    server.listening.close()
    thread.join()
    for connection in server.taken:
        connection.close()


@pytest.mark.promise("F33")
def test_a_server_that_says_nothing_is_waited_for_once_in_one_performance(
    mute: Mute,
) -> None:
    port = mute.listening.getsockname()[1]
    server = server_at(f"smtp://127.0.0.1:{port}", timeout_s=0.2)
    mailer = Mailer(ORG, server, "g@acme.example", str, lambda _who: UTC)
    content = mailer.write(a_full_digest(), DAY)

    outcomes = [mailer.send(content) for _ in range(20)]

    assert {each.delivery for each in outcomes} == {Delivery.LATER}
    assert len(mute.taken) == 1


# ---- ways ---------------------------------------------------------------------------


def a_mailer() -> Mailer:
    server = server_at("smtp://127.0.0.1:1", timeout_s=1)
    return Mailer(ORG, server, "g@acme.example", str, lambda _who: UTC)


@pytest.mark.promise("F34")
def test_without_mail_whoever_reads_no_slack_is_told_where_to_put_an_id() -> None:
    assert Ways(mail=None, slack=None).why_not(BEA) == (
        "reads no Slack that people.yaml knows of, and mail is not set up: give a"
        " member id (slack: U...), or set GATEKEEPER_SMTP_URL and GATEKEEPER_MAIL_FROM"
    )


@pytest.mark.promise("F34")
def test_by_mail_only_an_address_is_wanted() -> None:
    ways = Ways(mail=a_mailer())

    assert ways.why_not(BEA) == ""
    assert ways.why_not(Person("x", "X")) == "has no address mail can go to"


def test_a_letter_for_a_way_that_is_not_set_any_more_waits_for_it() -> None:
    outcome = Ways().send("To: bea@acme.example")

    assert (outcome.delivery, outcome.detail) == (
        Delivery.LATER,
        "written for a way without GATEKEEPER_SMTP_URL",
    )


# ---- kinds --------------------------------------------------------------------------


def test_each_kind_has_an_id_and_a_thread_of_its_own() -> None:
    """What managers get keeps the ids it had before there were other kinds."""
    mailer = a_mailer()
    letters = {
        audience: mailer.write(a_full_digest(audience=audience), DAY)
        for audience in Audience
        if audience is not Audience.REVOPS
    }

    found = {
        audience: [
            line.partition(": ")[2]
            for line in letter.splitlines()
            if line.startswith(("Message-ID", "References"))
        ]
        for audience, letter in letters.items()
    }
    assert len({each for pair in found.values() for each in pair}) == 6
    # sha256 of org, person and day (and "thread"), base32, worked out by hand.
    assert found[Audience.MANAGER] == [
        "<gk1-azcniggthhejrq4vuralrchi34@acme.example>",
        "<gk1-ojtm6dil2pql5xiut4ro4gpvop@acme.example>",
    ]
