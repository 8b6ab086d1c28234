"""The page of promises says what the tests say, and every name on it exists."""

from __future__ import annotations

import ast

from tests.promises.marks import Defence, defences, marked, on_postgres
from tests.promises.played import PLAYED
from tests.promises.rows import ABSENT, FAULTS, IDS
from tests.promises.table import PAGE, page, undefended
from tests.simulation.nights import schedule as nights
from tests.simulation.schedule import KINDS

SOURCE = """
import pytest

pytestmark = [pytest.mark.promise("W1"), pytest.mark.slow]

@pytest.mark.promise("F02", "F03")
def test_one(): ...

def test_two(): ...

def builds(): ...
"""


def test_the_page_is_what_the_marks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(defences(), PLAYED), (
        "write it anew: python -m tests.promises"
    )


def test_every_mark_names_a_promise() -> None:
    assert defences().keys() <= IDS


def test_the_simulation_plays_events_that_it_has() -> None:
    assert PLAYED.keys() <= FAULTS.keys()
    events = {event for events in PLAYED.values() for event in events}
    assert events <= KINDS.keys() | nights.KINDS.keys()


def test_a_mark_stands_on_a_test_or_on_its_file() -> None:
    assert sorted(marked(ast.parse(SOURCE))) == [
        ("F02", "test_one"),
        ("F03", "test_one"),
        ("W1", "test_one"),
        ("W1", "test_two"),
    ]


def test_a_promise_without_a_test_says_none() -> None:
    defended = {"W1": [Defence("core/test_a.py", "test_one_task")]}
    played = {"F01": ["kill before"]}

    text = page(defended, played)

    assert "stays so | none |" in text
    assert "made again | `core/test_a.py` | one task |" in text
    assert '| F01 | killed before the intent is committed | simulation | "kill' in text
    assert not {"W1", "F01"} & set(undefended(defended, played))
    assert {"W7", "F02", "S30"} <= set(undefended(defended, played))


def test_real_processes_meet_many_faults_on_postgresql_and_the_stops_among_them() -> (
    None
):
    faults = on_postgres()

    assert len(faults) >= 8
    assert {"F14", "F15", "F16", "F29", "F30", "F38"} <= set(faults) <= FAULTS.keys()


def test_a_part_that_does_not_exist_is_said_so_where_a_test_keeps_it_so() -> None:
    kept = {
        each: [Defence("worker/test_listening.py", "test_no_page")] for each in ABSENT
    }

    text = page(kept, {})

    assert "| S21 | inbound webhooks are signed, fresh, and only hints |" in text
    assert "only hints | not part of the product: no webhook |  |" in text
    assert not ABSENT.keys() & set(undefended(kept, {}))
    assert "only hints | none |  |" in page({}, {})


def test_the_only_thing_that_listens_is_held_to_the_rows_of_absent_parts() -> None:
    found = defences()

    for absent in ABSENT:
        tests = {each.test for each in found[absent]}
        assert "test_no_other_module_serves_anything" in tests


def test_the_page_says_what_each_simulator_plays() -> None:
    text = page({}, {})

    assert "| F19 | - | another org | - |\n" in text
    assert "| F34 | - | - | manager leaves |\n" in text
