"""Nothing a check may be made of is left out of the reference."""

from __future__ import annotations

from typing import get_args

import pytest

from gatekeeper.core.catalogue import BUILT_IN, Catalogue, FieldSpec, Kind
from gatekeeper.language import syntax
from gatekeeper.language.checker import check
from gatekeeper.language.functions import AGGREGATES, FUNCTIONS
from gatekeeper.language.parser import parse
from gatekeeper.language.reference import Entry, Group, reference
from gatekeeper.language.scope import Scope
from gatekeeper.language.tokens import KEYWORDS
from gatekeeper.language.walk import parts_of

NOT_A_CHECK = {Group.FUNCTION, Group.ROWS}
LATER = {syntax.Changed}  # asks for history

CATALOGUE = Catalogue(
    {
        **BUILT_IN.deal,
        **{
            name: FieldSpec(name, kind)
            for name, kind in {
                "discount": Kind.PERCENT,
                "contact_roles": Kind.MULTI_PICKLIST,
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


def as_check(entry: Entry) -> str:
    if entry.group not in NOT_A_CHECK:
        return entry.example
    return entry.example if entry.name == "text_like" else f"{entry.example} is filled"


@pytest.mark.parametrize("entry", reference(), ids=lambda entry: entry.name)
def test_an_example_is_a_check_without_a_mistake(entry):
    assert check(parse(as_check(entry)), Scope(CATALOGUE)).warnings == ()


@pytest.mark.parametrize("entry", reference(), ids=lambda entry: entry.name)
def test_an_entry_says_everything_in_whole_sentences(entry):
    assert entry.meaning.endswith(".")
    assert entry.signature
    if entry.group in NOT_A_CHECK:
        assert entry.name in entry.example


def test_every_function_is_there():
    names = {entry.name for entry in reference()}

    assert {*FUNCTIONS, *AGGREGATES, "text_like"} <= names


def test_every_word_of_the_grammar_is_in_an_example_or_a_signature():
    said = " ".join(f"{each.example} {each.signature}" for each in reference())
    words = set(said.replace("(", " ").replace(")", " ").split())

    # "since" asks for history
    assert set(KEYWORDS) - {"since"} <= words | {"last", "next"}


def test_every_kind_of_condition_is_in_an_example():
    seen = {
        type(part) for each in reference() for part in parts_of(parse(as_check(each)))
    }

    assert set(get_args(syntax.Test)) - LATER - {syntax.Truthy} <= seen | {
        syntax.Truthy
    }


def test_every_quantity_and_sign_is_in_an_example():
    parts = [part for each in reference() for part in parts_of(parse(as_check(each)))]
    quantities = {
        part.quantity for part in parts if isinstance(part, syntax.Quantified)
    }
    signs = {part.operator for part in parts if isinstance(part, syntax.Compare)}

    assert quantities == set(syntax.Quantity)
    assert signs >= {"=", "!=", "<", "<=", ">", ">=", "before", "after"}
    assert signs >= {"on or before", "on or after"}
