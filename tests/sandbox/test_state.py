from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.state import PackedRow, Row, State, Table


def ids(rows: object) -> list[object]:
    assert not isinstance(rows, str)
    return [row["Id"] for row in rows]  # type: ignore[attr-defined]


def test_an_absent_field_of_a_row_is_none_and_takes_no_room():
    row = Row(Id="1")
    assert row["Amount"] is None
    assert len(row) == 1


def test_rows_come_in_the_order_of_their_ids():
    table = Table()
    for record_id in ("c", "a", "B"):
        table.put(record_id, Row(Id=record_id))
    assert ids(table.in_order()) == ["B", "a", "c"]
    table.put("a", None)
    assert ids(table.in_order()) == ["B", "c"]


def test_an_index_follows_changes_and_removals():
    table = Table()
    table.put("1", Row(Id="1", Owner="ann"))
    assert ids(table.matching("Owner", ["ann"])) == ["1"]
    table.put("1", Row(Id="1", Owner="bob"))
    table.put("2", Row(Id="2", Owner="bob"))
    assert ids(table.matching("Owner", ["ann"])) == []
    assert ids(table.matching("Owner", ["bob"])) == ["1", "2"]
    table.put("1", None)
    assert ids(table.matching("Owner", ["bob"])) == ["2"]


def test_a_folded_index_finds_any_case_and_a_plain_one_only_its_own():
    table = Table()
    table.put("1", Row(Id="1", Key="Abc"))
    assert ids(table.matching("Key~", ["aBC"])) == ["1"]
    assert ids(table.matching("Key", ["aBC"])) == []


def test_a_failed_transaction_leaves_no_trace():
    state = State()
    state.put("Task", "1", Row(Id="1", Status="Open"))

    def fail() -> None:
        with state.transaction():
            state.put("Task", "1", Row(Id="1", Status="Completed"))
            state.put("Task", "2", Row(Id="2"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert state.tables["Task"].in_order() == [{"Id": "1", "Status": "Open"}]


def test_an_inner_transaction_that_held_is_undone_with_the_outer_one():
    state = State()
    with state.transaction() as outer:
        with state.transaction():
            state.put("Task", "1", Row(Id="1"))
        outer.doom()
    assert len(state.tables["Task"]) == 0


def test_a_doomed_inner_transaction_leaves_the_outer_one_whole():
    state = State()
    with state.transaction():
        state.put("Task", "1", Row(Id="1"))
        with state.transaction() as inner:
            state.put("Task", "2", Row(Id="2"))
            inner.doom()
    assert ids(state.tables["Task"].in_order()) == ["1"]


writes = st.lists(
    st.tuples(st.sampled_from("abcd"), st.none() | st.sampled_from("xyz")), max_size=20
)


@given(before=writes, inside=writes)
def test_undoing_restores_rows_and_indexes_whatever_was_written(
    before: list[tuple[str, str | None]], inside: list[tuple[str, str | None]]
):
    state = State()

    def write(steps: list[tuple[str, str | None]]) -> None:
        for record_id, owner in steps:
            row = None if owner is None else Row(Id=record_id, Owner=owner)
            state.put("Task", record_id, row)

    def seen() -> tuple[object, object]:
        table = state.tables["Task"]
        indexed = {
            o: sorted(map(str, ids(table.matching("Owner", [o])))) for o in "xyz"
        }
        return list(table.in_order()), indexed

    write(before)
    expected = seen()
    with state.transaction() as transaction:
        write(inside)
        transaction.doom()
    assert seen() == expected


def test_a_packed_row_reads_and_changes_like_any_other():
    places = {"Id": 0, "Name": 1}
    first, second = PackedRow(places, ["1", "Ann"]), PackedRow(places, ["2", None])
    assert (first["Name"], second["Name"], first["Amount"]) == ("Ann", None, None)
    first["Amount"] = 5.0
    assert (first["Amount"], second["Amount"]) == (5.0, None)
    assert dict(second) == {"Id": "2"}
    del first["Name"]
    assert Row(first) == {"Id": "1", "Amount": 5.0}
