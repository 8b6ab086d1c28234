"""What a mail looks like in a real browser: legible, narrow enough, and harmless."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.values import Criterion
from gatekeeper.notify.render import render
from tests.notify.browser import looks
from tests.notify.digests import (
    HOST,
    a_full_digest,
    a_truth,
    an_empty_digest,
    url_of,
)
from tests.notify.test_render import HARM
from tests.notify.test_rules_letter import a_rules_digest

if TYPE_CHECKING:
    from gatekeeper.core.digest.rules import RulesDigest
    from gatekeeper.core.digest.values import Digest
    from tests.notify.browser import Look

pytestmark = pytest.mark.slow

LEAST_CONTRAST = 4.5
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
PARTIAL = a_truth(
    is_complete=False,
    problems=("Page 3 of 9 did not come.",),
    held=("tasks_per_run: the plan has 300, allowed are 200.",),
    cannot_tell=41,
    is_late=True,
    days_without=(date(2026, 11, 19),),
    rules_before="3f2a001",
)
WITH_HEAD = a_truth(audit_head="c88f6cc344ea87c1" * 4)
"""The foot of every mail of a real run ends with such a word."""
OBSERVED = Criterion("d", "A next meeting is planned", True, 31, 0, 0)
DIGESTS: dict[str, Digest | RulesDigest] = {
    "whole": a_full_digest(),
    "partial": replace(a_full_digest(), truth=PARTIAL),
    "with the head of the audit chain": replace(a_full_digest(), truth=WITH_HEAD),
    "empty": an_empty_digest(),
    "empty and partial": an_empty_digest(is_complete=False),
    "observed": replace(an_empty_digest(), criteria=(OBSERVED,)),
    "of one's own": a_full_digest(audience=Audience.OWNER),
    "of all": a_full_digest(audience=Audience.LEADERSHIP),
    "long names": a_full_digest(LONG),
    "of the rules": a_rules_digest(),
    "of the rules, long names": a_rules_digest(LONG),
}


def page(digest: Digest | RulesDigest) -> str:
    return render(digest, url_of, HOST, UTC).as_page()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[Look]:
    pages = {name: page(digest) for name, digest in DIGESTS.items()}
    return looks(pages, tmp_path_factory.mktemp("looks"))


def test_every_mail_is_shown_in_both_schemes_and_widths(seen: list[Look]) -> None:
    shown = {(each.page, each.width, each.is_dark) for each in seen}

    assert shown == {
        (name, width, is_dark)
        for name in DIGESTS
        for width in (600, 320)
        for is_dark in (False, True)
    }
    assert any(each.pictures for each in seen)
    assert all(all(each.pictures) for each in seen)


def test_all_words_stand_out_from_their_ground(seen: list[Look]) -> None:
    faint = [
        (each.page, each.width, each.is_dark, each.faintest)
        for each in seen
        if each.faintest[0] < LEAST_CONTRAST
    ]

    assert faint == []


def test_no_words_are_too_small_to_read(seen: list[Look]) -> None:
    assert min(each.smallest for each in seen) >= 12


def test_nothing_has_to_be_scrolled_sideways(seen: list[Look]) -> None:
    wide = [
        (each.page, each.width, each.scrolls, each.beyond)
        for each in seen
        if each.scrolls > each.width or each.beyond
    ]

    assert wide == []


@pytest.mark.promise("S12")
def test_hostile_names_leave_the_page_as_it_is(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A browser makes the same elements and attributes of them as of a plain name.

    A sentence with a colon is shown as a head and a line, harmless or not.
    """
    names = [("Acme", "plain"), ("Acme: all", "plain with a colon")]
    names += [(name, f"harm {number}") for number, name in enumerate(HARM)]
    pages = {
        f"{kind}, {':' if ': ' in name else 'no'} colon, {each}": page(made(name))
        for name, each in names
        for kind, made in (("deals", a_full_digest), ("rules", a_rules_digest))
    }

    found = looks(pages, tmp_path_factory.mktemp("hostile"), (600,), ("light",))

    for kind in ("deals, : colon", "deals, no colon", "rules, : colon", "rules, no"):
        shapes = {each.shape for each in found if each.page.startswith(kind)}
        assert len(shapes) == 1, kind
        assert "SCRIPT" not in shapes.pop()
