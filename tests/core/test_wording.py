"""The words of tasks and flags: bounded, plain, whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.core.model import Ahead, Finding, Standing
from gatekeeper.core.wording import (
    body_of,
    bounded,
    cut,
    missing_of,
    plain,
    subject_of,
    visible,
)
from tests.builders import DEAL_ID, a_violation
from tests.core.test_desire import a_dossier


def found(text, lasting=None):
    return Finding("x", Standing.NOT_MET, text, lasting or text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two  words", "two words"),
        (" a\tb\r\nc\u2028d\u2029e ", "a b c d e"),
        ("\x00bell\x07\x1b[31m", "bell[31m"),
        ("Acme\u202e\u2066 GmbH\u200f\u061c", "Acme GmbH"),
        ("half \ud83d pair", "half pair"),
        ("Zoë Ünal 株式会社 🚀", "Zoë Ünal 株式会社 🚀"),
        ("XXL Xerox", "XXL Xerox"),
    ],
)
def test_plain_text_shows_what_can_be_seen_on_one_line(text, shown):
    assert plain(text) == shown


def test_what_is_visible_keeps_its_blanks():
    assert visible(" a \n\x00\u200eb\t") == " a  b "


def test_a_text_is_cut_with_an_ellipsis_only_where_something_is_lost():
    assert cut("abcde", 5) == "abcde"
    assert cut("abcdef", 5) == "abcd…"
    assert cut("abc def", 5) == "abc…"
    assert plain("x" * 10_001) == "x" * 9_999 + "…"
    assert plain("x" * 10_000) == "x" * 10_000
    assert plain("a  bcd", 4) == "a b…"


def test_the_subject_keeps_the_stage_and_the_count_whole():
    assert subject_of("Acme", "Proposal", 1) == "Acme (Proposal): 1 thing missing"
    assert subject_of("Acme", "Proposal", 2) == "Acme (Proposal): 2 things missing"
    long = subject_of("A" * 200, "S" * 60, 12)
    assert len(long) == 120
    assert long == "A" * 57 + "…" + f" ({'S' * 39}…): 12 things missing"


def test_a_body_lists_ten_lines_and_says_how_many_more_there_are():
    lines = [a_violation(f"r{n}") for n in range(1, 12)]
    eleven = body_of(lines, a_dossier(), "deal_owner")
    assert eleven[-6:] == (
        "   Amount is empty.",
        "   To do: Enter the amount.",
        "",
        f"and 1 more: https://acme.example/{DEAL_ID}",
        "",
        "This task closes itself when everything is in place.",
    )
    assert "10. Title of r10" in eleven
    ten = body_of(lines[:10], a_dossier(), "deal_owner")
    assert ten[-4:] == (
        "   Amount is empty.",
        "   To do: Enter the amount.",
        "",
        "This task closes itself when everything is in place.",
    )


def test_a_line_gives_each_reason_once_in_lasting_words():
    line = a_violation(
        findings=(
            found("No meeting for 23 days.", "The last meeting was on 28 Oct 2026."),
            found("Amount is empty."),
            found("Amount is empty."),
        )
    )
    assert body_of([line], a_dossier(), "deal_owner")[2:6] == (
        "1. Title of qual-amount",
        "   The last meeting was on 28 Oct 2026.",
        "   Amount is empty.",
        "   To do: Enter the amount.",
    )


def test_titles_reasons_and_remedies_are_cut_each_on_its_own():
    line = a_violation(title="t" * 201, fix="f" * 401, findings=(found("r" * 401),))
    title, reason, fix = body_of([line], a_dossier(), "deal_owner")[2:5]
    assert title == "1. " + "t" * 199 + "…"
    assert reason == "   " + "r" * 399 + "…"
    assert fix == "   To do: " + "f" * 399 + "…"
    assert missing_of([line]) == f"{title[3:]}: {reason[3:]} {fix[10:]}"


def test_a_line_with_a_title_of_its_own_says_it_before_its_sentence():
    budget = replace(found("Amount is empty."), title="Budget", fix="Ask for it.")
    line = a_violation(findings=(budget, found("There is no quote.")))
    assert body_of([line], a_dossier(), "deal_owner")[3:5] == (
        "   Budget: Amount is empty.",
        "   There is no quote.",
    )
    assert missing_of([line]).startswith(
        "Title of qual-amount: Budget: Amount is empty. There is no quote. "
    )


def test_there_is_more_room_for_what_to_do_where_lines_have_remedies_of_their_own():
    lines = tuple(replace(found(f"{n}."), fix=f"fix {n}") for n in (1, 2, 2))
    line = a_violation(fix="f" * 1201, findings=lines)
    told = "f" * 1199 + "…"
    assert f"   To do: {told}" in body_of([line], a_dossier(), "deal_owner")
    assert missing_of([line]).endswith(f" {told}")


def test_who_stands_in_reads_why_in_the_last_line_of_the_role():
    dossier = a_dossier(instead={"deal_owner": "You are asked because Ann is away."})
    assert body_of([a_violation()], dossier, "deal_owner")[-2:] == (
        "This task closes itself when everything is in place.",
        "You are asked because Ann is away.",
    )
    assert body_of([a_violation()], dossier, "deal_desk")[-1] == (
        "This task closes itself when everything is in place."
    )


def test_what_comes_next_stands_after_what_is_missing_ten_lines_of_it():
    coming = tuple(Ahead(f"r{n}", f"Title {n}", "x" * 201) for n in range(1, 12))
    body = body_of([a_violation()], a_dossier(ahead=coming), "deal_owner")
    assert body[5:8] == (
        "",
        "Still to do before the deal leaves this stage:",
        f"- Title 1: {'x' * 199}…",
    )
    assert body[16:] == (
        f"- Title 10: {'x' * 199}…",
        "",
        "This task closes itself when everything is in place.",
    )


def test_a_body_keeps_whole_lines_while_they_fit():
    """Each line counts with its line end: 7,999 and one more are 8,000."""
    assert bounded(["x" * 7_999]) == ("x" * 7_999,)
    assert bounded(["x" * 8_000, "y"]) == ()
    assert bounded(["a" * 3_999, "b" * 3_999, "c"]) == ("a" * 3_999, "b" * 3_999)
    assert bounded(["a" * 3_999, "b" * 4_000, "c"]) == ("a" * 3_999,)


def test_the_flag_says_what_is_missing_line_by_line():
    lines = [a_violation(f"r{n}") for n in range(1, 13)]
    text = "Amount is empty. Enter the amount."
    assert missing_of(lines[:2]) == f"Title of r1: {text}\nTitle of r2: {text}"
    assert missing_of(lines[:10]).endswith(f"Title of r10: {text}")
    assert missing_of(lines).split("\n")[10:] == ["and 2 more"]
    assert missing_of(lines[:11]).split("\n")[10:] == ["and 1 more"]
    both = a_violation(
        findings=(found("Amount is empty."), found("There is no quote."))
    )
    assert missing_of([both]) == (
        "Title of qual-amount: Amount is empty. There is no quote. Enter the amount."
    )


def test_the_flag_is_cut_to_what_the_field_holds():
    lines = [
        a_violation(
            f"r{n}", title="t" * 300, fix="f" * 500, findings=(found("r" * 500),)
        )
        for n in range(10)
    ]
    assert len(missing_of(lines)) == 8_000
    assert missing_of(lines).endswith("…")
