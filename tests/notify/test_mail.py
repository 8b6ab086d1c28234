"""Mail as it arrives at a real server."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.errors import SetupError
from gatekeeper.flow.post import Post, send_digests
from gatekeeper.notify.email import Mailer, MailServer, send, server_at
from gatekeeper.notify.mail import Stamp, message_of
from gatekeeper.notify.render import render
from gatekeeper.ports import Delivery
from gatekeeper.store.sql_store import SqlStore
from tests.builders import ORG, a_pack
from tests.notify.digests import BEA, HOST, NIGHT, a_full_digest, url_of

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from gatekeeper.core.model import Person
    from tests.notify.conftest import Postbox

STAMP = Stamp("sf:00D1", "gatekeeper@acme.example", date(2026, 11, 20), NIGHT)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "List-Unsubscribe",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
}


def a_mail(who: Person = BEA, stamp: Stamp = STAMP, name: str = "") -> EmailMessage:
    return message_of(render(a_full_digest(name), url_of, HOST, UTC), who, stamp)


def delivered(postbox: Postbox, message: EmailMessage) -> EmailMessage:
    server = server_at(f"smtp://127.0.0.1:{postbox.port}")
    outcome = send(server, message.as_string())
    assert outcome.delivery is Delivery.SENT, outcome
    return email.message_from_bytes(postbox.letters[-1], policy=email.policy.default)


def test_a_mail_arrives_whole(postbox: Postbox) -> None:
    arrived = delivered(postbox, a_mail())

    assert postbox.recipients == ["bea@acme.example"]
    assert set(arrived.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == HEADERS
    assert arrived["Subject"] == "Pipeline 20 Nov 2026: 12 deals to look at, 6 new"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["To"].addresses[0].display_name == "Bea Boss"
    kinds = [part.get_content_type() for part in arrived.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert not arrived.defects


def test_the_picture_is_the_one_the_page_names(postbox: Postbox) -> None:
    *_, page, picture = delivered(postbox, a_mail()).walk()

    cid = picture["Content-ID"].strip("<>")
    assert f'src="cid:{cid}"' in page.get_content()
    assert picture.get_content().startswith(b"\x89PNG")


@pytest.mark.promise("D1")
def test_one_person_s_mail_of_one_day_has_one_id_and_the_same_bytes() -> None:
    again, other_day, other_person = (
        a_mail(),
        a_mail(stamp=replace(STAMP, day=date(2026, 11, 23))),
        a_mail(replace(BEA, id="005X")),
    )

    assert again.as_bytes() == a_mail().as_bytes()
    ids = {each["Message-ID"] for each in (again, other_day, other_person)}
    assert len(ids) == 3
    assert again["References"] == other_day["References"] != other_person["References"]


@pytest.mark.promise("S13")
@pytest.mark.parametrize(
    "name",
    [
        "Bea\r\nBcc: all@acme.example",
        "Bea\nSubject: other",
        "Bea\u2028X-Evil: 1",
        "Bea\u0085X-Evil: 1",
        "Bea\x00\x0bBoss",
        "\u202eBea",
        'Bea "<all@acme.example>, evil',
        "Bea " * 200,
        "Bé" * 150,
    ],
)
def test_a_hostile_name_adds_no_header_and_no_recipient(
    postbox: Postbox, name: str
) -> None:
    arrived = delivered(postbox, a_mail(replace(BEA, name=name), name=name))

    assert set(arrived.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == HEADERS
    assert postbox.recipients == ["bea@acme.example"]
    (to,) = arrived["To"].addresses
    assert to.addr_spec == "bea@acme.example"
    assert len(to.display_name) <= 200


@pytest.mark.promise("S13", "F34")
@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "bea",
        "bea@acme.example, all@acme.example",
        "bea@acme.example\r\nBcc: x@y.example",
        "<bea@acme.example>",
        "bea@acme.example>",
        "bea boss@acme.example",
        '"a\r\nb"@acme.example',
    ],
)
def test_what_is_more_than_an_address_gets_no_mail(address: str | None) -> None:
    with pytest.raises(SetupError, match="Bea Boss has no address mail can go to"):
        a_mail(replace(BEA, email=address))


@pytest.mark.promise("F33")
@pytest.mark.parametrize(
    ("answers", "delivery"),
    [
        ({"answer_rcpt": "550 no such user"}, Delivery.REFUSED),
        ({"answer_rcpt": "451 greylisted, come back"}, Delivery.LATER),
        ({"answer_data": "554 looks like spam"}, Delivery.REFUSED),
        ({"answer_data": "452 disk full"}, Delivery.LATER),
        ({"answer_data": "hang up"}, Delivery.UNKNOWN),
    ],
    ids=str,
)
def test_what_became_of_a_mail_is_told_apart(
    postbox: Postbox, answers: dict[str, str], delivery: Delivery
) -> None:
    for name, answer in answers.items():
        setattr(postbox, name, answer)

    outcome = send(server_at(f"smtp://127.0.0.1:{postbox.port}"), a_mail().as_string())

    assert outcome.delivery is delivery


@pytest.mark.promise("D1")
def test_a_repeat_of_an_unknown_delivery_has_identical_bytes(
    postbox: Postbox, tmp_path: Path
) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'gatekeeper.db'}")
    server = server_at(f"smtp://127.0.0.1:{postbox.port}")
    notifier = Mailer(ORG, server, STAMP.sender, url_of, lambda _who: UTC)
    post = Post(ORG, a_pack(), store.outbox, notifier, NIGHT, lambda: "")

    postbox.answer_data = "hang up"
    (first,) = send_digests([a_full_digest()], post)
    postbox.answer_data = "250 OK"
    # What is told anew by a later run must not reach the repeat.
    (second,) = send_digests([a_full_digest("Changed")], post)
    store.close()

    assert [first.delivery, second.delivery] == [Delivery.UNKNOWN, Delivery.SENT]
    assert len(postbox.letters) == 2
    assert postbox.letters[0] == postbox.letters[1]


def test_a_server_that_is_not_there_is_asked_again_later() -> None:
    outcome = send(server_at("smtp://127.0.0.1:1", timeout_s=2), a_mail().as_string())

    assert outcome.delivery is Delivery.LATER


def test_a_login_never_crosses_the_net_in_the_open() -> None:
    server = server_at("smtp://bea:secret@mail.acme.example")

    assert (server.port, server.is_tls, server.is_here) == (587, False, False)
    assert "secret" not in repr(server)


def test_smtps_is_tls_from_the_first_byte() -> None:
    assert server_at("smtps://u:p%40ss@mail.acme.example") == MailServer(
        "mail.acme.example", 465, is_tls=True, user="u", password="p@ss"
    )
