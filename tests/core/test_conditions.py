"""Several lines together: all, any, at least; how they stand and how that is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.judge.conditions import findings, standing
from gatekeeper.core.model import (
    EMPTY,
    Finding,
    Group,
    Line,
    Quorum,
    Standing,
    Unavailable,
)
from tests.builders import a_context, a_deal, a_line, asking

HIDDEN = Unavailable("no access")
DEAL = a_deal("Proposal")


def stands(condition):
    return standing(condition, DEAL, a_context())


def told(condition):
    return findings(condition, DEAL, a_context())


def passing_blank(text="a check"):
    return replace(a_line(EMPTY, text), blank_passes=True)


def asked_when(answer, line):
    return replace(line, when=a_line(answer, "the when"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (a_line(answer=True), Standing.MET),
        (a_line(answer=False), Standing.NOT_MET),
        (a_line(EMPTY), Standing.NOT_MET),
        (passing_blank(), Standing.MET),
        (a_line(HIDDEN), Standing.CANNOT_TELL),
        (replace(a_line(HIDDEN), blank_passes=True), Standing.CANNOT_TELL),
        (asked_when(True, a_line(answer=False)), Standing.NOT_MET),
        (asked_when(False, a_line(answer=False)), Standing.NOT_ASKED),
        (asked_when(EMPTY, a_line(answer=False)), Standing.NOT_ASKED),
        (asked_when(HIDDEN, a_line(answer=False)), Standing.CANNOT_TELL),
        (
            replace(a_line(answer=True), when=asked_when(False, a_line(answer=True))),
            Standing.NOT_ASKED,
        ),
    ],
)
def test_a_line_stands_as_it_answers_and_is_asked_only_where_its_when_holds(
    line, expected
):
    assert stands(line) is expected


LINES = {
    Standing.MET: a_line(answer=True),
    Standing.NOT_MET: a_line(answer=False),
    Standing.CANNOT_TELL: a_line(HIDDEN),
    Standing.NOT_ASKED: asked_when(False, a_line(answer=True)),
}
ENOUGH = {
    Quorum.ALL: lambda answers, _count: all(answers),
    Quorum.ANY: lambda answers, _count: any(answers),
    Quorum.AT_LEAST: lambda answers, count: sum(answers) >= count,
}


def by_every_outcome(quorum, count, parts):
    """Answer as if what cannot be told came out either way, and compare."""
    known = {Standing.MET: [True], Standing.NOT_MET: [False]}
    asked = [
        known.get(each, [True, False])
        for each in parts
        if each is not Standing.NOT_ASKED
    ]
    if not asked and quorum is not Quorum.AT_LEAST:
        return Standing.NOT_ASKED
    outcomes = {ENOUGH[quorum](answers, count) for answers in product(*asked)}
    if len(outcomes) > 1:
        return Standing.CANNOT_TELL
    return Standing.MET if outcomes == {True} else Standing.NOT_MET


@given(
    st.sampled_from(Quorum),
    st.integers(1, 5),
    st.lists(st.sampled_from(list(LINES)), min_size=1, max_size=5),
)
def test_a_group_is_decided_once_no_missing_answer_could_change_it(
    quorum, count, parts
):
    group = Group(quorum, tuple(LINES[each] for each in parts), count)
    assert stands(group) is by_every_outcome(quorum, count, parts)


def test_an_empty_line_that_passes_counts_in_all_and_is_left_out_elsewhere():
    blank, wrong = passing_blank(), a_line(answer=False)
    assert stands(Group(Quorum.ALL, (blank,))) is Standing.MET
    assert stands(Group(Quorum.ANY, (blank, wrong))) is Standing.NOT_MET
    assert stands(Group(Quorum.AT_LEAST, (blank, wrong), 1)) is Standing.NOT_MET
    filled = replace(a_line(answer=True), blank_passes=True)
    assert stands(Group(Quorum.ANY, (filled, wrong))) is Standing.MET
    assert stands(Group(Quorum.ANY, (blank,))) is Standing.NOT_ASKED
    inner = Group(Quorum.ALL, (blank,))
    assert stands(Group(Quorum.ANY, (inner, wrong))) is Standing.MET


def test_a_line_is_compiled_when_it_is_first_asked_and_not_again():
    asked = a_line(answer=True)
    compiled: list[str] = []

    def compile_it():
        compiled.append("again" if compiled else "once")
        return asked.test, asked.explain

    line = Line(lambda: "a check", compile_it)
    assert line == replace(line)
    assert compiled == []
    assert told(line)[0].standing is Standing.MET
    assert stands(line) is Standing.MET
    assert compiled == ["once"]


def test_a_line_has_nothing_but_what_is_said_of_it():
    assert not hasattr(a_line(answer=True), "answer")


# ---- how it is told ------------------------------------------------------------------


def finding(text, standing, **more):
    return Finding(text, standing, f"{text} is.", f"{text} lasts.", **more)


def a_told_line(found, answer):
    line = a_line(answer, found.line)
    return asking(line, line.test, lambda _deal, _context: found)


YES = finding("yes", Standing.MET, fix="Keep it.")
NO = finding("no", Standing.NOT_MET, fix="Fill it.")
BLANK = finding("blank", Standing.NOT_MET, fix="Fill it.", because_empty=True)
DARK = finding("dark", Standing.CANNOT_TELL)
TOLD = {
    each.line: a_told_line(each, answer)
    for each, answer in ((YES, True), (NO, False), (BLANK, EMPTY), (DARK, HIDDEN))
}


def group(quorum, *names, count=0):
    return Group(quorum, tuple(TOLD[name] for name in names), count)


def test_all_tells_every_line_in_order_also_of_groups_in_it():
    nested = Group(Quorum.ALL, (TOLD["no"], group(Quorum.ALL, "yes", "dark")))
    assert told(nested) == (NO, YES, DARK)


def test_an_any_that_fails_tells_each_line_and_each_remedy_once():
    assert told(group(Quorum.ANY, "no", "blank")) == (
        Finding(
            "no or blank",
            Standing.NOT_MET,
            "None of these holds: no is; blank is.",
            "None of these holds: no lasts; blank lasts.",
            fix="Fill it.",
            parts=(NO, BLANK),
        ),
    )


def test_only_the_full_stop_of_a_sentence_is_taken():
    found = Finding("x", Standing.NOT_MET, "The size is XX.", "The size is XX.")
    (told_of,) = told(Group(Quorum.ANY, (a_told_line(found, answer=False),)))
    assert told_of.text == "None of these holds: The size is XX."


def test_a_group_says_the_titles_of_its_lines():
    named = finding("amount", Standing.NOT_MET, title="Budget")
    parts = (a_told_line(named, answer=False), TOLD["blank"])
    (found,) = told(Group(Quorum.ANY, parts))
    assert found.text == "None of these holds: Budget: amount is; blank is."
    assert found.lasting_text == (
        "None of these holds: Budget: amount lasts; blank lasts."
    )


def test_an_any_that_holds_tells_what_holds_and_no_remedy():
    assert told(group(Quorum.ANY, "no", "yes")) == (
        Finding(
            "no or yes",
            Standing.MET,
            "One of several is enough: yes is.",
            "One of several is enough: yes lasts.",
            parts=(NO, YES),
        ),
    )


def test_a_group_fails_for_being_empty_only_where_every_line_does():
    (found,) = told(group(Quorum.ANY, "blank", "blank"))
    assert found.because_empty
    (found,) = told(group(Quorum.ANY, "blank", "no"))
    assert not found.because_empty
    (found,) = told(group(Quorum.ANY, "yes", "blank"))
    assert not found.because_empty


def test_remedies_that_differ_stand_side_by_side():
    other = finding("other", Standing.NOT_MET, fix="Ask.")
    parts = (TOLD["no"], a_told_line(other, answer=False), TOLD["dark"])
    (found,) = told(Group(Quorum.ANY, parts))
    assert (found.standing, found.fix) == (Standing.CANNOT_TELL, "Fill it. Ask.")
    (found,) = told(group(Quorum.ANY, "dark", "dark"))
    assert found.fix is None


def test_at_least_says_how_many_of_the_needed_hold():
    assert told(group(Quorum.AT_LEAST, "yes", "no", "dark", count=3)) == (
        Finding(
            "yes or no or dark",
            Standing.NOT_MET,
            "1 of the 3 needed: no is; dark is.",
            "1 of the 3 needed: no lasts; dark lasts.",
            fix="Fill it.",
            parts=(YES, NO, DARK),
        ),
    )


def test_a_line_that_is_not_asked_says_so_and_is_no_reason():
    asked = asked_when(False, TOLD["no"])
    left = Finding("no", Standing.NOT_ASKED, "Not asked: no", "Not asked: no")
    assert told(asked) == (left,)
    assert told(Group(Quorum.ANY, (asked, TOLD["blank"]))) == (
        Finding(
            "no or blank",
            Standing.NOT_MET,
            "None of these holds: blank is.",
            "None of these holds: blank lasts.",
            fix="Fill it.",
            because_empty=True,
            parts=(left, BLANK),
        ),
    )


def test_a_line_whose_when_cannot_be_told_or_holds_is_told_itself():
    for answer in (True, HIDDEN):
        assert told(asked_when(answer, TOLD["no"])) == (NO,)
    unasked = asked_when(False, a_line(answer=True, text="the outer"))
    skipped = replace(TOLD["no"], when=unasked)
    assert told(skipped)[0].standing is Standing.NOT_ASKED


def test_an_empty_line_left_out_of_an_any_says_so():
    blank = replace(TOLD["blank"], blank_passes=True)
    (found,) = told(Group(Quorum.ANY, (blank, TOLD["no"])))
    assert found.parts == (
        replace(
            BLANK,
            standing=Standing.NOT_ASKED,
            text="Left out, being empty: blank",
            lasting_text="Left out, being empty: blank",
        ),
        NO,
    )
    assert found.text == "None of these holds: no is."
    assert told(Group(Quorum.ALL, (blank,))) == (BLANK,)
