"""Which fields the org keeps the history of, and how far back it reaches."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.model import EMPTY, FieldChange
from gatekeeper.core.notices import Remark
from gatekeeper.core.pack import Needs
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import Health, PullRequest
from gatekeeper.sandbox.state import Row
from tests.crm.salesforce.test_pull import pulled

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.ports import Checkup
    from tests.contracts.worlds import SandboxWorld

PROJECT = "version: 1\nkind: project\ncrm: salesforce\ntimezone: UTC\n"
RULES = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com}
stages:
  every open stage:
    while_in:
      - id: moving
        title: The next step moves
        require: next_step changed within last 30 days
        fix: Write down the next step.
"""


def wanting(*history: str) -> PullRequest:
    needs = Needs(frozenset({"next_step"}), history=frozenset(history))
    return PullRequest(needs, BUILT_IN, (), date(2026, 10, 21))


def histories(world: SandboxWorld, *asked: str) -> list[Checkup]:
    checkups = world.crm.examine(wanting(*asked))
    return [each for each in checkups if each.name.startswith("history of")]


def test_a_field_is_tracked_where_an_administrator_said_so(
    world: SandboxWorld,
) -> None:
    world.org.track("NextStep", "OwnerId")

    schema = world.crm.schema(BUILT_IN)

    told = {
        name: schema.fields[name].tracked for name in ("next_step", "owner", "type")
    }
    assert told == {"next_step": True, "owner": True, "type": False}
    assert schema.by_path["NextStep"].tracked is True
    assert schema.fields["account.name"].tracked is None


def test_what_the_history_of_deals_holds_needs_no_tracking(
    world: SandboxWorld,
) -> None:
    fields = world.crm.schema(BUILT_IN).fields

    kept = ("stage", "amount", "close_date", "probability", "forecast_category")
    assert {fields[name].tracked for name in kept} == {True}
    assert {fields[name].kept_days for name in kept} == {None}
    assert fields["next_step"].kept_days == 548  # 18 months


def test_a_user_who_may_not_view_the_setup_leaves_it_open(world: SandboxWorld) -> None:
    world.org.settings.shows_setup = False

    assert world.crm.schema(BUILT_IN).fields["next_step"].tracked is None


def test_a_rule_on_the_past_of_an_untracked_field_is_named_with_the_remedy(
    world: SandboxWorld, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "sales.rules.yaml").write_text(RULES, encoding="utf-8")
    draft = read_pack(folder)

    (problem,) = draft.compile(world.crm.schema(draft.catalogue)).remarks

    assert problem == Remark(
        "rules/sales.rules.yaml:10:18",
        "E508",
        "next_step changed within last 30 days needs history, but field tracking is off"
        " for NextStep.",
        "switch on field history tracking; answers become possible from that day on.",
        is_mistake=True,
    )
    world.org.track("NextStep")
    world.crm.facts.forget()
    assert draft.compile(world.crm.schema(draft.catalogue)).remarks == ()


def test_old_rows_of_a_field_no_longer_tracked_prove_nothing(
    world: SandboxWorld,
) -> None:
    world.org.track("NextStep")
    deal = world.deal("Acme")
    world.people.update("Opportunity", deal, NextStep="Call Bo")
    (before,) = pulled(world, wanting("next_step"))
    world.org.track()
    world.crm.facts.forget()

    (after,) = pulled(world, wanting("next_step"))

    now = datetime(2026, 11, 20, 14, tzinfo=UTC)
    assert before.history.complete_since["next_step"] == now
    assert before.history.changes == after.history.changes
    (change,) = after.history.changes["next_step"]
    assert isinstance(change, FieldChange)
    assert (change.old, change.new) == (EMPTY, "Call Bo")
    assert "next_step" not in after.history.complete_since


def test_doctor_says_how_far_back_each_question_has_an_answer(
    world: SandboxWorld,
) -> None:
    world.org.track("NextStep")
    deal = world.deal("Acme")
    world.people.update("Opportunity", deal, NextStep="Call Bo")

    found = histories(world, "stage", "close_date", "next_step", "type")

    assert [(each.name, each.health, each.text) for each in found] == [
        (
            "history of Default",
            Health.OK,
            "days_in_stage, entered, visited, skipped and moves_back: back to"
            " 20 Nov 2026",
        ),
        (
            "history of Default",
            Health.OK,
            "changes, pushes and previous of close_date: back to 20 Nov 2026",
        ),
        (
            "history of Default",
            Health.OK,
            "changes, pushes and previous of next_step: back to 20 Nov 2026",
        ),
        (
            "history of Default",
            Health.WARN,
            "changes, pushes and previous of type: field tracking is off for Type",
        ),
    ]


def test_doctor_tells_the_pipelines_apart(world: SandboxWorld) -> None:
    for number, label in enumerate(("New Business", "Renewal")):
        world.org.put(
            "RecordType",
            Row(
                Id=f"012Sb000000000{number}AAA",
                Name=label,
                DeveloperName=label.replace(" ", "_"),
                SobjectType="Opportunity",
                IsActive=True,
            ),
        )
    world.org.show_field("Opportunity", "RecordTypeId")
    world.crm.facts.forget()
    deal = world.deal("Acme")
    stored = world.org.find("Opportunity", deal)
    assert stored is not None
    renewal = Row({**stored, "RecordTypeId": "012Sb0000000001AAA"})
    world.org.put("Opportunity", renewal)

    found = histories(world, "stage")

    assert {each.name: each.health for each in found} == {
        "history of New Business": Health.WARN,
        "history of Renewal": Health.OK,
    }


def test_doctor_says_nothing_of_a_past_nobody_asks_for(world: SandboxWorld) -> None:
    assert histories(world) == []
