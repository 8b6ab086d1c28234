"""Logging: one chain for every logger, and no secret in any line of it."""

from __future__ import annotations

import io
import json
import logging
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.log import Redactor, set_up_logging

pytestmark = pytest.mark.usefixtures("log_as_it_was")

CANARY = 'can"ary\\7f3a+do/not show'
PEM = (
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASC\n"
    "Bj4wggSkAgEAAoIBAQC7VJTUt9Us8cKj\n"
    "-----END PRIVATE KEY-----"
)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.promise("S16")
def test_a_line_is_json_with_its_values_as_keys(stream: io.StringIO) -> None:
    set_up_logging(stream=stream)

    structlog.get_logger("gatekeeper.flow").info("run_finished", deals=7)

    (line,) = lines_of(stream)
    assert line.pop("timestamp")
    assert line == {
        "event": "run_finished",
        "deals": 7,
        "level": "info",
        "logger": "gatekeeper.flow",
    }


def test_lines_below_the_level_are_not_written(stream: io.StringIO) -> None:
    set_up_logging(level="warning", stream=stream)

    structlog.get_logger().info("quiet")
    logging.getLogger("urllib3").info("quiet")
    structlog.get_logger().warning("loud")

    assert [line["event"] for line in lines_of(stream)] == ["loud"]


def test_a_terminal_gets_lines_for_a_person() -> None:
    terminal = Terminal()
    set_up_logging(stream=terminal)

    structlog.get_logger().info("run_finished", deals=7)

    assert "run_finished" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_json_may_be_asked_for_on_a_terminal() -> None:
    terminal = Terminal()
    set_up_logging(style="json", stream=terminal)

    structlog.get_logger().info("run_finished")

    assert lines_of(terminal)[0]["event"] == "run_finished"


def test_a_logger_made_before_set_up_follows_it(stream: io.StringIO) -> None:
    early = structlog.get_logger("early")
    set_up_logging(stream=stream)

    early.info("here")

    assert lines_of(stream)[0]["logger"] == "early"


def test_bound_context_stands_on_every_line(stream: io.StringIO) -> None:
    set_up_logging(stream=stream)

    with structlog.contextvars.bound_contextvars(run_id=12):
        structlog.get_logger().info("change_applied")

    assert lines_of(stream)[0]["run_id"] == 12


@pytest.mark.promise("S02", "S0")
@pytest.mark.parametrize("style", ["json", "console"])
def test_a_known_secret_shows_nowhere(style: str, stream: io.StringIO) -> None:
    set_up_logging(level="debug", style=style, secrets=[CANARY], stream=stream)
    log = structlog.get_logger()

    event = f"at {CANARY}"
    log.info(event, value=CANARY, nested={"deep": [CANARY, (CANARY,)]})
    log.info("encoded", address=f"https://h/?q={quote(CANARY, safe='')}")
    log.info("as_key", **{CANARY: 1})
    log.info("as_bytes", body=CANARY.encode())
    logging.getLogger("vendor").warning("sent %s to %r", CANARY, CANARY)
    try:
        raise ValueError(CANARY)  # noqa: TRY301  (the traceback is under test)
    except ValueError:
        log.exception("failed")
        logging.getLogger("vendor").exception("failed")

    written = stream.getvalue()
    assert "7f3a" not in written
    assert written.count("failed") >= 2
    assert "Traceback" in written


def test_a_secret_added_later_is_hidden_from_then_on(stream: io.StringIO) -> None:
    redactor = set_up_logging(stream=stream)

    redactor.add("00Dxx!session")
    structlog.get_logger().info("answered", body="id=00Dxx!session")

    assert "00Dxx" not in stream.getvalue()


@pytest.mark.promise("S02")
@pytest.mark.parametrize(
    "name",
    [
        "access_token",
        "client_secret",
        "Authorization",
        "password",
        "sessionId",
        "JWT_KEY",
    ],
)
def test_a_value_under_a_secret_name_is_hidden_unseen(
    name: str, stream: io.StringIO
) -> None:
    set_up_logging(stream=stream)

    structlog.get_logger().info("sent", headers={name: "abc123"}, **{name: "abc123"})

    assert "abc123" not in stream.getvalue()


@pytest.mark.promise("S02")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer [redacted]"),
        (
            "grant_type=client_credentials&client_secret=abc123&x=1",
            "grant_type=client_credentials&client_secret=[redacted]&x=1",
        ),
        (
            '{"a_token": "abc 123", "x": 1}',
            '{"a_token": "[redacted]", "x": 1}',
        ),
        ("{'sessionId': 'abc123'}", "{'sessionId': '[redacted]'}"),
        (
            "postgresql://gate:abc123@db/gate",
            "postgresql://gate:[redacted]@db/gate",
        ),
        (
            "GATEKEEPER_SALESFORCE_CLIENT_SECRET is not set.",
            "GATEKEEPER_SALESFORCE_CLIENT_SECRET is not set.",
        ),
        ("Deal 006 has 3 open violations", "Deal 006 has 3 open violations"),
    ],
)
def test_what_stands_where_secrets_stand_is_hidden(text: str, shown: str) -> None:
    assert Redactor().text(text) == shown


@pytest.mark.promise("S02")
def test_a_key_of_several_lines_is_hidden_line_by_line() -> None:
    redactor = Redactor([PEM])

    assert redactor.text(PEM) == "[redacted]"
    assert redactor.text("at MIIEvgIBADANBgkqhkiG9w0BAQEFAASC") == "at [redacted]"
    assert redactor.text("-----BEGIN PRIVATE KEY-----") == "-----BEGIN PRIVATE KEY-----"


@pytest.mark.promise("S02")
def test_a_secret_that_holds_another_is_hidden_whole() -> None:
    assert Redactor(["word", "password1"]).text("it is password1.") == (
        "it is [redacted]."
    )


def test_an_empty_secret_hides_nothing() -> None:
    assert Redactor([""]).text("as it was") == "as it was"


@pytest.mark.promise("S02")
def test_the_redactor_does_not_show_what_it_hides() -> None:
    assert CANARY not in repr(Redactor([CANARY]))


@pytest.mark.promise("S16")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines", "two\\nlines"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("Müller — 東京", "Müller — 東京"),
    ],
)
def test_a_value_cannot_drive_a_terminal(text: str, shown: str) -> None:
    assert Redactor().value("deal", text) == shown


def test_a_traceback_keeps_its_lines(stream: io.StringIO) -> None:
    set_up_logging(style="console", stream=stream)

    try:
        raise ValueError("first\nsecond")  # noqa: TRY301  (the traceback is under test)
    except ValueError:
        structlog.get_logger().exception("failed")

    assert "ValueError: first\nsecond" in stream.getvalue()


def test_a_long_text_without_spaces_takes_no_time_to_redact() -> None:
    text = "a" * 300_000

    assert Redactor(["secret-1"]).text(text) == text


@pytest.mark.promise("S02", "S0")
@given(
    secret=st.text(min_size=4).filter(lambda text: text.strip() == text),
    before=st.text(),
    after=st.text(),
)
def test_no_text_shows_a_known_secret(secret: str, before: str, after: str) -> None:
    if secret in "[redacted]" * 2:
        return
    shown = Redactor([secret]).text(before + secret + after)

    assert secret not in shown.replace("[redacted]", "\n[redacted]\n")
