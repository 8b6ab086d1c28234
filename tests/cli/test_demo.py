"""The demo tells its whole story, in either CRM."""

from __future__ import annotations

import re
import shutil
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.program import Program


PAGES = {"salesforce": "/lightning/r/Task/", "hubspot": "/record/0-27/"}
NAMES = {"salesforce": "Salesforce", "hubspot": "HubSpot"}


def told(program: Program, crm: str) -> str:
    """Return a demo's words in one line, after what every demo ends with."""
    ended = program("demo", "--no-wait", "--crm", crm)
    words = " ".join((ended.out + ended.err).split())
    assert ended.code == 0, words
    assert f"The sandbox speaks {NAMES[crm]} at http://127.0.0.1:" in words
    assert PAGES[crm] in words
    assert "Written: 1 task closed, 1 deal flagged." in words
    assert "is now Completed; the deal is Clear." in words
    expect_mails(words)
    assert re.search(r"Nothing changed, so nothing is written. \d+ reads, 0 ", words)
    return words


def expect_mails(words: str) -> None:
    """Four managers, RevOps and leadership got a mail; beside each is a page of it."""
    saved = re.search(r"(\d+) mails arrived at smtp://\S+ saved in (\S+)", words)
    assert saved is not None, words
    folder = Path(saved[2])
    mails = [message_from_bytes(each.read_bytes()) for each in folder.glob("*.eml")]
    pages = list(folder.glob("*.html"))
    shutil.rmtree(folder)
    assert len(mails) == len(pages) == int(saved[1]) == 6
    assert all(str(each["Message-ID"]).startswith("<gk1-") for each in mails)


def story(words: str) -> list[str]:
    """Return what does not depend on how a CRM calls things: figures, and who owes."""
    return re.findall(
        r"\d+ deals held against .*? do not apply|violations: .*? in this run"
        r"|plan: .*? to flag|written: .*? flagged|[A-Z]\w+ [A-Z]\w+, due [\d-]+"
        r"|\d+ tasks in all, \d+ deals flagged|To do: .*?\."
        r"|Pipeline \d+ \w+ \d+: .*? to look at",
        words,
    )


@pytest.mark.slow
def test_the_demo_tells_the_same_story_in_both_crms(program: Program):
    here, there = (story(told(program, crm)) for crm in ("salesforce", "hubspot"))
    assert here == there
    # Two runs, one of them written, a list of tasks, the one a rep finishes, mails.
    assert len(here) >= 2 * 3 + 1 + 5 + 2 + 4
