"""What a run says, as people read it and as a report keeps it."""

from __future__ import annotations

import json

import pytest

from gatekeeper.core.notices import (
    Notice,
    NoticeKind,
    Remark,
    notices_in,
    said,
    written,
)

DRIFT = Notice(NoticeKind.DRIFT, "E301", "no field colour", "rules/x.yaml:3:5")
HELD = Notice(NoticeKind.HELD, "GK120", "41 tasks are more than the limit")
NOTE = Notice(NoticeKind.NOTE, "", "3 deals were merged")
EVERY = (DRIFT, HELD, NOTE)


def test_a_sentence_has_its_code_and_its_place_where_there_are_any() -> None:
    assert [each.sentence for each in EVERY] == [
        "rules/x.yaml:3:5: error E301: no field colour",
        "GK120: 41 tasks are more than the limit",
        "3 deals were merged",
    ]


def test_a_report_keeps_the_sentences_and_what_each_is_about() -> None:
    assert written(iter((DRIFT, NOTE))) == {
        "messages": [
            "rules/x.yaml:3:5: error E301: no field colour",
            "3 deals were merged",
        ],
        "notices": [
            {
                "kind": "drift",
                "code": "E301",
                "place": "rules/x.yaml:3:5",
                "text": "no field colour",
            },
            {"kind": "note", "code": "", "place": "", "text": "3 deals were merged"},
        ],
    }


def test_a_report_in_which_nothing_is_said_has_both_parts() -> None:
    assert written(()) == {"messages": [], "notices": []}


def test_what_was_written_is_read_back_from_the_kept_report() -> None:
    report = json.loads(json.dumps(written(EVERY)))
    assert notices_in(report) == EVERY


def test_one_kind_is_read_back_without_the_others() -> None:
    report = written(EVERY)
    assert said(report, NoticeKind.HELD) == (HELD,)
    assert said(report, NoticeKind.STOPPED) == ()


@pytest.mark.parametrize("report", [{}, {"notices": None}, {"notices": "held"}])
def test_a_report_of_a_version_that_kept_none_says_nothing(
    report: dict[str, object],
) -> None:
    assert notices_in(report) == ()


def test_rows_that_say_little_are_notes_and_odd_ones_are_passed_over() -> None:
    report = {"notices": ["odd", {}, {"text": "merged", "kind": "partial"}]}
    assert notices_in(report) == (
        Notice(NoticeKind.NOTE, "", ""),
        Notice(NoticeKind.PARTIAL, "", "merged"),
    )


def test_the_words_of_the_kinds_stay_as_reports_have_them() -> None:
    assert [str(each) for each in NoticeKind] == [
        "drift",
        "partial",
        "held",
        "stopped",
        "note",
    ]


def test_a_remark_is_for_who_writes_the_rules_unless_it_is_a_mistake() -> None:
    remark = Remark("rules/x.yaml:3:5", "W402", "one CRM only")
    assert (remark.help, remark.is_mistake) == ("", False)
