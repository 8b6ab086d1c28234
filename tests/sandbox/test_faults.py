from __future__ import annotations

import pytest

from gatekeeper.sandbox.faults import Faults, FaultSpecError, parse_fault
from gatekeeper.sandbox.salesforce.fault_menu import SALESFORCE_FAULTS


def test_a_fault_names_route_kind_count_and_delay():
    fault = parse_fault("querymore:locator_expired:2:after=3", SALESFORCE_FAULTS)
    assert (fault.route, fault.kind, fault.left, fault.after) == (
        "querymore",
        "locator_expired",
        2,
        3,
    )
    assert parse_fault("query:slow=1.5", SALESFORCE_FAULTS).seconds == 1.5


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            "querry:401",
            "fault 'querry:401': there is no route 'querry'; routes are any,",
        ),
        ("query:402:1", "fault 'query:402:1': there is no kind '402'; kinds are 401,"),
        ("query:401:0", "fault 'query:401:0': the count must be at least 1"),
        ("query:401:x", "fault 'query:401:x': the count must be a whole number"),
        ("query:slow", "fault 'query:slow': slow= needs seconds, as in slow=1.5"),
        ("query:401:after=1.5", "after= needs a whole number"),
        ("query:lock_row", "'lock_row' refuses records; it needs one of any, coll"),
    ],
)
def test_a_fault_that_cannot_be_read_says_how_to_write_it(spec: str, message: str):
    with pytest.raises(FaultSpecError) as caught:
        parse_fault(spec, SALESFORCE_FAULTS)
    assert message in str(caught.value)


def test_a_fault_strikes_its_route_alone_as_often_as_ordered():
    faults = Faults(SALESFORCE_FAULTS)
    faults.add("query:401:2")
    assert faults.take_request("token") == []
    kinds = [[f.kind for f in faults.take_request("query")] for _ in range(3)]
    assert kinds == [["401"], ["401"], []]


def test_a_fault_waits_for_the_calls_it_was_told_to_let_pass():
    faults = Faults(SALESFORCE_FAULTS)
    faults.add("collections:500:1:after=2")
    struck = [bool(faults.take_request("collections")) for _ in range(4)]
    assert struck == [False, False, True, False]


def test_a_fault_without_a_count_lasts_until_cleared():
    faults = Faults(SALESFORCE_FAULTS)
    faults.add("any:503html")
    assert all(faults.take_request("limits") for _ in range(5))
    faults.clear()
    assert faults.take_request("limits") == []


def test_faults_of_records_and_of_requests_do_not_use_each_other_up():
    faults = Faults(SALESFORCE_FAULTS)
    faults.add("collections:lock_row:1")
    assert faults.take_request("collections") == []
    assert faults.take_chunk("collections") is None
    taken = faults.take_record("collections")
    assert taken is not None
    assert taken.kind == "lock_row"
    assert faults.take_record("collections") is None
