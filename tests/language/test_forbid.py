"""Phrases that do not count as an answer: `forbid` of a check."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import EMPTY, Finding, Standing, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.forbid import forbidding, texts_of
from gatekeeper.language.parser.line import parse
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, a_case

HIDDEN = Unavailable("no access")
PHRASES = ("waiting for the customer", "tbc")


def asked(text: str, value, *, blank: bool = False):
    checked = check(parse(text), SCOPE)
    line = compile_line(checked, blank_passes=blank)
    line = forbidding(line, checked, PHRASES)
    deal = a_case()
    deal = replace(deal, fields={**deal.fields, "next_step": value})
    return line.test(deal, CONTEXT), line.explain(deal, CONTEXT)


@pytest.mark.parametrize(
    ("written", "phrase"),
    [
        ("waiting for the customer", PHRASES[0]),
        ("Still WAITING, for the Customer!!", PHRASES[0]),
        ("Waiting for\nthe customer to sign", PHRASES[0]),
        ("Demo: T.B.C.", "tbc"),
        ("tbccc", "tbc"),
        ("Asked (tbc)", "tbc"),
        ("waiting-for-the-customer", PHRASES[0]),
    ],
)
def test_a_phrase_is_found_whatever_its_case_punctuation_and_repeats(written, phrase):
    answer, finding = asked("next_step is filled", written)
    assert answer is False
    assert finding.standing is Standing.NOT_MET
    sentence = f'Next Step contains "{phrase}", which does not count.'
    assert (finding.text, finding.lasting_text) == (sentence, sentence)
    assert finding.expected == f'without "{phrase}"'
    assert not finding.because_empty


@pytest.mark.parametrize(
    "written",
    [
        "Call the customer on Friday",
        "wait",
        "to be",
        "t b c",
        "Contact Bc",
        "NetBC and tbcs",
        "await ing for the customer",
        "We are awaiting for the customers",
    ],
)
def test_a_text_without_a_phrase_is_what_it_was(written):
    answer, finding = asked("next_step is filled", written)
    assert (answer, finding.standing) == (True, Standing.MET)


@pytest.mark.parametrize(
    ("phrase", "written", "is_found"),
    [
        ("on hold", "Simon Holder will sign on Friday", False),
        ("on hold", "Put on-hold by Legal", True),
        ("T.B.C.", "tbc", True),
        ("N/A", "n/a yet", True),
        ("---", "-", True),
        ("---", "Call - then send", False),
        ("等客户", "正在等客户回复", True),
        ("phase 2", "Phase 21 begins", False),
    ],
)
def test_a_phrase_is_found_as_words_of_its_own(phrase, written, is_found):
    checked = check(parse("next_step is filled"), SCOPE)
    line = forbidding(compile_line(checked), checked, [phrase])
    deal = a_case(next_step=written)
    context = replace(CONTEXT, placeholders=frozenset())
    assert line.test(deal, context) is not is_found


def test_a_check_that_fails_by_itself_says_so_itself():
    answer, finding = asked("next_step is filled", EMPTY)
    assert (answer, finding.text) == (False, "Next Step is empty.")
    answer, finding = asked("length(next_step) >= 100", "tbc")
    assert answer is False
    assert "does not count" not in finding.text


def test_what_is_allowed_to_be_empty_may_still_not_hold_a_phrase():
    text = 'next_step contains "Friday"'
    assert asked(text, EMPTY, blank=True)[0] is EMPTY
    assert asked(text, EMPTY, blank=True)[1].standing is Standing.MET
    assert asked(text, "tbc, Friday", blank=True)[0] is False


def test_a_text_that_cannot_be_read_decides_nothing():
    answer, finding = asked("amount > 0 or next_step is filled", HIDDEN)
    assert answer is HIDDEN
    assert finding.standing is Standing.CANNOT_TELL
    assert finding.text == "Cannot tell: no access."


def test_what_a_met_line_said_of_itself_gives_way_to_the_phrase():
    """Counted rows and met halves would contradict "does not count"."""
    text = "next_step is filled and at least 1 contacts"
    answer, finding = asked(text, "tbc, I think")
    sentence = 'Next Step contains "tbc", which does not count.'
    assert answer is False
    assert finding == Finding(
        line="next_step is filled and at least 1 contacts",
        standing=Standing.NOT_MET,
        text=sentence,
        lasting_text=sentence,
        observed='"tbc, I think"',
        expected='without "tbc"',
    )


def test_a_hidden_text_takes_the_place_of_what_was_counted():
    text = 'some contacts where role = "Champion" or name = deal.next_step'
    answer, finding = asked(text, HIDDEN)
    assert answer is HIDDEN
    assert finding == Finding(
        line=text,
        standing=Standing.CANNOT_TELL,
        text="Cannot tell: no access.",
        lasting_text="Cannot tell: no access.",
    )


@pytest.mark.parametrize(("blank", "expected"), [(True, False), (False, EMPTY)])
def test_a_line_left_open_by_a_blank_fails_only_where_a_blank_passes(blank, expected):
    text = 'next_step contains "Friday" and signature_date > today'
    assert asked(text, "tbc, Friday", blank=blank)[0] is expected


def test_texts_of_the_deal_count_and_those_of_rows_do_not():
    def names(text: str) -> list[str]:
        return [each.name for each in texts_of(check(parse(text), SCOPE))]

    assert names("next_step is filled and length(next_step) > 5") == ["next_step"]
    assert names("amount > 5") == []
    assert names('some meetings where subject = "x"') == []


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_phrase_inside_any_text_is_found(before, after):
    answer, _ = asked("next_step is filled", f"{before} tbc {after}")
    assert answer is False
