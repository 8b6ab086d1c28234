"""What those who write the rules read: each trouble with what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from gatekeeper.core.digest.rules import Drift, RulesDigest, Tally
from gatekeeper.core.model import Mode
from gatekeeper.core.notices import Notice, NoticeKind
from gatekeeper.notify.render import LARGEST_HTML, render
from tests.notify.digests import (
    HOST,
    a_full_digest,
    a_truth,
    an_empty_digest,
    url_of,
)
from tests.notify.test_render import HARM, Page

HELD = "tasks_per_run: the plan has 300, allowed are 200. Raise limits.tasks_per_run."
PLACE = "rules/b2b.rules.yaml:40:16"
LACKS = Notice(NoticeKind.DRIFT, "E501", "Budget__c cannot be read.", PLACE)


def a_rules_digest(name: str = "") -> RulesDigest:
    """Every trouble once; `name` is what every rule is called."""
    return RulesDigest(
        replace(a_full_digest(name), truth=a_truth(held=(HELD,), cannot_tell=41)),
        (
            Tally("a", name or "The budget is known", Mode.WARN, untold=41),
            Tally("b", name or "The buyer answers", Mode.ENFORCE, 1, 60),
            Tally("c", name or "The quote was sent", Mode.ENFORCE, 9, 4, 0, 4, 4),
            Tally("d", name or "The company is known", Mode.ENFORCE, 167),
            Tally("e", name or "The contract is signed", Mode.OBSERVE),
            Tally("f", name or "The amount is known", Mode.ENFORCE, 100, 30),
        ),
        drift=(
            Drift(LACKS, is_new=True),
            Drift(replace(LACKS, text=name or "An older one"), is_new=False),
        ),
        said=(name or "Deals with open lines that nobody owes: 3.",),
    )


def text_of(digest: RulesDigest) -> str:
    return render(digest, url_of, HOST, UTC).text


@pytest.mark.parametrize(
    ("title", "entry"),
    [
        ("Rules that cannot run", "* The budget is known: warn\n  a: 41 cannot tell"),
        ("Rules that fail on nearly every deal", "* The buyer answers: enforce\n  b:"),
        ("Rules that are always waived", "  c: 4 fail, 9 pass, 4 waived"),
        ("Rules that never fail", "* The company is known: enforce\n  d: 167 pass"),
        ("Rules that are asked of no deal", "  e: no deal"),
        ("Held until a person decides", "* tasks_per_run\n  the plan has 300,"),
        ("and the CRM does not show", "* rules/b2b.rules.yaml:40:16: new\n  E501: B"),
        ("The run also said", "* Deals with open lines that nobody owes\n  3."),
    ],
)
def test_every_trouble_is_told_with_its_rule(title: str, entry: str) -> None:
    text = text_of(a_rules_digest())

    _, found, after = text.partition(f"{title}\n---")
    assert found, text
    assert entry in after.partition("\n\n\n")[0]


def test_the_lead_counts_the_rules_that_need_a_look() -> None:
    text = text_of(a_rules_digest())

    assert "6 rules were held against 134 open deals; 5 of them need a look." in text
    assert "The amount is known" not in text.partition("By stage")[0]


def test_what_is_held_is_told_once_and_in_full() -> None:
    assert text_of(a_rules_digest()).count("limits.tasks_per_run") == 1


def test_where_every_rule_works_that_is_all_it_says() -> None:
    rule = Tally("f", "The amount is known", Mode.ENFORCE, 100, 30)

    rendered = render(RulesDigest(an_empty_digest(), (rule,)), url_of, HOST, UTC)

    assert rendered.subject == "Rules 20 Nov 2026: nothing to look at"
    assert "1 rule was held against 34 open deals. Each did its work." in rendered.text
    assert "\n---" not in rendered.text


def test_the_subject_counts_what_is_new() -> None:
    rendered = render(a_rules_digest(), url_of, HOST, UTC)

    assert rendered.subject == (
        "Rules 20 Nov 2026: 5 rules, 1 change, 1 held point to look at"
    )


@pytest.mark.promise("S12")
@pytest.mark.parametrize("harm", HARM)
def test_no_name_of_anything_becomes_markup(harm: str) -> None:
    page = Page(render(a_rules_digest(harm), url_of, HOST, UTC).html)
    harmless = "Acme: all" if ": " in harm else "Acme"  # it makes a head and a line
    plain = Page(render(a_rules_digest(harmless), url_of, HOST, UTC).html)

    assert page.tags == plain.tags
    assert {name for name, _ in page.attributes} == {n for n, _ in plain.attributes}


def test_hundreds_of_rules_with_long_titles_stay_within_the_size() -> None:
    many = tuple(
        Tally(f"rule-{number}", "A very long title " * 8, Mode.WARN, untold=number)
        for number in range(1, 400)
    )
    drift = tuple(
        Drift(replace(LACKS, text=f"{LACKS.text} {number} " * 9), is_new=True)
        for number in range(300)
    )

    rendered = render(RulesDigest(a_full_digest(), many, drift), url_of, HOST, UTC)

    assert len(rendered.html.encode()) <= LARGEST_HTML
    assert "and 389 more" in rendered.text
