"""`schedule:` of project.yaml: when runs are made and digests are sent."""

from __future__ import annotations

from datetime import time

import pytest

from gatekeeper.core.timetable import Times, Timetable
from tests.pack.packs import PROJECT, a_draft, messages, text


def schedule(tmp_path, *lines: str) -> Timetable:
    written = "".join(f"  {line}\n" for line in lines)
    project = a_draft(tmp_path, project=f"{PROJECT}schedule:\n{written}").project
    assert project is not None
    return project.schedule


def said(tmp_path, line: str) -> str:
    return messages(tmp_path, project=f"{PROJECT}schedule:\n  {line}\n")


def test_without_a_word_runs_are_made_at_five_and_digests_sent_at_seven(tmp_path):
    project = a_draft(tmp_path).project
    assert project is not None
    assert project.schedule == Timetable(Times((time(5),)), Times((time(7),)))


def test_times_come_in_their_order_and_once(tmp_path):
    read = schedule(tmp_path, 'run: {at: [12:30, "5:00", 05:00]}')
    assert read.run == Times((time(5), time(12, 30)))
    assert read.digest == Timetable().digest


def test_a_run_every_so_often_ends_at_the_last_time_that_fits(tmp_path):
    read = schedule(tmp_path, "run: {every: 90 minutes, from: 08:00, until: 12:00}")
    assert read.run.at == (time(8), time(9, 30), time(11))


def test_a_run_every_so_often_fills_the_day_where_nothing_else_is_said(tmp_path):
    read = schedule(tmp_path, "run: {every: 1 hour}")
    assert read.run.at == tuple(map(time, range(24)))


@pytest.mark.parametrize(
    ("days", "weekdays"),
    [
        ("business days", None),
        ("every day", frozenset(range(7))),
        ("monday", frozenset({0})),
        ("[Monday, thursday]", frozenset({0, 3})),
    ],
)
def test_days_are_business_days_all_days_or_named_ones(tmp_path, days, weekdays):
    read = schedule(tmp_path, f"run: {{days: {days}}}", f"digest: {{days: {days}}}")
    assert read == Timetable(Times((time(5),), weekdays), Times((time(7),), weekdays))


def test_when_work_is_done_does_not_change_what_is_done(tmp_path):
    written = f"{PROJECT}schedule: {{run: {{at: 4:00}}}}\n"
    early = a_draft(tmp_path, project=written).compile(None)
    usual = a_draft(tmp_path, project=PROJECT).compile(None)
    assert early.project.schedule != usual.project.schedule
    assert early.fingerprint == usual.fingerprint


def test_what_is_no_time_is_named(tmp_path):
    assert said(tmp_path, "run: {at: [05:00, 24:00]}") == text(
        """
        rules/project.yaml:6:21: error E206: "at" must be a time of day such as 07:00; found "24:00".
            6 |   run: {at: [05:00, 24:00]}
              |                     ^^^^^
        """  # noqa: E501
    )
    assert said(tmp_path, "run: {at: []}") == text(
        """
        rules/project.yaml:6:13: error E206: "at" must be a time of day such as 07:00, or a list of them; found the list [].
            6 |   run: {at: []}
              |             ^^
        """  # noqa: E501
    )


def test_a_digest_has_one_time_because_it_is_sent_once_a_day(tmp_path):
    assert 'E206: "at" must be a time of day such as 07:00; found the list' in said(
        tmp_path, "digest: {at: [07:00, 08:00]}"
    )


def test_how_often_needs_a_unit_and_has_bounds(tmp_path):
    assert said(tmp_path, "run: {every: 2}") == text(
        """
        rules/project.yaml:6:16: error E208: "every: 2" needs a unit.
            6 |   run: {every: 2}
              |                ^
          help: 1 hour
        """
    )
    assert said(tmp_path, "run: {every: 5 minutes}") == text(
        """
        rules/project.yaml:6:16: error E206: "every" must be a length of time from 15 minutes to 12 hours such as "1 hour"; found "5 minutes".
            6 |   run: {every: 5 minutes}
              |                ^^^^^^^^^
        """  # noqa: E501
    )


def test_days_that_are_none_are_corrected(tmp_path):
    assert said(tmp_path, "run: {days: buisness days}") == text(
        """
        rules/project.yaml:6:15: error E207: days "buisness days" is not one of business days, every day, monday, tuesday, wednesday, thursday, friday, saturday, sunday.
            6 |   run: {days: buisness days}
              |               ^^^^^^^^^^^^^
          help: did you mean "business days"?
        """  # noqa: E501
    )
    assert said(tmp_path, "run: {days: []}") == text(
        """
        rules/project.yaml:6:15: error E206: "days" must be "business days", "every day" or days of the week; found the list [].
            6 |   run: {days: []}
              |               ^^
        """  # noqa: E501
    )
    assert said(tmp_path, "run: {days: [monday, {a: b}]}") == text(
        """
        rules/project.yaml:6:24: error E206: "days" must be a day of the week; found the keys a.
            6 |   run: {days: [monday, {a: b}]}
              |                        ^^^^^^
        """  # noqa: E501
    )


def test_times_are_said_in_one_way(tmp_path):
    assert said(tmp_path, "run: {at: 05:00, every: 1 hour}") == text(
        """
        rules/project.yaml:6:20: error E224: "at" and "every" both say when to run.
            6 |   run: {at: 05:00, every: 1 hour}
              |                    ^^^^^
          help: keep one of them.
        """
    )
    assert said(tmp_path, "run: {until: 18:00}") == text(
        """
        rules/project.yaml:6:9: error E224: "until" says nothing without "every".
            6 |   run: {until: 18:00}
              |         ^^^^^
          help: for example: every: 1 hour, until: 18:00
        """
    )


def test_a_day_of_runs_ends_after_it_begins(tmp_path):
    assert said(tmp_path, "run: {every: 1 hour, from: 18:00, until: 08:00}") == text(
        """
        rules/project.yaml:6:44: error E224: "until" must be later than "from", which is 18:00.
            6 |   run: {every: 1 hour, from: 18:00, until: 08:00}
              |                                            ^^^^^
          help: work past midnight is not one day's.
        """  # noqa: E501
    )


def test_a_bare_time_is_shown_where_it_belongs(tmp_path):
    assert said(tmp_path, "digest: 07:00") == text(
        """
        rules/project.yaml:6:11: error E206: "digest" must be a mapping of keys and values; found "07:00".
            6 |   digest: 07:00
              |           ^^^^^
          help: digest: {at: 07:00}
        """  # noqa: E501
    )
