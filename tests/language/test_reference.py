"""Nothing a check may be made of is left out of the reference."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from gatekeeper.core.catalogue import BUILT_IN, Catalogue, FieldSpec, Kind
from gatekeeper.language.checker import check
from gatekeeper.language.functions import AGGREGATES, FUNCTIONS
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.messages import CheckError
from gatekeeper.language.parser.line import parse, parse_rows
from gatekeeper.language.parser.tokens import KEYWORDS
from gatekeeper.language.reference.entries import reference
from gatekeeper.language.reference.types import TYPES, Family
from gatekeeper.language.reference.words import Group
from gatekeeper.language.scope import DefineSpec, ParamSpec, Scope
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.syntax import TimeUnit
from gatekeeper.language.tree.walk import parts_of

PAGE = Path(__file__).parents[2] / "rules" / "REFERENCE.md"
HEAD = ("", "| written | means | example |", "| --- | --- | --- |")
FUNCTIONS_OF_ANY_SORT = {Group.FUNCTION, Group.ROWS, Group.HISTORY}

CATALOGUE = Catalogue(
    {
        **BUILT_IN.deal,
        **{
            name: FieldSpec(name, kind)
            for name, kind in {
                "discount": Kind.PERCENT,
                "contact_roles": Kind.MULTI_PICKLIST,
                "competitors": Kind.MULTI_PICKLIST,
                "website": Kind.URL,
                "trial_length": Kind.DURATION,
                "metrics": Kind.TEXT,
                "champion": Kind.TEXT,
                "pain": Kind.TEXT,
            }.items()
        },
    },
    BUILT_IN.lookups,
    BUILT_IN.collections,
    {"meddppicc": ("metrics", "champion", "pain")},
)
SCOPE = Scope(
    CATALOGUE,
    params={"least": ParamSpec("least", Kind.MONEY, Decimal(50_000))},
    defines={
        "is_big_deal": DefineSpec("is_big_deal", parse("amount >= 100k")),
        "held": DefineSpec("held", parse_rows("meetings where completed is true")),
    },
    stage="Discovery",
)


@pytest.mark.parametrize("entry", reference(), ids=lambda entry: entry.name)
def test_an_example_is_a_check_without_a_mistake(entry):
    warnings = check(parse(entry.example), SCOPE).warnings

    assert {one.code for one in warnings} <= {"W401"}, "raw names of the CRM only"


@pytest.mark.parametrize("entry", reference(), ids=lambda entry: entry.name)
def test_an_entry_says_everything_in_whole_sentences(entry):
    assert entry.meaning.endswith(".")
    assert entry.signature
    if entry.group in FUNCTIONS_OF_ANY_SORT:
        assert entry.name in entry.example


@pytest.mark.parametrize(
    "group", sorted(set(Group) - {Group.TYPE}), ids=lambda group: group.name
)
def test_the_page_of_the_rules_says_what_the_reference_says(group):
    """A change of words is seen on the page, where people read them."""
    page = PAGE.read_text(encoding="utf-8")
    entries = [each for each in reference() if each.group is group]
    rows = [
        f"| {_code(each.signature)} | {_cell(each.meaning)} | {_code(each.example)} |"
        for each in entries
    ]
    title = group.value.capitalize()

    assert "\n".join([f"### {title}", *HEAD, *rows, ""]) in page


def test_the_page_of_the_rules_says_what_each_type_holds_and_takes():
    rows = [
        f"| `{kind}` | {_cell(each.meaning)} | {_code(each.written)}"
        f" | {_code(each.operators)} | {_code(each.example)} |"
        for kind, each in TYPES.items()
    ]

    assert "\n".join(["", *rows, ""]) in PAGE.read_text(encoding="utf-8")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def test_every_function_is_there():
    names = [
        entry.name for entry in reference() if entry.group in FUNCTIONS_OF_ANY_SORT
    ]

    assert sorted(names) == sorted(
        {*FUNCTIONS, *AGGREGATES, *HISTORY, "text_like", "supported_stage"}
    )


def test_every_word_of_the_grammar_is_in_an_example_or_a_signature():
    said = " ".join(f"{each.example} {each.signature}" for each in reference())
    words = set(said.replace("(", " ").replace(")", " ").split())

    assert set(KEYWORDS) <= words


def test_every_unit_of_time_is_named():
    (lengths,) = [each for each in reference() if each.name == "14 days"]

    assert all(unit in lengths.meaning for unit in TimeUnit)


def parts() -> list[object]:
    return [part for each in reference() for part in parts_of(parse(each.example))]


def test_every_kind_of_condition_and_value_is_in_an_example():
    seen = {type(part) for part in parts()}

    # Only YAML writes at_least.
    assert set(get_args(syntax.Test)) - {syntax.AtLeast} <= seen
    assert set(get_args(syntax.Value)) <= seen


def test_every_quantity_sign_and_window_is_in_an_example():
    quantities = {
        part.quantity for part in parts() if isinstance(part, syntax.Quantified)
    }
    signs = {part.operator for part in parts() if isinstance(part, syntax.Compare)}
    anchors = {part.anchor for part in parts() if isinstance(part, syntax.Since)}

    assert quantities == set(syntax.Quantity)
    assert signs >= {"=", "!=", "<", "<=", ">", ">=", "before", "after"}
    assert signs >= {"on or before", "on or after"}
    assert anchors >= {"stage entry", "creation"}


# ---- types ---------------------------------------------------------------------------

SAME = {
    Kind.NUMBER: "5",
    Kind.MONEY: "5",
    Kind.PERCENT: "5%",
    Kind.DATE: "2026-12-31",
    Kind.DATETIME: "now",
    Kind.YES_NO: "other",
    Kind.DURATION: "5 days",
}
ASKED = {
    Family.EQUAL: "x = {v}",
    Family.ORDER: "x >= {v}",
    Family.SEQUENCE: "x before {v}",
    Family.TEXT: 'x contains "a"',
    Family.MANY: 'x includes any of ["a"]',
    Family.TIME: "x within last 3 days",
    Family.YES_NO: "x is true",
}


def takes(kind: Kind, line: str) -> bool:
    deal = {name: FieldSpec(name, kind) for name in ("x", "other")}
    catalogue = Catalogue(deal, {}, {})
    try:
        check(parse(line.format(v=SAME.get(kind, '"a"'))), Scope(catalogue))
    except CheckError:
        return False
    return True


@pytest.mark.parametrize("kind", Kind)
def test_a_type_takes_the_operators_it_is_said_to_take_and_no_others(kind):
    said = {family for family in TYPES[kind].takes if family in ASKED}

    assert {family for family, line in ASKED.items() if takes(kind, line)} == said
    assert takes(kind, "x is filled")
    can_add = takes(kind, "x + x is filled") or takes(kind, "x + 3 days is filled")
    assert can_add == (Family.CALCULATE in TYPES[kind].takes)


def test_every_type_is_described():
    assert set(TYPES) == set(Kind)
    assert all(about.meaning.endswith(".") for about in TYPES.values())


def test_the_entry_of_a_type_says_what_it_takes():
    (found,) = [each for each in reference() if each.name == "number"]

    assert found.meaning == (
        "A plain number. Takes = != in, < <= > >= between, + - * /."
    )
    assert found.group.value == "types"
