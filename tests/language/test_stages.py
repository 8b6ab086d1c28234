"""Comparisons of stages: by the order of the pipeline whose stage it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Pipeline, Stage
from gatekeeper.core.model import EMPTY, Answer, Deal, History, Row, Stint, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.language.checks import ALL, PARTNERS
from tests.language.scopes import ENTERPRISE
from tests.language.test_history import BEGAN, BEN, NAMES, day
from tests.language.test_logic import CONTEXT, HIDDEN, a_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.context import Context

BOTH = replace(CONTEXT, pipelines={each.name: each for each in (ENTERPRISE, PARTNERS)})
UNKNOWN_PIPELINE = Unavailable("the pipeline Elsewhere is not known")


def answer(text: str, deal: Deal, context: Context = BOTH) -> Answer:
    return compile_line(check(parse(text), ALL)).test(deal, context)


def a_deal_in(stage: str, pipeline: str = "Enterprise", first: str = "") -> Deal:
    """A deal that began in `first` and stands in `stage` since 4 November."""
    stints = (
        Stint(first or stage, BEGAN, day(11, 4), BEN),
        Stint(stage, day(11, 4), None, BEN),
    )
    past = History(stints, {}, dict.fromkeys(NAMES, BEGAN), BEGAN)
    return replace(a_case(), stage=stage, pipeline=pipeline, history=past)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"Proposal" after stage', True),
        ('"Qualification" on or after stage', False),
        ('"Discovery" = stage', True),
        ("stage = first_stage()", False),
        ("stage after first_stage()", True),
        ("first_stage() before stage", True),
        ('first_stage() = "Qualification"', True),
        ("furthest_stage() = stage", True),
    ],
)
def test_stages_compare_on_either_side(text: str, expected: Answer) -> None:
    assert answer(text, a_deal_in("Needs Analysis", first="Qualification")) is expected


@pytest.mark.parametrize(
    "text",
    [
        'stage = "Proposal"',
        'stage != "Proposal"',
        'stage before "Proposal"',
        '"Proposal" != stage',
        "stage = first_stage()",
        "first_stage() != stage",
        "stage after first_stage()",
    ],
)
def test_a_stage_that_the_pipeline_lacks_is_neither_another_nor_the_same(
    text: str,
) -> None:
    assert answer(text, a_deal_in("Gone", first="Qualification")) is EMPTY


@pytest.mark.parametrize(
    "text", ['stage = "Proposal"', '"Proposal" = stage', "stage = first_stage()"]
)
def test_a_pipeline_that_is_not_known_is_named(text: str) -> None:
    assert answer(text, a_deal_in("Proposal", "Elsewhere")) == UNKNOWN_PIPELINE


def test_a_stage_is_not_compared_with_a_past_that_was_not_read() -> None:
    unread = a_case()
    for text in ("stage = first_stage()", "first_stage() = stage"):
        assert answer(text, unread) == answer("first_stage() is filled", unread)
        assert isinstance(answer(text, unread), Unavailable)


# ---- side stages ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "text", "expected"),
    [
        ("On Hold", 'stage = "On Hold"', True),
        ("On Hold", 'stage != "Proposal"', True),
        ("On Hold", 'stage = "Proposal"', False),
        ("On Hold", 'stage before "Proposal"', EMPTY),
        ("On Hold", 'stage on or after "On Hold"', EMPTY),
        ("On Hold", '"Proposal" after stage', EMPTY),
        ("Proposal", 'stage before "On Hold"', EMPTY),
        ("Proposal", 'stage != "On Hold"', True),
        ("Proposal", '"On Hold" after stage', EMPTY),
        ("Proposal", 'stage before "Closed Won"', True),
    ],
)
def test_a_side_stage_is_a_stage_without_a_place_in_the_order(
    stage: str, text: str, expected: Answer
) -> None:
    assert answer(text, a_deal_in(stage, "Partners")) is expected


# ---- the stages of siblings ----------------------------------------------------------


def with_siblings(*rows: Mapping[str, str]) -> Deal:
    siblings: tuple[Row, ...] = tuple({"name": "A", **row} for row in rows)
    deal = a_deal_in("Proposal", first="Qualification")
    return replace(deal, related={"siblings": siblings})


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("stage = deal.stage", False),
        ("not stage = deal.stage", False),
        ("deal.stage = stage", False),
        ('stage = "Proposal"', True),
        ('"Proposal" = stage', True),
        ('"Proposal" before stage', False),
    ],
)
def test_a_stage_of_another_pipeline_is_neither_before_nor_after_this_one(
    test: str, expected: Answer
) -> None:
    """Proposal is the second stage of Partners, and the fourth of Enterprise."""
    deal = with_siblings({"stage": "Proposal", "pipeline": "Partners"})
    assert answer(f"some siblings where {test}", deal) is expected


def test_a_stage_is_sought_in_the_pipeline_of_its_row() -> None:
    deal = with_siblings({"stage": "On Hold", "pipeline": "Partners"})
    assert answer('some siblings where stage = "On Hold"', deal) is True
    moved = with_siblings({"stage": "On Hold", "pipeline": "Enterprise"})
    assert answer('some siblings where stage = "On Hold"', moved) is False


def test_a_row_whose_stage_was_not_read_leaves_the_answer_open() -> None:
    row: Row = {"name": "A", "stage": HIDDEN, "pipeline": "Partners"}
    deal = replace(a_case(), related={"siblings": (row,)})
    assert isinstance(
        answer('some siblings where stage = "Proposal"', deal), Unavailable
    )
    blank = replace(a_case(), related={"siblings": ({**row, "stage": EMPTY},)})
    assert answer('some siblings where stage = "Proposal"', blank) is False


def test_a_stage_of_the_same_pipeline_has_its_place_in_it() -> None:
    deal = with_siblings({"stage": "Closed Won", "pipeline": "Enterprise"})
    assert answer("some siblings where stage after deal.stage", deal) is True
    assert answer("some siblings where stage = deal.stage", deal) is False


# ---- pipelines read anew -------------------------------------------------------------


@pytest.mark.parametrize("text", ['stage after "A"', "stage after first_stage()"])
def test_a_pipeline_that_is_read_anew_is_asked_anew(text: str) -> None:
    stages = Stage("A", ("A",)), Stage("B", ("B",))
    schema = replace(ALL.schema, pipelines=(Pipeline("Two", stages),))  # type: ignore[type-var]
    scope = replace(ALL, schema=schema, pipelines={"Two": Pipeline("Two", stages)})
    test = compile_line(check(parse(text), scope)).test
    deal = a_deal_in("B", "Two", first="A")

    def now(order: tuple[Stage, ...]) -> Answer:
        return test(deal, replace(BOTH, pipelines={"Two": Pipeline("Two", order)}))

    backwards = stages[::-1]
    orders = (stages, backwards, backwards) * 20
    assert [now(order) for order in orders] == [True, False, False] * 20
