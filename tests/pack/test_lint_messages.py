"""What a line says in the light of where its rule stands: the whole warnings."""

from __future__ import annotations

from gatekeeper.pack.lint.findings import lint
from gatekeeper.pack.source.problems import framed
from tests.pack.packs import a_draft, rule, text


def warnings(tmp_path, *lines: str) -> str:
    """Return the warnings about a rule that binds deals past Discovery."""
    keys = ("id: ent-a", "title: T", *lines, "fix: F", "maintainer: me@example.com")
    draft = a_draft(tmp_path, e_rules=rule(*keys))
    return "\n".join(framed(lint(draft, draft.compile(None), None, ["W307"])))


def test_a_line_that_never_holds_where_its_rule_binds(tmp_path):
    line = 'require: pipeline = "Commercial"'
    assert warnings(tmp_path, line) == text(
        """
        rules/e.rules.yaml:9:18: warning W302: this can never hold here: it binds deals that are past Discovery of the pipeline Enterprise.
            9 |         require: pipeline = "Commercial"
              |                  ^^^^^^^^^^^^^^^^^^^^^^^
        """  # noqa: E501
    )


def test_a_line_that_always_holds_where_its_rule_binds(tmp_path):
    line = 'require: pipeline = "Enterprise"'
    assert warnings(tmp_path, line) == text(
        """
        rules/e.rules.yaml:9:18: warning W303: this always holds here: it binds deals that are past Discovery of the pipeline Enterprise.
            9 |         require: pipeline = "Enterprise"
              |                  ^^^^^^^^^^^^^^^^^^^^^^^
          help: take the line out.
        """  # noqa: E501
    )


def test_a_line_that_always_holds(tmp_path):
    assert warnings(tmp_path, "require: count(contacts) >= 0") == text(
        """
        rules/e.rules.yaml:9:18: warning W303: this always holds: count(contacts) >= 0
            9 |         require: count(contacts) >= 0
              |                  ^^^^^^^^^^^^^^^^^^^^
          help: take the line out.
        """
    )
