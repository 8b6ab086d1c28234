"""The commands of a rule author: lint, fmt, functions, schema, rules diff, export."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper import __version__
from gatekeeper.cli.lint import sarif
from gatekeeper.language.messages import Place
from gatekeeper.pack.lint.codes import CODES
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from tests.cli.program import Program

NEXT_STEP = "- next_step is filled"


@pytest.fixture
def fresh(program: Program) -> Program:
    assert program("init").code == 0
    return program


def test_a_fresh_pack_has_no_warnings(fresh: Program):
    ended = fresh("lint")

    assert (ended.code, ended.out.strip()) == (0, "16 rules, no warnings.")


@pytest.mark.parametrize(
    ("command", "last"),
    [
        ("validate --offline", "16 rules checked, no mistakes, 0 warnings, checked"),
        ("fmt --check", "6 files already in canonical layout."),
        ("test --coverage --min 100", "Coverage is 100%."),
        ("waivers check", "Nothing to say about the waivers."),
        ("rules diff rules", "Nothing differs."),
    ],
)
def test_a_fresh_pack_passes_every_check(fresh: Program, command: str, last: str):
    ended = fresh(*command.split())

    assert ended.code == 0
    assert ended.out.splitlines()[-1].startswith(last)


def test_a_warning_ends_with_one_and_may_be_left_out(fresh: Program):
    fresh.edit("b2b.rules.yaml", NEXT_STEP, "- next_step is filled and some contacts")

    ended = fresh("lint")
    assert ended.code == 1
    assert "warning W301" in ended.out
    assert ended.told == "1 warning in 16 rules."
    assert fresh("lint", "--ignore", "W301").code == 0


def test_a_date_that_our_own_task_moves_is_no_evidence(fresh: Program):
    fresh.edit("b2b.rules.yaml", NEXT_STEP, "- custom.lastactivitydate is filled")

    ended = fresh("lint", "--ignore", "W401")
    assert ended.code == 1
    assert "warning W408: lastactivitydate is kept by the CRM itself" in ended.out


def test_a_code_that_is_none_is_refused(fresh: Program):
    ended = fresh("lint", "--ignore", "and")

    assert ended.code == 2
    assert 'error: --ignore "AND" is no code of a warning' in ended.told


def test_warnings_for_programs(fresh: Program):
    fresh.edit("b2b.rules.yaml", NEXT_STEP, "- next_step is filled and some contacts")

    (found,) = fresh("lint", "--json").json
    line = found.pop("line")
    assert found == {
        "file": "rules/b2b.rules.yaml",
        "column": 33,
        "code": "W301",
        "text": '"and" joins 2 conditions in one line; as lines of their own each has'
        " its own finding and may have its own fix.",
        "help": "- next_step is filled  - some contacts",
    }
    rules = (fresh.folder / "rules" / "b2b.rules.yaml").read_text(encoding="utf-8")
    assert "is filled and some" in rules.splitlines()[line - 1]


def test_warnings_for_code_review(fresh: Program):
    fresh.edit("b2b.rules.yaml", NEXT_STEP, "- next_step is filled and some contacts")
    (found,) = fresh("lint", "--json").json

    log = fresh("lint", "--format", "sarif").json
    driver = log["runs"][0]["tool"]["driver"]
    assert driver.pop("version") == __version__
    assert log == {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "gatekeeper",
                        "rules": [
                            {
                                "id": "W301",
                                "shortDescription": {
                                    "text": 'An "and" joins several conditions in one'
                                    " line."
                                },
                                "help": {
                                    "text": "Write each as a line of its own: the"
                                    " seller then sees which one failed."
                                },
                            }
                        ],
                    }
                },
                "results": [
                    {
                        "ruleId": "W301",
                        "level": "warning",
                        "message": {"text": f"{found['text']} help: {found['help']}"},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "rules/b2b.rules.yaml"},
                                    "region": {
                                        "startLine": found["line"],
                                        "startColumn": 33,
                                        "endColumn": 36,
                                    },
                                }
                            }
                        ],
                    }
                ],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


@pytest.mark.parametrize("code", [each.code for each in CODES])
def test_every_warning_can_be_told_to_a_code_review(code: str):
    problem = Problem(Place("a.yaml", 1, 1, 1, "x"), code, "T.", None, is_warning=True)
    log: Any = sarif([problem])

    (told,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert (told["id"], bool(told["help"]["text"])) == (code, True)


def test_lint_with_data_says_how_much_it_looked_at(enforcing: Program):
    assert enforcing("run").code == 0

    ended = enforcing("lint", "--with-data")
    assert ended.told.startswith(
        "Looked at 2 stored runs of the last 90 days and at 40 deals of the last year,"
    )
    assert "Too little to tell: " in ended.told


def test_lint_with_data_proposes_nothing_from_a_handful_of_deals(enforcing: Program):
    enforcing.edit(
        "b2b.rules.yaml",
        "stages:\n  Prospecting:",
        "params:\n  least: {type: money, value: undecided}\nstages:\n  Prospecting:",
    )
    enforcing.edit(
        "b2b.rules.yaml",
        "require: amount > 0\n        why: W",
        "require: amount > $least\n        why: W",
    )

    ended = enforcing("lint", "--with-data", "--json")
    (found,) = [one for one in ended.json if one["code"] == "W506"]
    assert "won deals with amount are too few" in found["text"]


def test_a_pack_with_a_mistake_is_not_linted(fresh: Program):
    fresh.edit("b2b.rules.yaml", NEXT_STEP, "- next_stp is filled")

    ended = fresh("lint")
    assert ended.code == 2
    assert "error E401" in ended.told


def test_fmt_changes_a_file_once(fresh: Program):
    fresh.edit("b2b.rules.yaml", NEXT_STEP, "-   next_step   IS filled")
    path = fresh.folder / "rules" / "b2b.rules.yaml"
    written = path.read_text(encoding="utf-8")

    ended = fresh("fmt", "--check")
    assert ended.code == 1
    assert ended.out.startswith("would change ")
    assert path.read_text(encoding="utf-8") == written

    assert fresh("fmt").code == 0
    assert NEXT_STEP in path.read_text(encoding="utf-8")
    assert fresh("fmt", "--check").code == 0


def test_fmt_names_the_file_it_cannot_read(fresh: Program):
    path = fresh.folder / "rules" / "broken.rules.yaml"
    path.write_text("version: [1\n", encoding="utf-8")

    ended = fresh("fmt", "rules/broken.rules.yaml")
    assert ended.code == 2
    assert "rules/broken.rules.yaml" in ended.told
    assert path.read_text(encoding="utf-8") == "version: [1\n"


def test_a_file_that_is_not_there_is_one_sentence(fresh: Program):
    ended = fresh("fmt", "rules/none.yaml")

    assert ended.code == 2
    assert "rules/none.yaml cannot be read" in ended.told


def test_functions_by_name_and_for_programs(program: Program):
    assert "latest(meetings.start " in program("functions", "latest").out
    assert {"name", "signature", "meaning", "example", "group"} <= set(
        program("functions", "--json").json[0]
    )
    assert 'Did you mean "latest"?' in program("functions", "lastest").told


def test_the_exported_schemas_are_those_that_ship(fresh: Program):
    folder = fresh.folder / "rules" / "schema"
    shipped = {path.name: path.read_text() for path in folder.glob("*.json")}
    shutil.rmtree(folder)

    assert fresh("schema", "export").code == 0
    assert {path.name: path.read_text() for path in folder.glob("*.json")} == shipped
    assert json.loads(shipped["rules.json"])["$schema"].endswith("draft-07/schema#")


@pytest.mark.parametrize(
    "command", ["schema export", "fmt", "rules", "lint", "test", "waivers", "validate"]
)
def test_without_a_pack_nothing_is_written_and_the_remedy_is_said(
    program: Program, command: str
):
    ended = program(*command.split())

    folder = program.folder / "rules"
    assert (ended.code, ended.told) == (
        2,
        f"error: There is no rule pack at {folder}. Start one with: gatekeeper init"
        " rules",
    )
    assert not folder.exists()


def test_schemas_with_the_words_of_the_org(started: Program):
    generic = started.folder / "rules" / "schema" / "rules.json"
    before = json.loads(generic.read_text())

    assert started("schema", "export", "--org", "--out", "mine").code == 2
    assert "gatekeeper fields pull" in started("schema", "export", "--org").told
    assert started("fields", "pull").code == 0
    assert started("schema", "export", "--org", "--out", "mine").code == 0
    mine = json.loads((started.folder / "mine" / "rules.json").read_text())
    stages = set(mine["definitions"]["stages"]["properties"])
    assert {"Qualification", "Discovery", "every open stage"} <= stages
    overlay = json.loads((started.folder / "mine" / "overlay.json").read_text())
    assert "enum" in str(overlay["definitions"]["team"])
    assert "properties" not in before["definitions"]["stages"]


def test_schemas_of_an_org_that_cannot_be_reached_leave_its_teams_out(
    started: Program, monkeypatch: pytest.MonkeyPatch
):
    assert started("fields", "pull").code == 0
    monkeypatch.setenv("GATEKEEPER_SALESFORCE_CLIENT_SECRET", "wrong")

    exported = started("schema", "export", "--org", "--out", "mine")

    assert exported.code == 0
    assert "The names of teams are left out" in exported.told


def test_rules_for_programs(fresh: Program):
    whole = fresh("rules", "export", "--format", "ast").json

    assert (whole["format"], whole["version"]) == ("gatekeeper-ast", 1)
    assert len(whole["files"][0]["rules"]) == 16


def test_what_differs_from_an_older_pack(fresh: Program):
    shutil.copytree(fresh.folder / "rules", fresh.folder / "old")
    assert fresh("rules", "diff", "old").out.strip() == "Nothing differs."

    fresh.edit("b2b.rules.yaml", "within next 90 days", "within next 60 days")
    fresh.edit("b2b.rules.yaml", "- id: prop-document", "- id: prop-file")
    found = fresh("rules", "diff", "old", "--json").json
    assert [(one["difference"], one["rule"]) for one in found] == [
        ("added", "prop-file"),
        ("logic changed", "clos-date-near"),
        ("removed", "prop-document"),
    ]
    shown = fresh("rules", "diff", "old").out.splitlines()
    at = shown.index("logic changed     clos-date-near")
    assert shown[at + 1 : at + 3] == [
        "    - require: close_date within next 90 days",
        "    + require: close_date within next 60 days",
    ]


def test_a_rule_is_shown_with_what_its_names_stand_for(fresh: Program):
    shown = fresh("rules", "show", "disc-met").out

    assert (
        "  Its names:\n    met_the_buyer = some meetings where completed is true\n"
        in shown
    )
    assert fresh("rules", "show", "disc-met", "--json").json["names"] == {
        "met_the_buyer": "some meetings where completed is true"
    }


def test_a_rule_is_shown_by_an_id_that_it_had(fresh: Program):
    fresh.edit(
        "b2b.rules.yaml",
        "id: prop-document\n",
        "id: prop-document\n        formerly: old-document\n",
    )

    shown = fresh("rules", "show", "old-document")

    assert shown.out == fresh("rules", "show", "prop-document").out
    assert shown.told == "old-document is called prop-document now."


EMEA = """\
version: 1
kind: overlay
for: {team: [EMEA]}
# they write more there
params: {min_next_step: 20}
rules:
  open-next-step: {mode: observe}
"""


def with_overlay(fresh: Program, text: str, name: str = "emea") -> None:
    folder = fresh.folder / "rules" / "overlays"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.overlay.yaml").write_text(text, encoding="utf-8")


def test_a_rule_is_shown_with_what_is_other_under_an_overlay(fresh: Program):
    with_overlay(fresh, EMEA)

    shown = fresh("rules", "show", "open-next-step").out
    assert shown.endswith(
        "  Its names:\n    $min_next_step = 15\n"
        "  Under the overlay emea:\n    mode: observe\n    $min_next_step = 20\n"
    )
    found = fresh("rules", "show", "open-next-step", "--json").json
    assert found["overlays"] == {"emea": ["mode: observe", "$min_next_step = 20"]}
    assert fresh("rules", "show", "disc-met", "--json").json["overlays"] == {}


def test_overlays_that_differ_from_an_older_pack(fresh: Program):
    """What is other for a team alone is no difference of the rule."""
    with_overlay(fresh, EMEA)
    with_overlay(fresh, EMEA.replace("EMEA", "APAC"), "apac")
    shutil.copytree(fresh.folder / "rules", fresh.folder / "old")
    with_overlay(fresh, EMEA.replace("more", "much").replace("20}", "30}"))
    with_overlay(fresh, EMEA.replace("EMEA", "LATAM"), "latam")
    (fresh.folder / "rules" / "overlays" / "apac.overlay.yaml").unlink()

    assert fresh("rules", "diff", "old").out.splitlines() == [
        "overlay removed   apac",
        "    - version: 1",
        "    - kind: overlay",
        "    - for: {team: [APAC]}",
        "    - params: {min_next_step: 20}",
        "    - rules:",
        "    -   open-next-step: {mode: observe}",
        "overlay changed   emea",
        "    - params: {min_next_step: 20}",
        "    + params: {min_next_step: 30}",
        "overlay added     latam",
        "    + version: 1",
        "    + kind: overlay",
        "    + for: {team: [LATAM]}",
        "    + params: {min_next_step: 20}",
        "    + rules:",
        "    +   open-next-step: {mode: observe}",
    ]
    found = fresh("rules", "diff", "old", "--json").json
    assert [(one["difference"], one["overlay"]) for one in found] == [
        ("overlay removed", "apac"),
        ("overlay changed", "emea"),
        ("overlay added", "latam"),
    ]


def test_what_is_settled_beside_the_rules_differs_from_an_older_pack(fresh: Program):
    """Each of these can switch rules off, and no rule is another for it."""
    shutil.copytree(fresh.folder / "rules", fresh.folder / "old")
    fresh.edit("project.yaml", "mode_ceiling: observe", "mode_ceiling: warn")

    assert fresh("rules", "diff", "old").out.splitlines() == [
        "pack changed      project.yaml mode_ceiling  observe -> warn"
    ]
    (found,) = fresh("rules", "diff", "old", "--json").json
    assert found == {
        "difference": "pack changed",
        "place": "project.yaml mode_ceiling",
        "detail": "observe -> warn",
        "lines": [],
    }


def test_names_of_the_stage_of_escalations_and_of_texts_are_shown_too(fresh: Program):
    fresh.edit(
        "b2b.rules.yaml",
        "- id: disc-met",
        "- id: disc-shown\n"
        "        title: T\n"
        "        require: next_step is filled\n"
        "        escalate: [{when: amount > 5, severity: high,"
        ' fix: "Within {max_days_quiet}."}]\n'
        '        fix: "Write {min_next_step} letters."\n'
        "      - id: disc-met",
    )

    names = fresh("rules", "show", "disc-shown", "--json").json["names"]
    assert names == {"$min_next_step": "15", "$max_days_quiet": "21 days"}
