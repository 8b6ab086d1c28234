"""`fmt --stamp`: the day from which rules count, written into those without one."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

from gatekeeper.pack.fmt.layout import format_file
from gatekeeper.pack.fmt.meaning import comments_of
from gatekeeper.pack.fmt.stamp import stamp
from gatekeeper.pack.source.document import read_document

DAY = date(2026, 12, 1)

RULES = """\
    version: 1
    kind: rules
    pipeline: "*"
    stages:
      Discovery:
        exit:
          - id: ent-a    # the first
            title: T
            require:
              - amount > 5
            fix: |
              Do it.
            severity: high
          - {id: ent-b, title: T, require: amount > 5, fix: F}
        while_in:
          - id: ent-c
            title: T
            require: amount > 5
            fix: F
            effective_from: 2026-01-01
    """


def stamped(text: str) -> str:
    return stamp("e.rules.yaml", dedent(text).encode(), DAY).decode()


def test_every_rule_without_a_day_gets_it():
    found = format_file("e.rules.yaml", stamped(RULES).encode()).text
    assert found == dedent(
        """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Discovery:
            exit:
              - id: ent-a    # the first
                title: T
                require:
                  - amount > 5
                fix: |
                  Do it.
                severity: high
                effective_from: 2026-12-01
              - {id: ent-b, title: T, require: amount > 5, fix: F, effective_from: 2026-12-01}
            while_in:
              - id: ent-c
                title: T
                require: amount > 5
                fix: F
                effective_from: 2026-01-01
        """  # noqa: E501
    )


def test_stamping_twice_changes_nothing_more():
    once = stamped(RULES)
    assert stamp("e.rules.yaml", once.encode(), date(2027, 1, 1)).decode() == once


def test_no_comment_is_lost():
    before, after = dedent(RULES), stamped(RULES)
    first, second = (read_document("", each.encode()).root for each in (before, after))
    assert first is not None
    assert second is not None
    assert comments_of(after, second) == comments_of(before, first)


def test_a_file_whose_defaults_say_it_is_left_alone():
    text = dedent(RULES).replace(
        "stages:", "defaults: {effective_from: 2026-01-01}\nstages:"
    )
    assert stamped(text) == text


def test_what_holds_no_rules_is_left_alone():
    for text in ("version: 1\nkind: defs\n", "a: [", "stages: 3\n"):
        assert stamped(text) == text
