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
    "yes": (a_line(answer=True), {Standing.MET}),
    "no": (a_line(answer=False), {Standing.NOT_MET}),
    "untold": (a_line(HIDDEN), {Standing.MET, Standing.NOT_MET}),
    "left out": (asked_when(False, a_line(answer=True)), {Standing.NOT_ASKED}),
    "yes, if asked": (
        asked_when(HIDDEN, a_line(answer=True)),
        {Standing.MET, Standing.NOT_ASKED},
    ),
    "no, if asked": (
        asked_when(HIDDEN, a_line(answer=False)),
        {Standing.NOT_MET, Standing.NOT_ASKED},
    ),
    "untold, if asked": (
        asked_when(HIDDEN, a_line(HIDDEN)),
        {Standing.MET, Standing.NOT_MET, Standing.NOT_ASKED},
    ),
}
ENOUGH = {
    Quorum.ALL: lambda answers, _count: all(answers),
    Quorum.ANY: lambda answers, _count: any(answers),
    Quorum.AT_LEAST: lambda answers, count: sum(answers) >= count,
}


def by_every_outcome(quorum, count, parts):
    """Answer for each way in which what cannot be told may come out."""
    outcomes = set()
    for fallen in product(*parts):
        asked = [each is Standing.MET for each in fallen if each in ANSWERED]
        if not asked:
            outcomes.add(Standing.NOT_ASKED)
        else:
            enough = ENOUGH[quorum](asked, count)
            outcomes.add(Standing.MET if enough else Standing.NOT_MET)
    return outcomes


def only(outcomes):
    return outcomes.pop() if len(outcomes) == 1 else Standing.CANNOT_TELL


ANSWERED = (Standing.MET, Standing.NOT_MET)
SOME_LINES = st.lists(st.sampled_from(list(LINES)), min_size=1, max_size=4)
SOME_GROUPS = st.tuples(st.sampled_from(Quorum), st.integers(1, 4), SOME_LINES)


@given(SOME_GROUPS, st.none() | SOME_GROUPS)
def test_a_group_is_decided_once_no_missing_answer_could_change_it(outer, inner):
    quorum, count, names = outer
    parts = [LINES[each] for each in names]
    if inner is not None:
        within, at_least, lines = inner
        told = by_every_outcome(within, at_least, [LINES[each][1] for each in lines])
        parts.append((a_group(within, at_least, lines), told))
    group = Group(quorum, tuple(part for part, _ in parts), count)
    expected = by_every_outcome(quorum, count, [told for _, told in parts])
    assert stands(group) is only(expected)


def a_group(quorum, count, names):
    counts = count if quorum is Quorum.AT_LEAST else 0
    return Group(quorum, tuple(LINES[each][0] for each in names), counts)


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


def test_a_line_that_is_not_asked_says_why_and_is_no_reason():
    asked = asked_when(False, TOLD["no"])
    left = Finding(
        "no",
        Standing.NOT_ASKED,
        "Not asked: no (the when is False).",
        "Not asked: no (the when is not met).",
    )
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


def test_a_group_of_which_nothing_is_asked_says_why():
    unasked = asked_when(False, TOLD["no"])
    for quorum in (Quorum.ANY, Quorum.AT_LEAST):
        (found,) = told(Group(quorum, (unasked,), 1))
        assert found.standing is Standing.NOT_ASKED
        assert found.text == (
            "None of these is asked: Not asked: no (the when is False)."
        )
        assert (found.fix, found.because_empty) == (None, False)


def test_a_group_with_too_few_lines_asked_says_which_were_left_out():
    unasked = asked_when(False, TOLD["no"])
    (found,) = told(Group(Quorum.AT_LEAST, (TOLD["yes"], unasked), 2))
    assert (found.standing, found.text) == (
        Standing.NOT_MET,
        "1 of the 2 needed: Not asked: no (the when is False).",
    )


def test_a_line_whose_when_cannot_be_told_says_why_and_how_it_would_stand():
    hidden = finding("hidden", Standing.CANNOT_TELL)
    hidden = replace(hidden, text="Cannot tell: no access.")
    asked = replace(TOLD["no"], when=a_told_line(hidden, HIDDEN))
    text = "Cannot tell: no access, so it is open whether this is asked: no."
    open_line = Finding(
        "no",
        Standing.CANNOT_TELL,
        text,
        text,
        fix="Fill it.",
        details=("If it is asked: no is.",),
    )
    assert told(asked) == (open_line,)
    (found,) = told(Group(Quorum.ANY, (asked, TOLD["dark"])))
    assert found.text == (
        "Cannot tell: none of these is known to hold: no access, so it is open"
        " whether this is asked: no; dark is."
    )
    holds = replace(TOLD["yes"], when=asked.when)
    (found,) = told(Group(Quorum.AT_LEAST, (holds, TOLD["yes"], TOLD["yes"]), 3))
    assert found.text == (
        "Cannot tell: 2 of the 3 needed known to hold: no access, so it is open"
        " whether this is asked: yes."
    )


def test_a_line_whose_when_holds_is_told_itself():
    assert told(asked_when(True, TOLD["no"])) == (NO,)
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
