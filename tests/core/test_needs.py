"""What several checks read together."""

from __future__ import annotations

from gatekeeper.core.pack import Needs

ROLE = {"contacts": frozenset({"role"})}
BOTH = {"contacts": frozenset({"role", "title"}), "meetings": frozenset[str]()}


def test_two_needs_together_read_all_that_either_reads() -> None:
    amount = Needs(frozenset({"amount"}), ROLE, frozenset({"stage"}))
    title = Needs(frozenset({"name"}), {"contacts": frozenset({"title"})})

    assert amount | title == Needs(
        frozenset({"amount", "name"}),
        {"contacts": frozenset({"role", "title"})},
        frozenset({"stage"}),
    )


def test_rows_that_are_only_counted_are_needed_too() -> None:
    counted = {"meetings": frozenset[str]()}
    assert (Needs() | Needs(collections=counted)).collections == counted
    assert (Needs(collections=ROLE) | Needs(collections=counted)).collections == {
        **ROLE,
        **counted,
    }


def test_what_is_read_already_adds_nothing() -> None:
    all_of_it = Needs(frozenset({"amount"}), BOTH, frozenset({"stage"}))

    for part in (
        Needs(frozenset({"amount"})),
        Needs(collections=ROLE),
        Needs(collections=BOTH),
        Needs(history=frozenset({"stage"})),
    ):
        assert all_of_it | part is all_of_it
        assert part | all_of_it == all_of_it
