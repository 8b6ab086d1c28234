"""What names mean where nothing is said of them."""

from __future__ import annotations

from decimal import Decimal

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker import check
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec, ParamSpec, Scope
from tests.language.scopes import CATALOGUE


def test_a_parameter_is_undecided_until_it_has_a_value_or_a_field_that_chooses() -> (
    None
):
    assert ParamSpec("least", Kind.NUMBER).is_undecided
    assert not ParamSpec("least", Kind.NUMBER, Decimal(0)).is_undecided
    assert not ParamSpec("least", Kind.NUMBER, by="amount").is_undecided


def test_a_parameter_is_one_value_of_no_known_place_unless_that_is_said() -> None:
    least = ParamSpec("least", Kind.NUMBER)
    assert (least.is_list, least.place, least.by) == (False, "", None)
    assert (least.values, least.bands, least.otherwise) == (None, None, None)
    assert DefineSpec("big", parse("amount > 5")).place == ""


def test_a_scope_without_more_is_that_of_a_salesforce_org_nobody_looked_at() -> None:
    scope = Scope(CATALOGUE)
    assert (scope.schema, scope.crm, scope.stage) == (None, "salesforce", None)
    assert (scope.pipelines, scope.params, scope.defines) == ({}, {}, {})


def test_what_was_worked_out_in_a_scope_makes_it_no_other_one() -> None:
    used, fresh = Scope(CATALOGUE), Scope(CATALOGUE)
    check(parse("amount > 5"), used)
    assert used.kept != fresh.kept
    assert used == fresh
