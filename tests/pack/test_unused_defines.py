"""Definitions that no line uses are held against the pack like the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pack.packs import RULES, messages_of_all, text

if TYPE_CHECKING:
    from pathlib import Path

DEFS = "version: 1\nkind: defs\ndefine:\n"


def test_a_misspelt_field_in_an_unused_definition_is_told(tmp_path: Path) -> None:
    rules = RULES + "define:\n  is_big: amonut >= 250_000\n"
    assert messages_of_all(tmp_path, e_rules=rules) == text("""
        rules/e.rules.yaml:12:11: error E401: there is no field "amonut" on the deal.
           12 |   is_big: amonut >= 250_000
              |           ^^^^^^
          help: did you mean "amount" (money)? List all fields with: gatekeeper fields list
    """)  # noqa: E501


def test_each_line_of_an_unused_list_has_its_mistakes(tmp_path: Path) -> None:
    rules = RULES + (
        "define:\n"
        "  is_ready:\n"
        "    - amount is filled\n"
        "    - any:\n"
        "        - next_stp is filled\n"
        "        - 5 <= next_step\n"
    )
    found = messages_of_all(tmp_path, e_rules=rules)
    assert _headings(found) == [
        'rules/e.rules.yaml:15:11: error E401: there is no field "next_stp" on the'
        " deal.",
        "rules/e.rules.yaml:16:11: error E411: next_step is text and 5 is a number.",
    ]


def test_a_value_alone_is_no_line_of_an_unused_list(tmp_path: Path) -> None:
    """By itself it may be a name for the value; a list is of conditions."""
    rules = RULES + "define:\n  size: amount\n  is_ready:\n    - amount\n"
    assert _headings(messages_of_all(tmp_path, e_rules=rules)) == [
        'rules/e.rules.yaml:14:7: error E416: "amount" alone is not a condition.',
    ]


def test_a_definition_may_be_meant_for_the_last_of_all_rows(tmp_path: Path) -> None:
    rules = RULES + 'define:\n  was_held: outcome = "Completed"\n'
    assert messages_of_all(tmp_path, e_rules=rules) == ""


def test_shared_names_that_no_file_uses_are_read_too(tmp_path: Path) -> None:
    found = messages_of_all(tmp_path, shared_defs=DEFS + "  is_old: nxt_step is filled")
    assert _headings(found) == [
        'rules/shared.defs.yaml:4:11: error E401: there is no field "nxt_step" on the'
        " deal.",
    ]


def test_a_shared_definition_that_is_right_in_one_file_is_right(tmp_path: Path) -> None:
    """Its parameter is declared by one of the two files that bring it in."""
    shared = DEFS + "  is_big: amount >= $big\n"
    use = "use: [shared.defs.yaml]\n"
    own = "params:\n  big: {type: money, value: 10}\n"
    other = RULES.replace("ent-next-step", "ent-other") + use
    files = {"f_rules": other, "shared_defs": shared}
    assert messages_of_all(tmp_path, e_rules=RULES + use + own, **files) == ""
    found = messages_of_all(tmp_path, e_rules=RULES + use, **files)
    assert _headings(found) == [
        "rules/shared.defs.yaml:4:21: error E423: $big is not declared under params.",
    ]


def test_a_definition_meant_for_rows_is_right_where_one_of_them_has_it(
    tmp_path: Path,
) -> None:
    right = "define:\n  is_champion: role = Champion\n".replace(
        "Champion\n", '"Champion"\n'
    )
    assert messages_of_all(tmp_path, e_rules=RULES + right) == ""
    wrong = right.replace("role", "rule")
    assert _headings(messages_of_all(tmp_path, e_rules=RULES + wrong)) == [
        'rules/e.rules.yaml:12:16: error E401: there is no field "rule" on the deal.',
    ]


def test_unused_rows_and_values_are_read_as_what_they_are(tmp_path: Path) -> None:
    rules = RULES + (
        "define:\n"
        '  held: meetings where outcom = "Held"\n'
        "  gap: close_date + amount\n"
        "  limit: 50_000\n"
        "  title: name\n"
        "  people: contacts\n"
    )
    assert [
        each.partition(": ")[2]
        for each in _headings(messages_of_all(tmp_path, e_rules=rules))
    ] == [
        'error E401: there is no field "outcom" on meetings.',
        "error E411: close_date is a date and amount is money.",
    ]


def test_definitions_that_use_each_other_are_told_at_each(tmp_path: Path) -> None:
    rules = RULES + "define:\n  ping: pong\n  pong: ping\n  deep: amount > 1\n"
    assert _headings(messages_of_all(tmp_path, e_rules=rules)) == [
        "rules/e.rules.yaml:12:9: error E424: ping uses pong, which uses ping.",
        "rules/e.rules.yaml:13:9: error E424: pong uses ping, which uses pong.",
    ]


def test_a_used_definition_is_told_where_it_is_used_and_not_twice(
    tmp_path: Path,
) -> None:
    """Straight, through another one, or as the rows that a field is gathered from."""
    for line, define in (
        ("is_big", "  is_big: amonut > 5\n"),
        ("is_good", "  is_good: is_big and amount > 1\n  is_big: amonut > 5\n"),
        ("count(held) > 1", '  held: meetings where outcom = "x"\n'),
        (
            "latest(held.start) before now",
            '  held: meetings where outcom = "x"\n',
        ),
    ):
        rules = RULES.replace("next_step is filled", line) + f"define:\n{define}"
        (told,) = _headings(messages_of_all(tmp_path, e_rules=rules))
        assert told.startswith("rules/e.rules.yaml:9:"), told


def test_what_suspends_or_describes_a_stage_uses_a_definition(tmp_path: Path) -> None:
    broken = "define:\n  is_big: amonut > 5\n"
    for rules in (
        RULES + "suspend_when: is_big\n",
        RULES.replace("  Discovery:\n", "  Discovery:\n    when: is_big\n"),
        RULES + "        escalate: [{when: is_big, severity: high}]\n",
        RULES + "        when: {check: amount > 1, when: is_big}\n",
    ):
        (told,) = _headings(messages_of_all(tmp_path, e_rules=rules + broken))
        assert "in is_big: " in told


def test_a_waiver_uses_a_definition(tmp_path: Path) -> None:
    rules = RULES + "define:\n  is_old: crated_on before 2026-10-01\n"
    waivers = """
        version: 1
        kind: waivers
        waivers:
          - id: w-1
            rule: ent-next-step
            deals_where: is_old
            max_deals: 5
            reason: They came before the rule.
            requested_by: ana@example.com
            approved_by: revops@example.com
            approved_on: 2026-11-01
            expires: 2026-12-01
    """
    (told,) = _headings(messages_of_all(tmp_path, e_rules=rules, q_waivers=waivers))
    assert told.startswith("rules/q.waivers.yaml:7:18: error E401: in is_old: ")


def test_the_name_that_is_defined_is_not_proposed_for_its_own_inside(
    tmp_path: Path,
) -> None:
    rules = RULES + "define:\n  is_zanzibar: zanzibar is true\n"
    assert messages_of_all(tmp_path, e_rules=rules) == text("""
        rules/e.rules.yaml:12:16: error E401: there is no field "zanzibar" on the deal.
           12 |   is_zanzibar: zanzibar is true
              |                ^^^^^^^^
          help: list all fields with: gatekeeper fields list
    """)


def test_a_pack_without_project_yaml_has_its_definitions_read(tmp_path: Path) -> None:
    rules = RULES + "define:\n  is_big: amonut >= 250_000\n"
    shared = DEFS + "  is_old: nxt_step is filled"
    project = "version: 1\nkind: project\n"
    found = messages_of_all(
        tmp_path, project=project, e_rules=rules, shared_defs=shared
    )
    places = [each.partition(": ")[0] for each in _headings(found)]
    assert "rules/e.rules.yaml:12:11" in places
    assert "rules/shared.defs.yaml:4:11" in places


def _headings(found: str) -> list[str]:
    """Keep the first line of each message."""
    return [line for line in found.splitlines() if line.startswith("rules/")]
