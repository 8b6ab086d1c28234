"""The words by which files, the store and reports know closed sets, and what is meant
where nothing is said. Another word here leaves rows and files behind that nobody reads.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import time, timedelta

import pytest

from gatekeeper.core.catalogue import (
    SUPPORTED_STAGE,
    Access,
    Catalogue,
    Choice,
    CrmField,
    CrmSchema,
    FieldSpec,
    Kind,
    RelationSpec,
)
from gatekeeper.core.context import Context
from gatekeeper.core.desire import DesiredState, WantedTask
from gatekeeper.core.episodes import Episode
from gatekeeper.core.experience import Asking, Experience, RuleRecord, Stays
from gatekeeper.core.limits import Hold
from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    Action,
    Change,
    Cover,
    Deal,
    Dossier,
    Finding,
    Flags,
    GoneReason,
    History,
    Line,
    Mode,
    Obligation,
    ObligationId,
    ObligationState,
    Outcome,
    OwnTask,
    Person,
    Quorum,
    Receipt,
    Resolution,
    Severity,
    Standing,
    State,
    SupportedStage,
    TaskPart,
    Verdict,
    Violation,
    WriteStatus,
)
from gatekeeper.core.overlays import MATCHED_BY, Overlay
from gatekeeper.core.pack import (
    DUE_IN,
    Grace,
    Grouping,
    Limits,
    Needs,
    Position,
    Project,
    Reach,
    Rule,
    RulePack,
    Start,
    Unit,
)
from gatekeeper.core.people import Asked
from gatekeeper.core.pipeline import Path, Stage
from gatekeeper.core.reconcile import DealPlan
from gatekeeper.core.roles import People, Readers, RoleSource, RoleStep
from gatekeeper.core.timetable import Times, Timetable
from gatekeeper.core.track import Memory
from gatekeeper.core.waiver_review import UNUSED_AFTER, WaiverReview
from gatekeeper.core.waivers import Waiver, WaiverBook, WaiverPolicy


@pytest.mark.parametrize(
    ("closed_set", "words"),
    [
        (Position, "exit while_in entry"),
        (Grouping, "deal rule"),
        (Path, "main optional side"),
        (RoleSource, "deal_owner owner_manager field team_member address"),
        (Severity, "low medium high critical"),
        (Mode, "observe warn enforce"),
        (State, "pending open waived suppressed exempt resolved"),
        (
            Resolution,
            "fixed no_longer_applies rule_changed rule_retired not_enforced"
            " deal_closed deal_gone",
        ),
        (Outcome, "pass fail not_applicable cannot_tell"),
        (Standing, "met not_met cannot_tell not_asked"),
        (Quorum, "all any at_least"),
        (Cover, "applies cannot_tell too_broad"),
        (TaskPart, "owner due subject body"),
        (
            ObligationState,
            "intent open resolving resolved closed_by_person orphaned",
        ),
        (Action, "create update close flag"),
        (WriteStatus, "done adopted rejected unknown gone not_attempted locked"),
        (GoneReason, "deleted unreadable"),
        (Access, "none read write absent"),
        (
            Kind,
            "text number money percent date datetime yes_no picklist multi_picklist"
            " stage user reference email url duration",
        ),
    ],
)
def test_a_closed_set_keeps_its_words(closed_set, words):
    assert [each.value for each in closed_set] == words.split()


def test_what_is_written_in_several_words_keeps_them_too():
    assert [each.value for each in Unit] == ["business days", "days", "hours"]
    assert [each.value for each in Reach] == [
        "stage",
        "every open stage",
        "every stage",
    ]
    assert SUPPORTED_STAGE == "supported stage"
    assert (STAGE, EMPTY.value, repr(EMPTY)) == ("stage", "empty", "EMPTY")
    assert MATCHED_BY == {
        "team": "owner.team",
        "territory": "territory",
        "pipeline": "pipeline",
    }


def test_ranks_follow_the_order_of_the_words():
    assert [each.rank for each in Severity] == [0, 1, 2, 3]
    assert [each.rank for each in Mode] == [0, 1, 2]


# ---- where nothing is said -----------------------------------------------------------


def unsaid(kind):
    """Give each field that may be left out with what is then meant."""
    return {
        each.name: each.default
        if each.default_factory is MISSING
        else each.default_factory()
        for each in fields(kind)
        if each.init and (each.default, each.default_factory) != (MISSING, MISSING)
    }


def test_a_project_that_says_nothing_looks_on_and_writes_nothing():
    assert unsaid(Project) == {
        "currency": "USD",
        "week_starts_on": 0,
        "fiscal_starts_in": 1,
        "fiscal": None,
        "placeholders": frozenset(),
        "mode_ceiling": Mode.OBSERVE,
        "closed_lookback": timedelta(days=30),
        "limits": Limits(),
        "grouping": Grouping.DEAL,
        "scope": (),
        "stages": {},
        "ignore_stints_under": timedelta(minutes=5),
        "reopen_within": 5,
        "reopen_after": 5,
        "reopen_times": 2,
        "supported_stage": "all",
        # Runs at 05:00 and digests at 07:00, on the days that count.
        "schedule": Timetable(Times((time(5),)), Times((time(7),))),
    }


def test_limits_are_those_of_the_product():
    assert unsaid(Limits) == {
        "tasks_per_run": 200,
        "tasks_percent": 5,
        "tasks_per_person_per_run": 10,
        "tasks_per_person_per_day": 15,
        "flag_changes_percent": 25,
        "resolves_percent": 25,
        "writes_per_run": 2000,
        "new_violations_per_rule": 200,
        "new_violations_percent": 20,
        "api_share_percent": 10,
        "ramp": None,
    }


def test_a_rule_that_says_nothing_observes_without_grace_for_the_owner():
    said = unsaid(Rule)
    assert {name: value for name, value in said.items() if value} == {
        "severity": Severity.MEDIUM,
        "mode": Mode.OBSERVE,
        "grace": Grace(0, Unit.DAYS),
        "owed_by": "deal_owner",
        "needs": Needs(),
    }
    texts = ("why", "maintainer", "logic", "wording", "place", "off_because")
    assert {said[name] for name in texts} == {""}
    assert DUE_IN == {
        Severity.CRITICAL: 1,
        Severity.HIGH: 2,
        Severity.MEDIUM: 3,
        Severity.LOW: 5,
    }


def test_a_context_that_says_nothing_is_that_of_a_project_that_says_nothing():
    assert unsaid(Context) == {
        "currency": "USD",
        "rates": {},
        "pipelines": {},
        "placeholders": frozenset(),
        "week_starts_on": 0,
        "fiscal_starts_in": 1,
        "fiscal": None,
        "ignore_stints_under": timedelta(minutes=5),
    }


@pytest.mark.parametrize(
    ("kind", "exceptions"),
    [
        (FieldSpec, {}),
        (RelationSpec, {}),
        (Catalogue, {}),
        (Choice, {"active": True}),
        (CrmField, {"access": Access.WRITE}),
        (CrmSchema, {"currency": "USD"}),
        (RuleRecord, {}),
        (Asking, {}),
        (Stays, {}),
        (Experience, {"stays": Stays()}),
        (Change, {}),
        (Deal, {"history": History(), "memo": None}),
        (Dossier, {"is_readable": True}),
        (Finding, {}),
        (Flags, {}),
        (History, {}),
        (Line, {}),
        (Obligation, {}),
        (ObligationId, {}),
        (OwnTask, {}),
        (Person, {"is_active": True}),
        (Receipt, {}),
        (SupportedStage, {}),
        (Verdict, {}),
        (Violation, {"outcome": Outcome.FAIL}),
        (Overlay, {}),
        (WantedTask, {}),
        (DesiredState, {"flags": Flags()}),
        (Episode, {}),
        (DealPlan, {}),
        (Hold, {}),
        (Memory, {}),
        (Needs, {}),
        (RulePack, {"waivers": WaiverBook()}),
        (Start, {}),
        (Asked, {}),
        (Stage, {"path": Path.MAIN}),
        (People, {"digests": Readers()}),
        (Readers, {}),
        (RoleStep, {}),
        (WaiverReview, {}),
        (Waiver, {}),
        (WaiverPolicy, {}),
        (WaiverBook, {"policy": WaiverPolicy()}),
    ],
)
def test_what_is_left_out_elsewhere_is_nothing(kind, exceptions):
    said = {name: value for name, value in unsaid(kind).items() if value}
    said |= {name: None for name in exceptions if exceptions[name] is None}
    assert said == exceptions


def test_two_weeks_without_use_are_too_long():
    assert timedelta(days=14) == UNUSED_AFTER
