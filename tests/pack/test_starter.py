"""The default pack fitted to a CRM: which of its stages stand for which gate."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.catalogue import Pipeline, Stage
from gatekeeper.pack.fmt.layout import format_file
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.starter import GATES, fit, stage_map
from gatekeeper.pack.testing.suites import files_of, read_suites
from gatekeeper.pack.testing.verdicts import Status
from gatekeeper.pack.thinned import LIMITS, RULES, TESTS, thinned
from tests.pack.crm_schemas import a_schema
from tests.pack.testing.suites import held

DEFAULT = Path(__file__).resolve().parents[2] / "rules"
PROJECT = (DEFAULT / "project.yaml").read_text(encoding="utf-8")

CLOSED = (
    Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
    Stage("Closed Lost", ("Closed Lost",), is_closed=True),
)


def pipeline(*names: str, closed: tuple[Stage, ...] = CLOSED) -> Pipeline:
    return Pipeline("Default", (*(Stage(name, (name,)) for name in names), *closed))


@pytest.mark.parametrize(
    "names",
    [
        # The stock stages of Salesforce.
        "Prospecting | Qualification | Needs Analysis, Value Proposition,"
        " Id. Decision Makers, Perception Analysis | Proposal/Price Quote"
        " | Negotiation/Review",
        "New | Qualified | Demo, Pilot | Quote sent | Legal, Verbal yes",
        # The stock stages of HubSpot.
        "Appointment Scheduled | Qualified To Buy | Decision Maker Bought-In"
        " | Presentation Scheduled | Contract Sent",
        # Names that say nothing go by their place.
        "One | Two | Three | Four | Five",
        "One, Two | Qualification | Three | Four | Five",
    ],
)
def test_stages_go_to_the_gate_their_names_speak_of(names):
    shared = [part.strip().split(", ") for part in names.split("|")]
    stages = pipeline(*(name for part in shared for name in part)).stages

    found = stage_map(stages)

    assert [list(found[gate]) for gate in GATES] == shared
    assert found["Closed Won"] == ("Closed Won",)


WORDS = [word for words in GATES.values() for word in words]


@given(st.lists(st.sampled_from([*WORDS, "x", "y"]), max_size=12, unique=True))
def test_every_stage_has_one_gate_in_order_and_no_gate_goes_without_if_there_are_enough(
    names,
):
    found = stage_map(pipeline(*names).stages)

    assert [name for gate in GATES for name in found[gate]] == names
    empty = sum(not found[gate] for gate in GATES)
    assert empty == max(len(GATES) - len(names), 0)


def test_the_project_takes_stages_time_zone_and_currency_of_the_crm():
    stages = pipeline("New", "Qualified", "Fit: yes", "Offer, first", "Contract")
    won = (Stage("Won!", ("w",), is_closed=True, is_won=True),)
    whole = Pipeline("Default", (*stages.stages[:5], *won))
    schema = a_schema(whole, zone="Europe/Paris", currency="EUR")

    fitted = fit(PROJECT, schema)

    assert fitted.unmatched == ()
    assert (
        """\
stages:
  Prospecting: {salesforce: [New]}
  Qualification: {salesforce: [Qualified]}
  Discovery: {salesforce: ['Fit: yes']}
  Proposal: {salesforce: ['Offer, first']}
  Closing: {salesforce: [Contract]}
  Closed Won: {salesforce: ['Won!']}

limits:"""
        in fitted.text
    )
    assert (
        'timezone: Europe/Paris              # the meaning of "today"\n' in fitted.text
    )
    assert "currency: EUR                       # money compares" in fitted.text


def test_the_pack_that_was_fitted_is_right_for_that_crm_and_laid_out(tmp_path):
    stages = pipeline("New", "Qualified", "Fit: yes", "#4, Offer", "Contract")
    schema = a_schema(stages, zone="Europe/Paris", currency="EUR")
    folder = tmp_path / "rules"
    shutil.copytree(DEFAULT, folder)
    text = fit(PROJECT, schema).text
    (folder / "project.yaml").write_text(text, encoding="utf-8")

    found = read_pack(folder).findings(schema)

    assert [one.text for one in found if one.code in {"E503", "E510", "W503"}] == []
    assert format_file("project.yaml", text.encode()).text == text


def test_a_crm_that_calls_everything_as_the_pack_does_needs_no_map():
    fitted = fit(PROJECT, a_schema(pipeline(*GATES)))

    assert "\nstages:" not in fitted.text


def test_gates_without_a_stage_are_named():
    fitted = fit(PROJECT, a_schema(pipeline("Qualification", "Proposal")))

    assert fitted.stages["Qualification"] == ("Qualification",)
    assert fitted.stages["Proposal"] == ("Proposal",)
    assert fitted.unmatched == ("Prospecting", "Discovery", "Closing")


def test_a_crm_that_shows_no_stages_leaves_every_gate_open():
    fitted = fit(PROJECT, a_schema(pipeline(closed=())))

    assert fitted.unmatched == tuple(GATES)
    assert fit(PROJECT, replace(a_schema(), pipelines=())) == fitted


@pytest.mark.parametrize(
    "names",
    [
        ("Qualification", "Proposal"),
        ("New",),
        ("Qualified", "Demo", "Contract"),
        ("New", "Qualified", "Demo", "Offer"),
        ("Offer",),
    ],
)
def test_the_pack_for_a_crm_with_fewer_stages_is_right_and_passes_its_tests(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    schema = a_schema(pipeline(*names))
    folder = tmp_path / "rules"
    shutil.copytree(DEFAULT, folder)
    fitted = fit(PROJECT, schema)
    (folder / "project.yaml").write_text(fitted.text, encoding="utf-8")
    files = {name: (folder / name).read_text() for name in (RULES, TESTS, LIMITS)}
    for name, text in thinned(files, fitted.unmatched).items():
        (folder / name).write_text(text, encoding="utf-8")

    draft = read_pack(folder)
    suites, problems = read_suites(folder, files_of(folder), draft, schema)
    (suite,) = suites
    reports = held(suite)

    assert fitted.has_gates
    assert [one.text for one in draft.findings(schema) if one.code == "E503"] == []
    assert problems == []
    assert {report.status for report in reports} == {Status.PASSED}
    stages = {rule.stage for rule in draft.compile(None).rules}
    assert stages.isdisjoint(fitted.unmatched)
    assert all(
        format_file(name, (folder / name).read_bytes()).text
        == (folder / name).read_text()
        for name in (RULES, TESTS)
    )


def test_nothing_is_taken_out_where_every_gate_has_a_stage() -> None:
    files = {
        name: (DEFAULT / name).read_text(encoding="utf-8")
        for name in (RULES, TESTS, LIMITS)
    }
    assert thinned(files, ()) == files


def test_a_case_about_rules_that_are_gone_goes_with_them() -> None:
    files = {
        name: (DEFAULT / name).read_text(encoding="utf-8")
        for name in (RULES, TESTS, LIMITS)
    }
    found = thinned(files, ["Prospecting"])
    assert "pros-" not in "".join(found.values())
    assert "the company is not known" not in found[TESTS]
    assert "# ---- leaving Prospecting" not in found[TESTS]
    assert "violations: [disc-met, disc-buyer-answered, open-quiet]" in found[TESTS]
